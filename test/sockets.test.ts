/**
 * The client on real sockets: undici, the kernel and the peer are not simulated. No limit depends on the speed of the
 * machine: a time limit passes on a fake clock, after the event that the test is about.
 */
import { EventEmitter, getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type ClientOptions, createSecretsClient } from 'cortex-secrets';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KEY, rejectionOf, secret, VALUE } from './support/helpers.js';

/** Much more than an exchange on loopback takes. */
const TIMEOUT_MS = 15_000;

const servers: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  vi.useRealTimers();
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

/** A server that writes raw bytes: `onRequest` is called when a request has arrived completely. */
async function tcp(onRequest: (socket: Socket, count: number) => void) {
  let count = 0;
  return {
    ...(await listening(
      createTcpServer((socket) => {
        let received = '';
        socket.on('data', (data) => {
          received += data;
          const end = received.indexOf('\r\n\r\n');
          const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
          if (end >= 0 && received.length >= end + 4 + length) {
            received = '';
            onRequest(socket, ++count);
          }
        });
      }),
    )),
    count: () => count,
  };
}

const clientOf = (baseUrl: string, options: ClientOptions = {}) =>
  createSecretsClient({
    apiKey: KEY,
    baseUrl,
    retry: { baseDelayMs: 1, maxDelayMs: 1 },
    timeoutMs: TIMEOUT_MS,
    ...options,
  });

/** Retries without a timer: under a fake clock no delay would end. */
const retryAtOnce = { baseDelayMs: 0 };
const startFakeClock = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
/** Moves the fake clock past the time limit, after the client has handled what has arrived. */
const passTimeLimit = async () => {
  await setImmediate();
  vi.advanceTimersByTime(TIMEOUT_MS);
};
/** fetch that calls `onHeaders` when the headers of a response have arrived. */
const fetchWith =
  (onHeaders: () => void): NonNullable<ClientOptions['fetch']> =>
  async (url, init) => {
    const response = await fetch(url, init);
    onHeaders();
    return response;
  };

const bodyOf = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

