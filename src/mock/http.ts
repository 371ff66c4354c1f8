/** The in-memory Cortex on a port, by node:http: a bridge, and nothing that a sender does ends it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { problem, type Reply } from '../testing/replies.js';
import { MAX_BODY_BYTES } from '../testing/requests.js';
import type { Outcome, Server } from '../testing/server.js';
import { MAX_TIMER_MS } from '../util/abort.js';

export interface ListenOptions {
  /** 0 takes any that is free. */
  port: number;
  host: string;
  /** Whether pages of any origin may call it from a browser. */
  cors?: boolean;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws what node:http says where it can't listen */
export async function listen(handle: Server, { port, host, cors = false }: ListenOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    serve(handle, cors, request, response).catch(() => {
      // Nobody is to know why, and no other request is to suffer from it.
      if (!response.headersSent) send(response, problem(500, 'The mock failed', '00000000'));
      else response.destroy();
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, host, () => listening());
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function serve(handle: Server, cors: boolean, request: IncomingMessage, response: ServerResponse) {
  const { method = 'GET', url = '/', headers, socket } = request;
  if (cors) allowAll(response);
  if (cors && method === 'OPTIONS' && headers['access-control-request-method'])
    return send(response, preflight(headers['access-control-request-headers']));
  let body: string | undefined = '';
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    try {
      body = await textOf(request);
    } catch {
      return; // the sender has left
    }
  }
  const header = (name: string) => headers[name] as string | undefined;
  const outcome = await handle({ method, target: url, header, body });
  if (outcome.kind === 'answer') return answer(response, outcome);
  if (outcome.kind !== 'hang') socket.resetAndDestroy();
}

/** Undefined for a body that is too large. It is read to its end all the same: else its sender would not get the answer. */
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString() : undefined;
}

function answer(response: ServerResponse, { reply, cut, slowBodyMs }: Extract<Outcome, { kind: 'answer' }>): void {
  if (!cut && slowBodyMs === undefined) {
    send(response, reply);
    return;
  }
  const bytes = Buffer.from(reply.body);
  const half = bytes.length >> 1;
  // What is promised is always more than what a cut answer brings.
  response.writeHead(reply.status, { ...reply.headers, 'content-length': cut ? bytes.length + 1 : bytes.length });
  response.write(bytes.subarray(0, half), () => cut && response.socket?.resetAndDestroy());
  if (half === 0) response.flushHeaders();
  if (slowBodyMs === undefined || slowBodyMs > MAX_TIMER_MS) return;
  const timer = setTimeout(() => response.end(bytes.subarray(half)), slowBodyMs);
  response.once('close', () => clearTimeout(timer));
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
function allowAll(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'retry-after');
}

const preflight = (wanted: string | undefined): Reply => ({
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    // The star that allows all does not allow `authorization`.
    ...(wanted && { 'access-control-allow-headers': wanted }),
    'access-control-max-age': '600',
  },
  body: '',
});
