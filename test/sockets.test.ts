/** The same promises on real sockets: what undici, the kernel and a peer do is not made up here. */
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type ClientOptions, createSecretsClient } from 'cortex-secrets';
import { afterEach, describe, expect, test } from 'vitest';
import { KEY, rejectionOf, secret, VALUE } from './support/helpers.js';

const servers: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function listening<S extends Server | TcpServer>(server: S): Promise<{ server: S; url: string }> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const http = (listener: RequestListener) => listening(createServer(listener));

/** A peer that speaks in bytes. Is called once a request has come in whole. */
async function tcp(onRequest: (socket: Socket, count: number) => void) {
  let count = 0;
  return {
    ...(await listening(
      createTcpServer((socket) => {
        let got = '';
        socket.on('data', (data) => {
          got += data;
          const end = got.indexOf('\r\n\r\n');
          const length = Number(/content-length: (\d+)/i.exec(got)?.[1] ?? 0);
          if (end >= 0 && got.length >= end + 4 + length) {
            got = '';
            onRequest(socket, ++count);
          }
        });
      }),
    )),
    count: () => count,
  };
}

const clientOf = (baseUrl: string, options: ClientOptions = {}) =>
  createSecretsClient({ apiKey: KEY, baseUrl, retry: { baseDelayMs: 1, maxDelayMs: 1 }, timeoutMs: 500, ...options });

const bodyOf = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