const good = JSON.stringify({ ...secret(1), tag: 'a' });
const complete = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${good.length}\r\n\r\n${good}`;
const calls = {
  GET: (url: string, options?: ClientOptions) => clientOf(url, options).get('a'),
  PUT: (url: string, options?: ClientOptions) => clientOf(url, options).update('a', { secret: VALUE }),
  DELETE: (url: string, options?: ClientOptions) => clientOf(url, options).delete('a'),
  POST: (url: string, options?: ClientOptions) => clientOf(url, options).create({ tag: 'a', name: 'n', secret: VALUE }),
};
type Method = keyof typeof calls;
const methods = Object.keys(calls) as Method[];

describe('a connection that is never made', () => {
  test('ECONNREFUSED: retries every method; the outcome is not-sent', async () => {
    for (const method of methods) {
      expect(await rejectionOf(calls[method]('http://127.0.0.1:2'))).toMatchObject({
        name: 'ConnectionError',
        code: 'ECONNREFUSED',
        outcome: 'not-sent',
        attempts: 4,
      });
    }
  });

  test('an unknown host: retries a create; the outcome is not-sent', async () => {
    // A label of 64 characters is too long: the resolver rejects it without asking a name server.
    const error = await rejectionOf(calls.POST(`https://${'a'.repeat(64)}.invalid`));
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', attempts: 4 });
    expect(error.code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  test('a self-signed certificate: does not retry; the outcome is not-sent', async () => {
    const fixture = (name: string) => readFileSync(new URL(`./support/fixtures/self-signed.${name}`, import.meta.url));
    const { url } = await listening(
      createTlsServer({ key: fixture('key'), cert: fixture('crt') }, () =>
        expect.unreachable('a request was received'),
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

  test('a port that fetch blocks: does not retry; the outcome is not-sent', async () => {
    const error = await rejectionOf(calls.POST('http://127.0.0.1:6000'));
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', attempts: 1 });
  });
});

const head = (length: number) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
/** Ways to leave a response incomplete; the last field names the event after which the time limit passes, if one must. */
const incomplete: [string, (socket: Socket) => void, 'request' | 'headers' | undefined][] = [
  ['a reset after the request', (socket) => socket.resetAndDestroy(), undefined],
  ['a close after the request', (socket) => socket.end(), undefined],
  ['a close within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'), undefined],
  ['a close within the body', (socket) => socket.end(`${head(good.length)}${good.slice(0, 10)}`), undefined],
  [
    'a reset within the body',
    (socket) => socket.write(`${head(good.length)}${good.slice(0, 10)}`, () => socket.resetAndDestroy()),
    undefined,
  ],
  [
    'a close within a chunked body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n'),
    undefined,
  ],
  ['a response that is not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), undefined],
  ['no response', () => {}, 'request'],
  ['headers without a body', (socket) => socket.write(head(good.length)), 'headers'],
  ['half a body', (socket) => socket.write(`${head(good.length)}${good.slice(0, 10)}`), 'headers'],
];

describe('a response that is not received, or not completely', () => {
  test.each(incomplete)('%s: retries all methods but a create; the outcome is unknown', async (_, act, expireAfter) => {
    if (expireAfter) startFakeClock();
    for (const method of methods) {
      const peer = await tcp((socket) => {
        act(socket);
        if (expireAfter === 'request') void passTimeLimit();
      });
      const observed = fetchWith(() => expireAfter === 'headers' && void passTimeLimit());
      const error = await rejectionOf(calls[method](peer.url, { retry: retryAtOnce, fetch: observed }));
      expect([method, error.name, error.outcome, error.timedOut]).toEqual([
        method,
        'ConnectionError',
        'unknown',
        expireAfter !== undefined,
      ]);
      expect([method, peer.count()]).toEqual([method, method === 'POST' ? 1 : 4]);
    }
  });

  test.each(incomplete)('%s, once: the second attempt succeeds', async (_, act, expireAfter) => {
    if (expireAfter) startFakeClock();
    const peer = await tcp((socket, count) => {
      if (count > 1) return socket.end(complete);
      act(socket);
      if (expireAfter === 'request') void passTimeLimit();
    });
    const observed = fetchWith(() => expireAfter === 'headers' && peer.count() === 1 && void passTimeLimit());
    expect(await calls.GET(peer.url, { retry: retryAtOnce, fetch: observed })).toMatchObject({ id: 'se-1' });
    expect(peer.count()).toBe(2);
  });

  test('a reset before the request is read: not-sent if it ends the connect, otherwise unknown', async () => {
    let connections = 0;
    const { url } = await listening(
      createTcpServer((socket) => {
        connections++;
        socket.resetAndDestroy();
      }),
    );
    // The kernel reports the reset to connect(), or to a later read or write; only the first is surely not sent.
    const syscalls: unknown[] = [];
    const observed: ClientOptions['fetch'] = (address, init) =>
      fetch(address, init).catch((error) => {
        syscalls.push(error.cause?.syscall);
        throw error;
      });
    const error = await rejectionOf(calls.POST(url, { fetch: observed }));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: connections });
    expect(syscalls).toHaveLength(connections);
    const wasSent = syscalls.findIndex((syscall) => syscall !== 'connect');
    expect([error.outcome, connections]).toEqual(wasSent >= 0 ? ['unknown', wasSent + 1] : ['not-sent', 4]);
    expect(await rejectionOf(calls.GET(url))).toMatchObject({ name: 'ConnectionError', attempts: 4 });
  });

  test('a body that arrives byte by byte does not extend the time limit', async () => {
    startFakeClock();
    let elapsedMs = 0;
    let trickle: NodeJS.Timeout | undefined;
    const peer = await tcp((socket) => {
      socket.write(head(1000));
      const timer = setInterval(() => {
        socket.write(' ');
        elapsedMs += TIMEOUT_MS / 15;
        vi.advanceTimersByTime(TIMEOUT_MS / 15);
      }, 5);
      trickle = timer;
      socket.on('close', () => clearInterval(timer));
    });
    const error = await rejectionOf(calls.GET(peer.url, { retry: false }));
    clearInterval(trickle); // the socket may close only after this test
    expect(elapsedMs).toBe(TIMEOUT_MS);
    expect(error).toMatchObject({ timedOut: true });
  });

  test('an error response whose body is truncated is still an ApiError', async () => {
    const peer = await tcp((socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\n{"message":"No permiss'),
    );
    expect(await rejectionOf(calls.GET(peer.url))).toMatchObject({
      status: 403,
      details: '{"message":"No permiss',
      attempts: 1,
    });
  });

  test('a 429 whose body is truncated is retried for a create: it was not processed', async () => {
    const peer = await tcp((socket, count) =>
      socket.end(count === 1 ? 'HTTP/1.1 429 Too Many\r\nContent-Length: 500\r\n\r\nslow do' : complete),
    );
    expect(await calls.POST(peer.url)).toMatchObject({ id: 'se-1' });
  });
});

describe('a call that ends early closes its socket', () => {
  test.each([
    ['timeoutMs', { timeoutMs: TIMEOUT_MS }, `timed out after ${TIMEOUT_MS} ms`],
    ['deadlineMs', { deadlineMs: TIMEOUT_MS }, `deadline of ${TIMEOUT_MS} ms exceeded`],
    ['an abort', {}, 'left'],
  ])('by %s', async (_, limits, message) => {
    startFakeClock();
    let closed: Promise<unknown> | undefined;
    const peer = await tcp((socket) => {
      socket.write(head(100));
      // Not `once` of node:events: it would reject if a reset closes the socket.
      closed = new Promise((resolve) => socket.on('close', resolve));
    });
    const controller = new AbortController();
    const observed = fetchWith(() => {
      if (message === 'left') controller.abort(new Error('left'));
      else void passTimeLimit();
    });
    const secrets = clientOf(peer.url, { retry: false, timeoutMs: Number.POSITIVE_INFINITY, fetch: observed });
    const error = await rejectionOf(secrets.get('a', { signal: controller.signal, ...limits }));
    expect(error.message).toContain(message);
    expect(closed).toBeDefined();
    await closed;
  });
});

describe('reuse of connections', () => {
  test('the body of a response that is retried is read to its end', async () => {
    let connections = 0;
    let requests = 0;
    const { url, server } = await http((_, response) => {
      if (++requests % 4 !== 0) response.writeHead(503).end('x'.repeat(50_000));
      else response.end(good);
    });
    server.on('connection', () => connections++);
    const secrets = clientOf(url);
    for (let i = 0; i < 5; i++) expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
    // A second one is opened if the next request is faster than the end of the response before it.
    expect([requests, connections <= 2]).toEqual([20, true]);
  });

  test('an error body of more than 64 kB is not: its connection is closed', async () => {
    let written = 0;
    let ended!: () => void;
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { url } = await http(async (_, response) => {
      response.writeHead(503);
      const closed = new Promise((resolve) => response.on('close', resolve));
      const chunk = Buffer.alloc(50_000, 120);
      while (!response.destroyed && written < 256_000_000) {
        await Promise.race([new Promise((done) => response.write(chunk, done)), closed]);
        written += chunk.length;
      }
      ended();
    });
    const error = await rejectionOf(calls.POST(url));
    expect(error).toMatchObject({ status: 503, outcome: 'unknown' });
    await end;
    // The buffers of the kernel take more than 64 kB, but by far not everything.
    expect(written).toBeLessThan(32_000_000);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['about when the next request is sent', (socket) => void setTimeout(() => socket.destroy(), 1)],
    ['when the next request arrives', (socket) => void socket.prependOnceListener('data', () => socket.destroy())],
  ])('a server that closes an idle connection %s fails no call', async (_, closeIdle) => {
    const peer = await tcp((socket, count) => {
      socket.write(complete);
      if (count % 3 === 0) closeIdle(socket);
    });
    const secrets = clientOf(peer.url);
    for (let i = 0; i < 60; i++) expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
  });
});

describe('large and compressed responses', () => {
  test('a list of more bytes than its page can need is a ContractError, and its connection is closed', async () => {
    let sent = 0;
    const { url } = await http(async (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 32);
      const closed = new Promise((resolve) => response.on('close', resolve));
      while (!response.destroyed && sent < 64) {
        sent++;
        await Promise.race([new Promise((written) => response.write(chunk, written)), closed]);
      }
      response.end();
    });
    const error = await rejectionOf(clientOf(url).list());
    expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown', attempts: 1 });
    expect(error.message).toContain('is larger than 1 MiB');
    expect(sent).toBeLessThan(64);
  });

  test('a page of 1000 secrets with long names is read', async () => {
    const secrets = Array.from({ length: 1000 }, (_, i) => ({ ...secret(i), name: 'n'.repeat(1900) }));
    const page = { page: 0, secrets, total: 1000, totalPages: 1 };
    const { url } = await http((_, response) => response.end(JSON.stringify(page)));
    expect((await clientOf(url).list({ pageSize: 1000 })).secrets).toEqual(secrets);
  });

  test('one secret of more than 1 MiB is a ContractError', async () => {
    const { url } = await http((_, response) =>
      response.end(JSON.stringify({ ...secret(1), name: 'n'.repeat(2 ** 20) })),
    );
    const error = await rejectionOf(clientOf(url).get('a'));
    expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown' });
    expect(error.message).toContain('is larger than 1 MiB');
  });

  test('a gzip body is decompressed, for the methods and for api', async () => {
    const packed = gzipSync(good);
    const { url } = await http((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed),
    );
    const secrets = clientOf(url);
    expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
    const { data } = await secrets.api.GET('/api/v1/secrets/{tagOrId}', { params: { path: { tagOrId: 'a' } } });
    expect(data).toMatchObject({ id: 'se-1' });
  });

  test('text outside ASCII is decoded, wherever it is split into chunks', async () => {
    const name = 'ключ 🔑 ключ';
    const bytes = Buffer.from(JSON.stringify({ ...secret(1), tag: 'a', name }));
    const chunks = new EventEmitter();
    const { url } = await http(async (_, response) => {
      response.flushHeaders();
      // Each byte after the one before has been received: otherwise the kernel joins them.
      for (const byte of bytes) {
        const received = once(chunks, 'received');
        response.write(Buffer.of(byte));
        await received;
      }
      response.end();
    });
    const sizes: number[] = [];
    const observed: NonNullable<ClientOptions['fetch']> = async (address, init) => {
      const response = await fetch(address, init);
      const noting = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          sizes.push(chunk.byteLength);
          controller.enqueue(chunk);
          chunks.emit('received');
        },
      });
      return new Response(response.body?.pipeThrough(noting), response);
    };
    expect((await clientOf(url, { fetch: observed }).get('a')).name).toBe(name);
    expect(sizes).toEqual(Array.from(bytes, () => 1));
  });
});

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i is not followed: neither the key nor the value is sent elsewhere',
    async (status) => {
      const forwarded: unknown[] = [];
      const target = await http(async (request, response) => {
        forwarded.push([request.headers, await bodyOf(request)]);
        response.end(good);
      });
      const { url } = await http((_, response) =>
        response.writeHead(status, { location: `${target.url}/take?q` }).end(),
      );
      for (const method of methods) {
        const error = await rejectionOf(calls[method](url));
        const outcome = status < 307 && method !== 'GET' ? 'unknown' : 'rejected';
        expect(error).toMatchObject({ name: 'ApiError', status, outcome, attempts: 1 });
        expect(error.message).toContain(`redirect to ${target.url} was not followed`);
      }
      const raw = clientOf(url).api.POST('/api/v1/secrets', { body: { tag: 't', name: 'n', secret: VALUE } });
      expect(await rejectionOf(raw)).toMatchObject({ name: 'ApiError', status });
      expect(forwarded).toEqual([]);
    },
  );
});

describe('one signal for many calls', () => {
  test('keeps no listener afterwards, and Node emits no warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const { url } = await http((_, response) => void setTimeout(() => response.end(good), 5));
    const { signal } = new AbortController();
    const secrets = clientOf(url);
    const params = { path: { tagOrId: 'a' } };
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        await secrets.get('a', { signal, deadlineMs: TIMEOUT_MS });
        await secrets.api.GET('/api/v1/secrets/{tagOrId}', { params, signal });
      }),
    );
    // Node emits warnings in process.nextTick, before the next immediate.
    await setImmediate();
    process.off('warning', listen);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test('its abort ends all of them, the queued ones included', async () => {
    const reason = new Error('left');
    const controller = new AbortController();
    let received = 0;
    const { url } = await http(() => {
      if (++received === 16) controller.abort(reason); // the default of maxConcurrency
    });
    const secrets = clientOf(url);
    const failures = Array.from({ length: 40 }, () => rejectionOf(secrets.get('a', { signal: controller.signal })));
    for (const failure of failures) expect(await failure).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});
