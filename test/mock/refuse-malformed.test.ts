/** What is not HTTP/1.1 gets an answer that its sender understands, and the connection is closed. */
import { connect as connectHttp2 } from 'node:http2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LoggedRequest } from '../../src/mock/request-log.js';
import { ALL, AUTHORIZED, openSocket, startMock } from './support.js';

let mock: Awaited<ReturnType<typeof startMock>>;
let logged: LoggedRequest[];
beforeEach(async () => {
  logged = [];
  mock = await startMock({ logRequest: (request) => logged.push(request) });
});
afterEach(async () => {
  expect((await fetch(`${mock.url}/health`)).status).toBe(200);
  await mock.close();
});

test('a client of HTTP/2 gets a GOAWAY with HTTP_1_1_REQUIRED and a text, and does not wait', async () => {
  const session = connectHttp2(mock.url);
  const goaway = new Promise<unknown[]>((resolve) => session.once('goaway', (...args) => resolve(args)));
  session.on('error', () => {});
  const request = session.request({ ':path': `${ALL}/my-secret` });
  const failed = new Promise<unknown>((resolve) => request.once('error', resolve).once('close', resolve));
  const [code, lastStream, text] = await goaway;
  expect([code, lastStream, String(text)]).toEqual([0xd, 0, 'The mock has HTTP/1.1 only']);
  await failed;
  session.destroy();
  expect(logged).toEqual([{ method: '-', target: undefined, status: 'HTTP/2 refused', durationMs: 0 }]);
  expect(mock.cortex.requests).toEqual([]);
});

test.each(['GET', 'POST'])('%s with Upgrade: h2c gets its response over HTTP/1.1, as Java needs it', async (method) => {
  const body = JSON.stringify({ tag: 'a', name: 'A', secret: 'v' });
  const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n';
  const length = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const { socket, until, send } = openSocket(mock.port);
  send(`${method} ${ALL} HTTP/1.1\r\n${AUTHORIZED}${upgrade}${method === 'POST' ? `${length}\r\n${body}` : '\r\n'}`);
  expect(await until(/\}$/)).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

test('malformed HTTP gets 400 with a JSON body, and the connection is closed', async () => {
  const { send, closed } = openSocket(mock.port);
  send('hello\r\n\r\n');
  const received = String(await closed);
  expect(received).toMatch(/^HTTP\/1\.1 400 Error\r\n.*connection: close\r\n\r\n/is);
  const body = received.slice(received.indexOf('{'));
  expect(JSON.parse(body)).toMatchObject({ message: 'The request is not well-formed HTTP/1.1', httpStatus: 400 });
  expect(received).toContain(`content-length: ${body.length}\r\n`);
});

test('headers that are too large get 431', async () => {
  const { send, closed } = openSocket(mock.port);
  send(`GET ${ALL} HTTP/1.1\r\n${AUTHORIZED}X: ${'x'.repeat(100_000)}\r\n\r\n`);
  expect(String(await closed)).toMatch(/^HTTP\/1\.1 431 /);
});
