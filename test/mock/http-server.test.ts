/** The server of the mock: health, keep-alive, bytes of bodies, TLS, and an end that nothing delays. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get as httpsGet } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createCertificate } from './certificate.js';
import { ALL, AUTHORIZED, openSocket, startMock } from './support.js';

let mock: Awaited<ReturnType<typeof startMock>>;
afterEach(() => mock.close());

describe('GET /health', () => {
  test('responds with 200 without a key, and is not recorded, delayed, limited or failed', async () => {
    mock = await startMock({}, { latencyMs: 600_000, rateLimit: { requests: 0, perMs: 1000 } });
    mock.cortex.fail('any', { status: 503 });
    for (const path of ['/health', '/health?x=1']) {
      const response = await fetch(mock.url + path);
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    }
    expect((await fetch(`${mock.url}/health`, { method: 'HEAD' })).status).toBe(200);
    expect(mock.cortex.requests).toEqual([]);
    expect(mock.control.plannedFaults).toHaveLength(1);
  });

  test('has no other methods, and no paths below it', async () => {
    mock = await startMock();
    for (const [method, path] of [
      ['POST', '/health'],
      ['GET', '/health/x'],
      ['GET', '/healthy'],
    ] as const)
      expect((await fetch(`${mock.url}${path}`, { method })).status).toBe(404);
  });
});

test('an idle connection is kept for 65 s: load balancers close theirs after 60 s', async () => {
  mock = await startMock();
  const { headers } = await fetch(mock.url + ALL);
  expect(headers.get('keep-alive')).toBe('timeout=65');
});

test('a 401 has WWW-Authenticate', async () => {
  mock = await startMock();
  for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
    const response = await fetch(mock.url + ALL, { headers });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  }
  for (const [status, challenge] of [
    [401, 'Bearer'],
    [403, null],
  ] as const) {
    mock.cortex.fail('list', { status });
    const { headers } = await fetch(mock.url + ALL, { headers: { authorization: 'Bearer fake-api-key' } });
    expect(headers.get('www-authenticate')).toBe(challenge);
  }
});

test('a body that is not UTF-8 gets 400, and nothing is stored, also if chunks split its characters', async () => {
  mock = await startMock();
  const post = (body: Uint8Array) => {
    const { send, closed } = openSocket(mock.port);
    const head = `POST ${ALL} HTTP/1.1\r\n${AUTHORIZED}Content-Type: application/json\r\nConnection: close\r\n`;
    send(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    for (const byte of body) send('1\r\n', Uint8Array.of(byte), '\r\n');
    send('0\r\n\r\n');
    return closed.then(String);
  };
  const text = JSON.stringify({ tag: 'new', name: 'N', secret: 'p\u00e4ss\u{1f511}' });
  expect(await post(Buffer.from(text, 'latin1'))).toMatch(/^HTTP\/1\.1 400 .*The body is not UTF-8/s);
  expect(mock.cortex.storedValue('new')).toBeUndefined();
  expect(await post(Buffer.from(text))).toMatch(/^HTTP\/1\.1 200 /);
  expect(mock.cortex.storedValue('new')).toBe('p\u00e4ss\u{1f511}');
});

describe('pipelined requests', () => {
  const body = JSON.stringify({ tag: 'new', name: 'N', secret: 'v' });
  const post = `POST ${ALL} HTTP/1.1\r\n${AUTHORIZED}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const remove = `DELETE ${ALL}/new HTTP/1.1\r\n${AUTHORIZED}Connection: close\r\n\r\n`;

  test('are processed in order, also one with a body before one without', async () => {
    mock = await startMock();
    const { send, closed } = openSocket(mock.port);
    send(post + remove);
    expect(String(await closed).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(mock.cortex.requests.map(({ operation }) => operation)).toEqual(['create', 'delete']);
    expect(mock.cortex.storedValue('new')).toBeUndefined();
  });

  test('are not processed after one that breaks the connection', async () => {
    mock = await startMock();
    mock.cortex.fail('create', 'reset after processing');
    const { send, closed } = openSocket(mock.port);
    send(post + remove);
    expect(String(await closed)).toBe('');
    expect((await fetch(mock.url + ALL)).status).toBe(401);
    expect(mock.cortex.requests.map(({ operation }) => operation)).toEqual(['create', 'list']);
    expect(mock.cortex.storedValue('new')).toBe('v');
  });
});

test('close ends idle connections, requests in flight, and connections that have sent nothing', async () => {
  mock = await startMock({}, { latencyMs: 600_000 });
  const sockets = ['', 'GET / HT', `GET ${ALL} HTTP/1.1\r\n${AUTHORIZED}\r\n`].map((bytes) => {
    const socket = openSocket(mock.port);
    socket.send(bytes);
    return socket;
  });
  await Promise.all(sockets.map(({ socket }) => new Promise((resolve) => socket.once('ready', resolve))));
  await mock.close();
  await Promise.all(sockets.map(({ closed }) => closed));
});

const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-tls-'));
afterAll(() => rm(folder, { recursive: true }));
const files = createCertificate(folder);

describe.skipIf(!files)('TLS', () => {
  const tls = files && { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };

  test('serves https to a client that trusts the certificate', async () => {
    mock = await startMock({ tls });
    expect(mock.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const body = await new Promise((resolve, reject) => {
      const options = { ca: tls?.cert, headers: { authorization: 'Bearer fake-api-key' } };
      httpsGet(`${mock.url}${ALL}/my-secret`, options, (response) => {
        let text = '';
        response.on('data', (data) => (text += data)).on('end', () => resolve(text));
      }).on('error', reject);
    });
    expect(JSON.parse(String(body))).toMatchObject({ tag: 'my-secret' });
  });

  test.each(['reset before processing', 'reset after processing', 'truncated body'] as const)(
    'the fault "%s" breaks the connection by a reset, and the next request gets its response',
    async (fault) => {
      mock = await startMock({ tls });
      const request = () =>
        new Promise((resolve) => {
          const options = { ca: tls?.cert, agent: false, headers: { authorization: 'Bearer fake-api-key' } };
          const failed = (error: NodeJS.ErrnoException) => resolve(error.code);
          httpsGet(`${mock.url}${ALL}/my-secret`, options, (response) => {
            response.on('error', failed).on('end', () => resolve(response.statusCode));
            response.resume();
          }).on('error', failed);
        });
      mock.cortex.fail('get', fault);
      expect(await request()).toBe('ECONNRESET');
      expect(await request()).toBe(200);
      const status = fault === 'truncated body' ? 200 : undefined;
      expect(mock.cortex.requests.map((record) => record.status)).toEqual([status, 200]);
    },
  );

  test('close ends a connection within its handshake', async () => {
    mock = await startMock({ tls });
    const { socket, closed } = openSocket(mock.port);
    await new Promise((resolve) => socket.once('ready', resolve));
    await mock.close();
    expect(await closed).toHaveLength(0);
  });

  test('survives plain http', async () => {
    mock = await startMock({ tls });
    const { send, closed } = openSocket(mock.port);
    send(`GET ${ALL} HTTP/1.1\r\n${AUTHORIZED}\r\n`);
    expect(String(await closed)).not.toContain('200');
  });
});