const good = JSON.stringify(secret(1));
const whole = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${good.length}\r\n\r\n${good}`;
const calls = {
  GET: (url: string, options?: ClientOptions) => clientOf(url, options).get('a'),
  PUT: (url: string, options?: ClientOptions) => clientOf(url, options).update('a', { secret: VALUE }),
  DELETE: (url: string, options?: ClientOptions) => clientOf(url, options).delete('a'),
  POST: (url: string, options?: ClientOptions) => clientOf(url, options).create({ tag: 't', name: 'n', secret: VALUE }),
};
type Method = keyof typeof calls;
const methods = Object.keys(calls) as Method[];

describe('a connection that is never made', () => {
  test('refused: repeated for every method, and not sent', async () => {
    for (const method of methods) {
      expect(await rejectionOf(calls[method]('http://127.0.0.1:2'))).toMatchObject({
        name: 'ConnectionError',
        code: 'ECONNREFUSED',
        outcome: 'not-sent',
        attempts: 4,
      });
    }
  });

  test('no such host: repeated, and not sent', async () => {
    const error = await rejectionOf(
      clientOf('https://no-such-host.invalid', { timeoutMs: 10_000 }).create({ tag: 't', name: 'n', secret: VALUE }),
    );
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', attempts: 4 });
    expect(error.code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  test('a certificate that nobody vouches for: not repeated, not sent', async () => {
    const fixture = (name: string) => readFileSync(new URL(`./support/fixtures/self-signed.${name}`, import.meta.url));
    const { url } = await listening(
      createTlsServer({ key: fixture('key'), cert: fixture('crt') }, () =>
        expect.unreachable('a request came through'),
      ),
    );
    for (const method of methods) {
      expect(await rejectionOf(calls[method](url.replace('http:', 'https:')))).toMatchObject({
        name: 'ConnectionError',
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        outcome: 'not-sent',
        attempts: 1,
      });
    }
  });

  test('a port that fetch refuses: not repeated, not sent', async () => {
    const error = await rejectionOf(calls.POST('http://127.0.0.1:6000'));
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', attempts: 1 });
  });
});

const head = (length: number) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
const broken: [string, (socket: Socket) => void, boolean][] = [
  ['reset after the request', (socket) => socket.resetAndDestroy(), false],
  ['closed after the request', (socket) => socket.end(), false],
  ['cut in the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'), false],
  ['cut in the body', (socket) => socket.end(`${head(good.length)}${good.slice(0, 10)}`), false],
  [
    'reset in the body',
    (socket) => socket.write(`${head(good.length)}${good.slice(0, 10)}`, () => socket.resetAndDestroy()),
    false,
  ],
  [
    'cut in a chunked body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n'),
    false,
  ],
  ['no HTTP at all', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), false],
  ['no answer', () => {}, true],
  ['headers, then silence', (socket) => socket.write(head(good.length)), true],
  ['half a body, then silence', (socket) => socket.write(`${head(good.length)}${good.slice(0, 10)}`), true],
];

describe('an answer that does not come, or not whole', () => {
  test.each(broken)('%s: repeated but for a create, whose outcome is unknown', async (_, act, timedOut) => {
    for (const method of methods) {
      const peer = await tcp((socket) => act(socket));
      const error = await rejectionOf(calls[method](peer.url, { timeoutMs: timedOut ? 60 : 2000 }));
      expect([method, error.name, error.outcome, error.timedOut]).toEqual([
        method,
        'ConnectionError',
        'unknown',
        timedOut,
      ]);
      expect([method, peer.count()]).toEqual([method, method === 'POST' ? 1 : 4]);
    }
  });

  test.each(broken)('%s, once: the next attempt gets the answer', async (_, act, timedOut) => {
    const peer = await tcp((socket, count) => (count === 1 ? act(socket) : socket.end(whole)));
    expect(await calls.GET(peer.url, { timeoutMs: timedOut ? 100 : 2000 })).toEqual(secret(1));
    expect(peer.count()).toBe(2);
  });

  test('reset before any byte of the request was read', async () => {
    let connections = 0;
    const { url } = await listening(
      createTcpServer((socket) => {
        connections++;
        socket.resetAndDestroy();
      }),
    );
    // The kernel tells of the reset while it connects, and then nothing was sent; or later, and then nobody knows.
    const error = await rejectionOf(calls.POST(url));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: connections });
    expect([error.outcome, connections]).toEqual(connections === 1 ? ['unknown', 1] : ['not-sent', 4]);
    expect(await rejectionOf(calls.GET(url))).toMatchObject({ name: 'ConnectionError', attempts: 4 });
  });

  test('a body that trickles is bounded all the same', async () => {
    const peer = await tcp((socket) => {
      socket.write(head(1000));
      const timer = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const begin = performance.now();
    const error = await rejectionOf(calls.GET(peer.url, { timeoutMs: 200, retry: false }));
    expect(error).toMatchObject({ timedOut: true });
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('an error whose body is cut is the error that it is', async () => {
    const peer = await tcp((socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\n{"message":"No permiss'),
    );
    expect(await rejectionOf(calls.GET(peer.url))).toMatchObject({
      status: 403,
      details: '{"message":"No permiss',
      attempts: 1,
    });
  });

  test('a 429 whose body is cut is repeated for a create: it was turned away', async () => {
    const peer = await tcp((socket, count) =>
      socket.end(count === 1 ? 'HTTP/1.1 429 Too Many\r\nContent-Length: 500\r\n\r\nslow do' : whole),
    );
    expect(await calls.POST(peer.url)).toEqual(secret(1));
  });
});

describe('a request is ended, not left alone', () => {
  test.each(['timeout', 'abort', 'deadline'])('by %s: its socket is closed', async (way) => {
    let closed: Promise<unknown> | undefined;
    const peer = await tcp((socket) => {
      socket.write(head(100));
      closed = once(socket, 'close');
    });
    const controller = new AbortController();
    if (way === 'abort') setTimeout(() => controller.abort(new Error('left')), 60);
    const limits = way === 'timeout' ? { timeoutMs: 60 } : way === 'deadline' ? { deadlineMs: 60 } : {};
    const secrets = clientOf(peer.url, { retry: false, timeoutMs: 5000 });
    const error = await rejectionOf(secrets.get('a', { signal: controller.signal, ...limits }));
    expect(error.message).toMatch(/left|60 ms/);
    await closed;
  });
});

describe('sockets that serve again', () => {
  test('the body of an answer that is thrown away is read to its end', async () => {
    let connections = 0;
    let requests = 0;
    const { url, server } = await http((_, response) => {
      if (++requests % 4 !== 0) response.writeHead(503).end('x'.repeat(50_000));
      else response.end(good);
    });
    server.on('connection', () => connections++);
    const secrets = clientOf(url);
    for (let i = 0; i < 5; i++) expect(await secrets.get('a')).toEqual(secret(1));
    // One, or one more where a request was faster than the end of the response before it.
    expect([requests, connections <= 2]).toEqual([20, true]);
  });

  test('but one of more than 64 kB is not', async () => {
    let written = 0;
    const { url } = await http(async (_, response) => {
      response.writeHead(503);
      const closed = once(response, 'close');
      const chunk = Buffer.alloc(50_000, 120);
      while (!response.destroyed && written < 64_000_000) {
        await Promise.race([new Promise((done) => response.write(chunk, done)), closed]);
        written += chunk.length;
      }
    });
    const error = await rejectionOf(calls.POST(url, { timeoutMs: 10_000 }));
    expect(error).toMatchObject({ status: 503, outcome: 'unknown' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    // What the kernel's buffers take on the way, and not what the server would like to send.
    expect(written).toBeLessThan(8_000_000);
  });

  test('a server that closes idle connections costs no call: keep-alive races are repeated', async () => {
    const peer = await tcp((socket, count) => {
      socket.write(whole);
      // Closes just as the next request may be on its way.
      if (count % 3 === 0) setTimeout(() => socket.destroy(), 1);
    });
    const secrets = clientOf(peer.url);
    for (let i = 0; i < 60; i++) expect(await secrets.get('a')).toEqual(secret(1));
  });
});

describe('large and packed answers', () => {
  test('an answer of more than 16 MiB is cut off', async () => {
    let sent = 0;
    const { url } = await http(async (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 32);
      const closed = once(response, 'close');
      while (!response.destroyed && sent < 64) {
        sent++;
        await Promise.race([new Promise((written) => response.write(chunk, written)), closed]);
      }
      response.end();
    });
    const error = await rejectionOf(clientOf(url, { timeoutMs: 10_000 }).list());
    expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown', attempts: 1 });
    expect(error.message).toContain('is larger than 16 MiB');
    expect(sent).toBeLessThan(64);
  });

  test('an answer of almost 16 MiB is read', async () => {
    const name = 'n'.repeat(15 * 1024 * 1024);
    const page = { page: 0, secrets: [{ ...secret(1), name }], total: 1, totalPages: 1 };
    const { url } = await http((_, response) => response.end(JSON.stringify(page)));
    expect((await clientOf(url, { timeoutMs: 10_000 }).list()).secrets[0]?.name).toHaveLength(name.length);
  });

  test('one secret may have at most 1 MiB', async () => {
    const { url } = await http((_, response) =>
      response.end(JSON.stringify({ ...secret(1), name: 'n'.repeat(2 ** 20) })),
    );
    const error = await rejectionOf(clientOf(url, { timeoutMs: 10_000 }).get('a'));
    expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown' });
    expect(error.message).toContain('is larger than 1 MiB');
  });

  test('gzip is unpacked, for the methods and for api', async () => {
    const packed = gzipSync(good);
    const { url } = await http((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed),
    );
    const secrets = clientOf(url);
    expect(await secrets.get('a')).toEqual(secret(1));
    const { data } = await secrets.api.GET('/api/v1/secrets/{tagOrId}', { params: { path: { tagOrId: 'a' } } });
    expect(data).toEqual(secret(1));
  });

  test('text outside ASCII comes through whole, wherever it is cut into chunks', async () => {
    const name = 'ключ 🔑 ключ';
    const bytes = Buffer.from(JSON.stringify({ ...secret(1), name }));
    const { url } = await http(async (_, response) => {
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    expect((await clientOf(url).get('a')).name).toBe(name);
  });
});

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%i: neither key nor value travels', async (status) => {
    const stolen: unknown[] = [];
    const thief = await http(async (request, response) => {
      stolen.push([request.headers, await bodyOf(request)]);
      response.end(good);
    });
    const { url } = await http((_, response) => response.writeHead(status, { location: `${thief.url}/take?q` }).end());
    for (const method of methods) {
      const error = await rejectionOf(calls[method](url));
      const outcome = status < 307 && method !== 'GET' ? 'unknown' : 'rejected';
      expect(error).toMatchObject({ name: 'ApiError', status, outcome, attempts: 1 });
      expect(error.message).toContain(`redirect to ${thief.url} was not followed`);
    }
    const raw = clientOf(url).api.POST('/api/v1/secrets', { body: { tag: 't', name: 'n', secret: VALUE } });
    expect(await rejectionOf(raw)).toMatchObject({ name: 'ApiError', status });
    expect(stolen).toEqual([]);
  });
});

describe('one signal for many calls', () => {
  test('keeps no listener, and Node has nothing to warn of', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const { url } = await http((_, response) => void setTimeout(() => response.end(good), 5));
    const { signal } = new AbortController();
    const secrets = clientOf(url);
    const params = { path: { tagOrId: 'a' } };
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        await secrets.get('a', { signal, deadlineMs: 5000 });
        await secrets.api.GET('/api/v1/secrets/{tagOrId}', { params, signal });
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('warning', listen);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('its abort ends all of them', async () => {
    const { url } = await http(() => {});
    const controller = new AbortController();
    const secrets = clientOf(url, { timeoutMs: 5000 });
    const failures = Array.from({ length: 40 }, () => rejectionOf(secrets.get('a', { signal: controller.signal })));
    const reason = new Error('left');
    setTimeout(() => controller.abort(reason), 20);
    for (const failure of failures) expect(await failure).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});
