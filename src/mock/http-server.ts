/** Serves a request handler on a port, by node:http. No request can crash the process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResponseResult } from '../testing/apply-fault.js';
import type { RequestHandler } from '../testing/handle-request.js';
import { MAX_BODY_BYTES } from '../testing/parse-request.js';
import { errorResponse, type FakeHttpResponse } from '../testing/responses.js';
import { MAX_TIMER_MS } from '../util/abort.js';

export interface ListenOptions {
  /** 0 picks a free port. */
  port: number;
  host: string;
  /** Whether web pages of any origin may send requests. */
  cors?: boolean;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws the node:http error if listening fails */
export async function listen(
  handleRequest: RequestHandler,
  { port, host, cors = false }: ListenOptions,
): Promise<RunningServer> {
  const server = createServer((request, response) => {
    serve(handleRequest, cors, request, response).catch(() => {
      // Hide the cause from the caller: it may quote the request.
      if (!response.headersSent) send(response, errorResponse(500, 'Internal error of the mock', '00000000'));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve());
  });
  const { address, family, port: actualPort } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handleRequest: RequestHandler, cors: boolean, request: IncomingMessage, response: ServerResponse) {
  const { method = 'GET', url = '/', headers, socket } = request;
  if (cors) allowAnyOrigin(response);
  if (cors && method === 'OPTIONS' && headers['access-control-request-method'])
    return send(response, preflightResponse(headers['access-control-request-headers']));
  let body: string | undefined = '';
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    try {
      body = await readBody(request);
    } catch {
      return; // the client closed the connection
    }
  }
  const header = (name: string) => headers[name] as string | undefined;
  const result = await handleRequest({ method, target: url, header, body });
  if (result.kind === 'response') return sendResult(response, result);
  // An accepted connection can't be refused: 'connection-refused' is a reset on a port.
  if (result.kind !== 'hang') socket.resetAndDestroy();
}

/** Returns undefined for a body that is too large, but reads it to its end: otherwise the client misses the response. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString() : undefined;
}

function sendResult(out: ServerResponse, { response, truncated, slowBodyMs }: ResponseResult): void {
  if (!truncated && slowBodyMs === undefined) {
    send(out, response);
    return;
  }
  const bytes = Buffer.from(response.body);
  const half = bytes.length >> 1;
  // A truncated response announces one byte more than it has, so that an empty body can be truncated too.
  const length = truncated ? bytes.length + 1 : bytes.length;
  out.writeHead(response.status, { ...response.headers, 'content-length': length });
  out.write(bytes.subarray(0, half), () => truncated && out.socket?.resetAndDestroy());
  if (half === 0) out.flushHeaders();
  if (slowBodyMs === undefined || slowBodyMs > MAX_TIMER_MS) return;
  const timer = setTimeout(() => out.end(bytes.subarray(half)), slowBodyMs);
  out.once('close', () => clearTimeout(timer));
}

function send(response: ServerResponse, { status, headers, body }: FakeHttpResponse): void {
  // Neither status has a body; a 304 describes the one that it doesn't have (RFC 9110, section 8.6).
  const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
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
