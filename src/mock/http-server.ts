/** Serves a request handler on a port, by node:http or node:https. No request can crash the process. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { decodeBody, MAX_BODY_BYTES } from '../testing/body.js';
import type { RequestHandler } from '../testing/handle-request.js';
import type { RequestProblem } from '../testing/request-problem.js';
import { errorResponse, type FakeHttpResponse, jsonResponse } from '../testing/responses.js';
import { breakConnection, closeWithClient, rememberConnection } from './break-connection.js';
import { refuseMalformed } from './refuse-malformed.js';
import type { LogRequest } from './request-log.js';
import { send, sendResult } from './send-result.js';

export interface ListenOptions {
  /** 0 picks a free port. */
  port: number;
  host: string;
  /** Whether web pages of any origin may send requests. */
  cors?: boolean;
  /** Serves https with this certificate and its key, in PEM. */
  tls?: { cert: string; key: string } | undefined;
  /** The largest body that is read. @defaultValue that of the API */
  maxBodyBytes?: number;
  /** Called once for each request, as it ends. */
  logRequest?: LogRequest | undefined;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** More than the 60 s after which load balancers and clients such as Java's drop an idle connection: they close it first. */
const KEEP_ALIVE_MS = 65_000;

/** @throws the node:http error if listening fails */
export async function listen(handleRequest: RequestHandler, options: ListenOptions): Promise<RunningServer> {
  const { port, host, cors = false, tls, maxBodyBytes = MAX_BODY_BYTES, logRequest } = options;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (cors) allowAnyOrigin(response);
    if (isHealthCheck(request)) return send(response, HEALTHY);
    if (logRequest) logWhenClosed(logRequest, request, response);
    inOrder(request.socket, () => serve(handleRequest, { cors, maxBodyBytes }, request, response)).catch(() => {
      // Hide the cause from the caller: it may quote the request.
      if (!response.headersSent) send(response, errorResponse(500, 'Internal error of the mock', '00000000'));
      else response.destroy();
    });
  };
  const server: Server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1000; // a shorter one would end idle connections
  // A client may end its side once it has sent its request, and wait for the response: by default node:http drops it.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('clientError', (error, socket) => refuseMalformed(error, socket, logRequest));
  // node:http doesn't know the connections of a TLS handshake: close() would wait for them.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    if (tls) rememberConnection(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve());
  });
  const { address, family, port: actualPort } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** For load balancers, `docker compose` and scripts that wait: without a key, not recorded, not logged, never a fault. */
const HEALTHY = jsonResponse(200, '{"status":"ok"}');
const isHealthCheck = ({ method, url }: IncomingMessage) =>
  (method === 'GET' || method === 'HEAD') && url?.split('?')[0] === '/health';

function logWhenClosed(logRequest: LogRequest, request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '' } = request;
  const start = performance.now();
  response.once('close', () => {
    const { headersSent, writableFinished, statusCode } = response;
    const status = !headersSent ? 'no response' : writableFinished ? `${statusCode}` : `${statusCode} incomplete`;
    logRequest({ method, target: url, status, durationMs: performance.now() - start });
  });
}

async function serve(
  handleRequest: RequestHandler,
  { cors, maxBodyBytes }: { cors: boolean; maxBodyBytes: number },
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { method = 'GET', url = '/', headers, socket } = request;
  if (cors && method === 'OPTIONS' && headers['access-control-request-method'])
    return send(response, preflightResponse(headers['access-control-request-headers']));
  let body: string | RequestProblem = '';
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    try {
      body = await readBody(request, maxBodyBytes);
    } catch {
      return; // the client closed the connection
    }
  }
  const header = (name: string) => headers[name] as string | undefined;
  const result = await handleRequest({ method, target: url, header, body });
  if (result.kind === 'response') return sendResult(response, result);
  // An accepted connection can't be refused: the control port doesn't take 'connection refused'.
  if (result.kind === 'hang') closeWithClient(socket);
  else breakConnection(socket);
}

/** The last request of each connection. */
const lastOf = new WeakMap<Socket, Promise<unknown>>();

/**
 * Handles the pipelined requests of a connection one after the other (RFC 9112, section 9.3.2), until one of them breaks it.
 * Node hands them out together: the read of a body would let a request without one overtake it.
 */
function inOrder(socket: Socket, handle: () => Promise<void>): Promise<void> {
  const last = lastOf.get(socket);
  const next = last ? last.then(() => (socket.destroyed ? undefined : handle())) : handle();
  lastOf.set(
    socket,
    next.catch(() => {}),
  );
  return next;
}

/** Reads a body that is too large to its end, but doesn't keep it: otherwise the client misses the response. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | RequestProblem> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (size <= maxBytes) chunks.push(chunk);
    size += chunk.length;
  }
  return decodeBody(Buffer.concat(chunks), maxBytes);
}

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
function allowAnyOrigin(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'retry-after');
}

const preflightResponse = (requestHeaders: string | undefined): FakeHttpResponse => ({
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    // Echoed, since `*` does not include `authorization`.
    ...(requestHeaders && { 'access-control-allow-headers': requestHeaders }),
    'access-control-max-age': '600',
  },
  body: '',
});
