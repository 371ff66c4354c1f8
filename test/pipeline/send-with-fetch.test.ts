/** What a call makes of a fetch that fails: how often it is sent, and what is known of it. On real sockets where it matters. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { type ClientOptions, createSecretsClient, type Fetch } from 'cortex-secrets';
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KEY, rejectionOf, secret, VALUE } from '../support/helpers.js';

let cleanUp: (() => unknown)[] = [];
beforeEach(() => {
  cleanUp = [];
});
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const each of cleanUp) await each();
});

const newSecret = { tag: 't', name: 'n', secret: VALUE };
const clientOf = (options: ClientOptions) =>
  createSecretsClient({ apiKey: KEY, baseUrl: 'https://cortex.test', retry: { baseDelayMs: 0 }, ...options });

/** A server that counts the requests of methods that change something. */
async function countingServer() {
  let received = 0;
  const server = createServer((request, response) => {
    if (request.method !== 'GET') received++;
    request.resume().on('end', () => response.end(JSON.stringify(secret(1))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl, received: () => received };
}

test.each([
  ['no response', async () => undefined, 'fetch returned no response with a status', 'unknown'],
  [
    'an error of its own',
    () => Promise.reject(new Error('strange')),
    'fetch failed, and the network is not known to be the cause: strange',
    'unknown',
  ],
  [
    'a certificate that has expired',
    () => Promise.reject(Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' })),
    'no connection: expired',
    'not-sent',
  ],
])('a fetch that gives %s: what happened stands in the message', async (_, fetch, message, outcome) => {
  // Reads the request, as one that sends it does.
  const reading: Fetch = (_url, { method, body }) => (fetch as (...read: unknown[]) => Promise<never>)(method, body);
  const error = await rejectionOf(clientOf({ fetch: reading }).create(newSecret));
  expect(error.message).toMatch(`secrets.create("t"): ${message}`);
  expect(error).toMatchObject({ outcome, attempts: 1 });
});

test('a fetch of the platform that fails later, with an error that is not of the network, may have sent the request', async () => {
  vi.stubGlobal('fetch', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new Error('strange');
  });
  expect(await rejectionOf(clientOf({}).create(newSecret))).toMatchObject({ outcome: 'unknown', attempts: 1 });
});

describe('the fetch of the platform', () => {
  /** As in jsdom, whose signals Node's fetch takes up to Node 22, and refuses from then on. This one no version takes. */
  class ForeignController {
    readonly signal = { aborted: false };
    abort() {}
  }

  test('that refuses the signal of another implementation: one attempt, not-sent, and the message says what was refused', async () => {
    const { baseUrl, received } = await countingServer();
    vi.stubGlobal('AbortController', ForeignController);
    const secrets = clientOf({ baseUrl });
    for (const call of [() => secrets.create(newSecret), () => secrets.get('t')])
      expect(await rejectionOf(call())).toMatchObject({
        name: 'ConnectionError',
        kind: 'caller',
        attempts: 1,
        outcome: 'not-sent',
        timedOut: false,
        message: expect.stringMatching(/fetch refused the request, nothing was sent: .*AbortSignal/),
      });
    expect(received()).toBe(0);
  });

  test.each([
    ['throws', () => nothing.here],
    ['rejects', async () => nothing.here],
  ])('that %s at once with an error of a program: not-sent', async (_, fail) => {
    const fetch = vi.fn(fail);
    vi.stubGlobal('fetch', fetch);
    expect(await rejectionOf(clientOf({}).create(newSecret))).toMatchObject({ outcome: 'not-sent', attempts: 1 });
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

/** A mistake of a program. */
// biome-ignore lint/suspicious/noExplicitAny: it has no type
declare const nothing: any;

describe('a custom fetch', () => {
  test.each<[string, Fetch]>([
    ['throws before it sends', () => nothing.here],
    ['rejects before it sends', async () => nothing.here],
    [
      'rejects later, and has not looked at the request',
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw new Error('the vault is sealed');
      },
    ],
    ['passes a signal that its fetch refuses', (url, init) => undiciFetch(url, { ...init, signal: {} as AbortSignal })],
  ])('that %s: one attempt, not-sent', async (_, fetch) => {
    const { baseUrl, received } = await countingServer();
    const called = vi.fn(fetch);
    for (const method of ['create', 'update', 'delete', 'get'] as const) {
      called.mockClear();
      const secrets = clientOf({ baseUrl, fetch: called });
      const call = { create: () => secrets.create(newSecret), update: () => secrets.update('t', { name: 'n' }) };
      const error = await rejectionOf(method in call ? call[method as 'create']() : secrets[method as 'get']('t'));
      expect(error, method).toMatchObject({ kind: 'caller', attempts: 1, outcome: 'not-sent' });
      expect(called).toHaveBeenCalledTimes(1);
    }
    expect(received()).toBe(0);
  });

  const send = (url: string, init: object) => globalThis.fetch(url, init as RequestInit);
  test.each<[string, Fetch]>([
    [
      'forgets to wait for the response',
      (url, init) => {
        const response = send(url, init);
        response.catch(() => {}); // the server of the test may be gone
        return (response as never as Response).headers.get('x') as never;
      },
    ],
    [
      'reads the method, and then throws',
      (_, init) => {
        if (init.method === 'GET') throw new Error('never');
        return nothing.here;
      },
    ],
    ['throws after the response', async (url, init) => (await send(url, init)) && nothing.here],
    ['returns nothing', async (url, init) => void (await send(url, init)) as never],
    [
      'returns a body that is neither bytes nor text',
      async (url, init) =>
        ({ ...(await send(url, init)), status: 200, headers: new Headers(), body: null, text: async () => 5 }) as never,
    ],
  ])('that %s: one attempt, and its outcome is unknown', async (_, fetch) => {
    const { baseUrl } = await countingServer();
    const called = vi.fn(fetch);
    const secrets = clientOf({ baseUrl, fetch: called });
    for (const call of [() => secrets.create(newSecret), () => secrets.update('t', { name: 'n' })]) {
      called.mockClear();
      expect(await rejectionOf(call())).toMatchObject({ kind: 'caller', attempts: 1, outcome: 'unknown' });
      expect(called).toHaveBeenCalledTimes(1);
    }
  });

  test.each<[string, (init: Parameters<Fetch>[1]) => unknown, string]>([
    ['the method', (init) => init.method, 'unknown'],
    ['the body', (init) => init.body, 'unknown'],
    ['a copy of the init', (init) => ({ ...init }), 'unknown'],
    ['the headers and the signal', (init) => [init.headers, init.signal, init.redirect], 'not-sent'],
    ['nothing', () => {}, 'not-sent'],
  ])('that reads %s, and fails later: one attempt of a create', async (_, read, outcome) => {
    const fetch = vi.fn<Fetch>(async (_url, init) => {
      read(init);
      await new Promise((resolve) => setImmediate(resolve));
      throw new ReferenceError('nothing is not defined');
    });
    expect(await rejectionOf(clientOf({ fetch }).create(newSecret))).toMatchObject({ attempts: 1, outcome });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test('may change the method, copy the init, and clone it', async () => {
    const seen: object[] = [];
    const fetch: Fetch = async (_, init) => {
      seen.push(
        { ...init, signal: 0 },
        structuredClone({ ...init, signal: 0 }),
        Object.assign({}, init, { signal: 0 }),
      );
      init.method = 'PATCH';
      seen.push({ ...init, signal: 0 });
      return new Response('');
    };
    await clientOf({ fetch }).delete('t');
    const init = { method: 'DELETE', cache: 'no-store', headers: expect.anything(), redirect: 'manual', signal: 0 };
    expect(seen).toEqual([init, init, init, { ...init, method: 'PATCH' }]);
  });

  test('gets no-store, since frameworks keep responses, but not where Request has no cache', async () => {
    const seen: unknown[] = [];
    const fetch: Fetch = async (_, init) => {
      seen.push('cache' in init ? init.cache : 'none');
      return new Response(JSON.stringify({ ...secret(1), tag: 't' }));
    };
    await clientOf({ fetch }).get('t');
    vi.stubGlobal('fetch', fetch);
    await clientOf({}).get('t');
    for (const none of [class Request {}, undefined]) {
      vi.stubGlobal('Request', none);
      await clientOf({}).get('t');
      await clientOf({ fetch }).get('t');
    }
    expect(seen).toEqual(['no-store', 'no-store', 'none', 'none', 'none', 'none']);
  });

  test.each([
    ['Next.js, which ends a build of the page so', 'DYNAMIC_SERVER_USAGE', 'DYNAMIC_SERVER_USAGE'],
    ['with the key in it', `NEXT_REDIRECT;replace;/?key=${KEY};307;`, undefined],
    ['that is no text', { not: 'text' }, undefined],
  ])('the digest of a framework reaches its caller: %s', async (_, digest, expected) => {
    const fetch = vi.fn(async () => {
      throw Object.assign(new Error('Dynamic server usage'), { digest });
    });
    vi.stubGlobal('fetch', fetch);
    const error = await rejectionOf(clientOf({}).list());
    expect(error).toMatchObject({ name: 'ConnectionError', kind: 'caller', outcome: 'not-sent' });
    expect(fetch).toHaveBeenCalledTimes(1);
    expect([error.digest, error.code]).toEqual([expected, expected]);
  });

  test('a code of the network is no digest', async () => {
    const fetch: Fetch = async () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
    };
    const error = await rejectionOf(clientOf({ fetch, retry: false }).list());
    expect([error.code, 'digest' in error]).toEqual(['ECONNREFUSED', false]);
  });

  test('whose text is only a name of a value: it is redacted', async () => {
    const fetch: Fetch = () => {
      throw new ReferenceError(`${VALUE} is not defined`);
    };
    const error = await rejectionOf(clientOf({ fetch }).create(newSecret));
    expect(error.message + error.stack).not.toContain(VALUE);
  });
});

describe('a time limit of fetch itself, shorter than timeoutMs', () => {
  test.each<[string, ConstructorParameters<typeof Agent>[0], string, string]>([
    ['for the headers', { headersTimeout: 10 }, '', 'UND_ERR_HEADERS_TIMEOUT'],
    ['for the body', { bodyTimeout: 10 }, 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{', 'UND_ERR_BODY_TIMEOUT'],
  ])('%s: timed out, and the message names it', async (_, limits, head, code) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.write(head));
      cleanUp.unshift(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dispatcher = new Agent(limits);
    cleanUp.push(
      () => dispatcher.destroy(),
      () => server.close(),
    );
    const secrets = clientOf({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
      timeoutMs: 600_000,
      retry: false,
    });
    const error = await rejectionOf(secrets.create(newSecret));
    expect(error).toMatchObject({ kind: 'timeout', timedOut: true, code, outcome: 'unknown' });
    expect(error.message).toMatch(/timed out by a limit of fetch itself: .*300 s.*undici/);
  });
});

test('a proxy that resets the connection after CONNECT: not-sent, and retried', async () => {
  let connects = 0;
  const proxy = createTcpServer((socket: Socket) => {
    socket
      .on('error', () => {})
      .once('data', () => {
        connects++;
        socket.resetAndDestroy();
      });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const dispatcher = new ProxyAgent(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  cleanUp.push(
    () => dispatcher.destroy(),
    () => proxy.close(),
  );
  const secrets = clientOf({
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
    retry: { limit: 2, baseDelayMs: 0 },
  });
  expect(await rejectionOf(secrets.create(newSecret))).toMatchObject({
    kind: 'network',
    outcome: 'not-sent',
    attempts: 3,
  });
  expect(connects).toBe(3);
});
