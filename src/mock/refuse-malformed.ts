/** Responds to what is not HTTP/1.1, so that its sender learns what to change. */
import type { Duplex } from 'node:stream';
import { errorResponse } from '../testing/responses.js';
import type { LogRequest } from './request-log.js';

/** How long the sender may take to read the response and close the connection. */
const LINGER_MS = 5_000;

export function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  logRequest: LogRequest | undefined,
): void {
  // Bytes after the first malformed ones are another error; a broken connection has nobody to respond to.
  if (socket.writableEnded || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isHttp2 = error.code === 'HPE_PAUSED_H2_UPGRADE';
  const status = STATUS[error.code ?? ''] ?? 400;
  logRequest?.({ method: '-', target: undefined, status: isHttp2 ? 'HTTP/2 refused' : String(status), durationMs: 0 });
  socket.end(isHttp2 ? HTTP2_REFUSAL : httpResponse(status));
  socket.resume(); // unread bytes would make the close a reset, and the response would be lost
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** As node:http responds itself. */
const STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

function httpResponse(status: number): string {
  const { headers, body } = errorResponse(status, 'The request is not well-formed HTTP/1.1', '00000000');
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  return `HTTP/1.1 ${status} Error\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/**
 * A client that begins with the preface of HTTP/2 (RFC 9113, section 3.4) understands frames only: an empty SETTINGS, and
 * a GOAWAY with the error HTTP_1_1_REQUIRED and a text, which Go, Node and others show.
 */
const HTTP2_REFUSAL = Buffer.concat([
  http2Frame(4, Buffer.alloc(0)),
  http2Frame(7, Buffer.concat([uint32(0), uint32(0xd), Buffer.from('The mock has HTTP/1.1 only')])),
]);

function http2Frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9); // flags and stream are 0
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  return Buffer.concat([header, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
