/** Sends the response of the in-memory Cortex on a socket, complete or damaged. */
import type { ServerResponse } from 'node:http';
import type { ResponseResult } from '../testing/apply-fault.js';
import type { FakeHttpResponse } from '../testing/responses.js';
import { MAX_TIMER_MS } from '../util/abort.js';
import { breakConnection, closeWithClient } from './break-connection.js';

export function sendResult(out: ServerResponse, { response, truncated, slowBodyMs }: ResponseResult): void {
  const { status, headers, body } = response;
  const isWhole = !truncated && slowBodyMs === undefined;
  // A response without a body has nothing to damage: it ends with its headers (RFC 9112, section 6.3).
  if (isWhole || out.req.method === 'HEAD' || status === 204 || status === 304) {
    send(out, response);
    return;
  }
  const bytes = Buffer.from(body);
  const half = bytes.length >> 1;
  // A truncated response announces one byte more than it has, so that an empty body can be truncated too. An empty one
  // that is slow is chunked: with a length of 0 it would be complete, and the next response would wait behind it.
  const length = truncated ? bytes.length + 1 : bytes.length;
  out.writeHead(status, { ...headers, ...(length > 0 && { 'content-length': length }) });
  out.write(bytes.subarray(0, half), () => truncated && out.socket && breakConnection(out.socket));
  if (half === 0) out.flushHeaders();
  if (slowBodyMs === undefined) return;
  if (slowBodyMs > MAX_TIMER_MS) {
    closeWithClient(out.req.socket);
    return;
  }
  const timer = setTimeout(() => out.end(bytes.subarray(half)), slowBodyMs);
  out.once('close', () => clearTimeout(timer));
}

export function send(out: ServerResponse, { status, headers, body }: FakeHttpResponse): void {
  // Neither status has a body; a 304 describes the one that it doesn't have (RFC 9110, section 8.6).
  const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  out.writeHead(status, { ...headers, ...length }).end(body);
}
