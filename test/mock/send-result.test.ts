/** Damaged responses on real sockets, above all those without a body. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALL, AUTHORIZED, openSocket, startMock } from './support.js';

let mock: Awaited<ReturnType<typeof startMock>>;
beforeEach(async () => {
  mock = await startMock();
});
afterEach(() => mock.close());

const get = `GET ${ALL}/my-secret HTTP/1.1\r\n${AUTHORIZED}\r\n`;

test('a slow response without a body lasts as long, and the next request of its connection gets its response', async () => {
  const { socket, until, send } = openSocket(mock.port);
  mock.cortex.fail('delete', { slowBodyMs: 300 });
  const start = performance.now();
  send(`DELETE ${ALL}/my-secret HTTP/1.1\r\n${AUTHORIZED}\r\n`);
  const head = await until(/\r\n\r\n/);
  expect(head).toMatch(/^HTTP\/1\.1 200 .*\r\ntransfer-encoding: chunked\r\n/is);
  expect(head).not.toMatch(/content-length/i);
  // The body is complete only after the delay: until then a client waits, and sends nothing.
  await until(/\r\n\r\n0\r\n\r\n$/);
  expect(performance.now() - start).toBeGreaterThan(290);
  expect(mock.cortex.storedValue('my-secret')).toBeUndefined();
  send(get);
  await until(/HTTP\/1\.1 404 /);
  socket.destroy();
});

test.each(['HEAD', 'HEAD, truncated'])(
  '%s has no body to damage, and does not delay the next response',
  async (what) => {
    const { socket, until, send } = openSocket(mock.port);
    mock.cortex.fail('any', what === 'HEAD' ? { slowBodyMs: 600_000 } : 'truncated body');
    send(get.replace('GET', 'HEAD'), get);
    const received = await until(/\r\n\r\n\{.*\}$/s);
    expect(received.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(received.match(/\{/g)).toHaveLength(1);
    socket.destroy();
  },
);

test.each([
  ['{ delayMs }', { delayMs: 200 }],
  ['{ slowBodyMs }', { slowBodyMs: 200 }],
] as const)('a client that half-closes its connection gets the whole response of %s', async (_, fault) => {
  const { socket, closed } = openSocket(mock.port);
  mock.cortex.fail('get', fault);
  socket.end(get);
  expect(String(await closed)).toMatch(/^HTTP\/1\.1 200 .*\{.*\}$/s);
});

test.each([
  'hang before processing',
  'hang after processing',
  { delayMs: Number.POSITIVE_INFINITY },
  { slowBodyMs: Number.POSITIVE_INFINITY },
] as const)('%j ends with the connection of its client', async (fault) => {
  const { socket, closed } = openSocket(mock.port);
  mock.cortex.fail('get', fault);
  socket.end(get);
  expect(String(await closed)).not.toMatch(/\}$/);
});

test('{ delayMs } processes the request at once, and delays its response', async () => {
  const { socket, until, send } = openSocket(mock.port);
  mock.cortex.fail('delete', { delayMs: 200 });
  const start = performance.now();
  send(`DELETE ${ALL}/my-secret HTTP/1.1\r\n${AUTHORIZED}\r\n`);
  expect(await until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200 /);
  expect(performance.now() - start).toBeGreaterThan(190);
  expect(mock.cortex.requests).toMatchObject([{ operation: 'delete', status: 200, fault: { delayMs: 200 } }]);
  socket.destroy();
});
