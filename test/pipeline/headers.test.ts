/** "Address" and "Headers" in private networks, and proxies that refuse CONNECT: on real servers on loopback. */

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { type ClientOptions, createSecretsClient } from 'cortex-secrets';
import { type Agent, ProxyAgent, fetch as undiciFetch } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, KEY, networkError, rejectionOf, secret, testClient, VALUE } from '../support/helpers.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const good = () => json(200, secret(1));

/** Everything that a person may see of an error. */
const shown = (error: unknown): string =>
  [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String((error as Error).stack)].join('\n');

const listening = async (server: Server | ReturnType<typeof createTcpServer>): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  return (server.address() as AddressInfo).port;
};

describe('headers', () => {
  const TOKEN = 'gateway-token-0123456789';

  test.each<[string, ClientOptions['headers']]>([
    ['an object', { 'X-Gateway-Token': TOKEN, 'x-unset': undefined }],
    ['Headers', new Headers({ 'X-Gateway-Token': TOKEN })],
    ['pairs', [['X-Gateway-Token', TOKEN]]],
    ['a function', () => ({ 'X-Gateway-Token': TOKEN })],
    ['an async function', async () => ({ 'X-Gateway-Token': TOKEN })],
    ['a function that returns Headers', () => new Headers({ 'X-Gateway-Token': TOKEN })],
  ])('of %s are in every request, of api too', async (_, headers) => {
    const secrets = testClient([good], { headers });
    await secrets.get('a');
    await secrets.set('tag-1', { name: 'n', secret: VALUE });
    await secrets.api.GET('/api/v1/secrets');
    expect(secrets.sent).toHaveLength(3);
    for (const request of secrets.sent) {
      expect(request.headers).toMatchObject({
        'x-gateway-token': TOKEN,
        authorization: `Bearer ${KEY}`,
        accept: 'application/json',
      });
      expect(Object.keys(request.headers)).not.toContain('x-unset');
    }
    expect(secrets.sent[1]?.headers['content-type']).toBe('application/json');
  });

  test('a function is called before each attempt, also before the one with a newer key', async () => {
    let calls = 0;
    const keys = ['old', 'new'];
    const secrets = testClient([json(503, {}), json(401, {}), good], {
      headers: () => ({ traceparent: `00-${++calls}` }),
      apiKey: () => keys[Math.min(calls, 2) - 1] ?? 'old',
      retry: { baseDelayMs: 0 },
    });
    await secrets.get('a');
    expect(secrets.sent.map(({ headers }) => headers.traceparent)).toEqual(['00-1', '00-2', '00-3']);
  });

  test.each([
    ...['Authorization', 'CONTENT-TYPE', 'host', 'Accept', 'content-length', 'Transfer-Encoding', 'connection'],
    ...[
      'Content-Encoding',
      'Content-Range',
      'X-HTTP-Method-Override',
      'keep-alive',
      'TE',
      'trailer',
      'upgrade',
      'proxy-connection',
      'Proxy-Authorization',
      'expect',
    ],
  ])('%s is a TypeError that names it, and never quotes the value', async (name) => {
    const expected = `headers: ${name.toLowerCase()} can't be set`;
    for (const apiKey of [KEY, null]) {
      for (const headers of [{ [name]: TOKEN }, [[name, TOKEN]] as [string, string][]]) {
        const error = await rejectionOf((async () => createSecretsClient({ apiKey, headers }))());
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain(expected);
        expect(shown(error)).not.toContain(TOKEN);
        const secrets = testClient([good], { apiKey, headers: () => headers });
        const late = await rejectionOf(secrets.get('a'));
        expect(late).toBeInstanceOf(TypeError);
        expect(late.message).toContain(expected);
        expect(secrets.sent).toHaveLength(0);
      }
    }
  });

  test.each<[string, unknown]>([
    ['a line break in a value', { 'x-a': `${TOKEN}\r\nx-b: c` }],
    ['an empty value', { 'x-a': '' }],
    ['blanks around a value', { 'x-a': ` ${TOKEN}` }],
    ['a value outside ASCII', { 'x-a': `${TOKEN}é` }],
    ['a number', { 'x-a': 5 }],
    ['null', { 'x-a': null }],
    ['an array', { 'x-a': [TOKEN] }],
    ['a name with a blank', { [`${TOKEN} x`]: 'a' }],
    ['an empty name', { '': TOKEN }],
    ['a string', TOKEN],
    ['null for all', null],
    ['strings for pairs', [TOKEN]],
    ['a pair without a value', [['x-a']]],
    ['a Date', new Date(0)],
    ['a URL', new URL('https://cortex.test')],
    ['an Error', new Error(TOKEN)],
  ])('%s is a TypeError that does not quote it', async (_, headers) => {
    const error = await rejectionOf((async () => createSecretsClient({ apiKey: KEY, headers } as ClientOptions))());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^headers: /);
    expect(shown(error)).not.toContain(TOKEN);
    const late = await rejectionOf(testClient([good], { headers: () => headers as never }).get('a'));
    expect(late).toBeInstanceOf(TypeError);
    expect(shown(late)).not.toContain(TOKEN);
  });

  test('a promise is a TypeError: a function that returns it was meant', async () => {
    const headers = Promise.resolve({ 'x-a': TOKEN }) as never;
    expect(() => createSecretsClient({ apiKey: KEY, headers })).toThrow(/^headers: must be an object, or a function/);
  });

  test.each([
    ['a value', { 'x-k': `${KEY}\nfoo` }],
    ['a name', { [`${KEY} foo`]: 'x' }],
  ])('a wrong header of a request of api is not quoted: %s', async (_, headers) => {
    const secrets = testClient([good]);
    const error = await rejectionOf(secrets.api.GET('/api/v1/secrets', { headers }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^secrets\.api: a header/);
    expect(shown(error)).not.toContain(KEY);
    expect(secrets.sent).toHaveLength(0);
  });

  test('an error of the function reaches the caller as it is, and nothing is sent', async () => {
    const broken = new Error('no token today');
    for (const headers of [
      () => Promise.reject(broken),
      () => {
        throw broken;
      },
    ]) {
      const secrets = testClient([good], { headers });
      expect(await rejectionOf(secrets.get('a'))).toBe(broken);
      expect(secrets.sent).toHaveLength(0);
    }
  });

  test('a function that hangs is bounded by timeoutMs, keeps no slot, and is not retried', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    let calls = 0;
    const headers = () => (++calls === 1 ? new Promise<never>(() => {}) : {});
    const secrets = testClient([good], { headers, maxConcurrency: 1, timeoutMs: 1000 });
    const hanging = rejectionOf(secrets.create({ tag: 't', name: 'n', secret: VALUE }));
    expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(1000);
    const error = await hanging;
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    expect(error.message).toContain('the headers function did not return within 1000 ms');
    expect([calls, vi.getTimerCount()]).toEqual([2, 0]);
  });

  test.each(['deadlineMs', 'signal'])('a function that hangs is ended by %s', async (way) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const secrets = testClient([good], { headers: () => new Promise<never>(() => {}) });
    const controller = new AbortController();
    const reason = new Error('left');
    const options = way === 'signal' ? { signal: controller.signal } : { deadlineMs: 50 };
    const failed = rejectionOf(secrets.get('a', options));
    await vi.advanceTimersByTimeAsync(50);
    controller.abort(reason);
    const error = await failed;
    if (way === 'signal') expect(error).toBe(reason);
    else expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent' });
    expect([secrets.sent.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test.each<[string, ClientOptions['headers']]>([
    ['an object', { 'x-gateway-token': TOKEN, cookie: `sid=${TOKEN}` }],
    ['a function', async () => ({ 'x-gateway-token': TOKEN, cookie: `sid=${TOKEN}` })],
  ])('their values are in no error and no event: %s', async (_, headers) => {
    const events: unknown[] = [];
    const echo = { message: `bad ${TOKEN}`, type: 'X', details: btoa(TOKEN), requestId: TOKEN.slice(3, 20) };
    for (const reply of [json(400, echo, { 'x-request-id': TOKEN }), networkError(`E_${TOKEN}`), new Error(TOKEN)]) {
      const secrets = testClient([reply], { headers, retry: false, onAttempt: (event) => events.push(event) });
      for (const call of [() => secrets.get('a'), () => secrets.create({ tag: 'a', name: 'n', secret: VALUE })])
        expect(shown(await rejectionOf(call()))).not.toMatch(/gateway-|token-0123|Z2F0ZXdheS/);
    }
    expect(events.length).toBe(6);
    expect(JSON.stringify(events)).not.toMatch(/gateway-|token-0123/);
  });

  test('short values and trace ids leave errors readable', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'x-version': '1', 'x-stage': 'test', traceparent: trace, 'x-request-id': 'request-zyxwvutsrq' };
    const reply = json(400, {
      type: 'BAD_REQUEST',
      message: 'version 1 of test is unknown',
      requestId: 'request-zyxwvutsrq',
      details: trace,
    });
    expect(await rejectionOf(testClient([reply], { headers }).get('a'))).toMatchObject({
      message: 'secrets.get("a"): 400 BAD_REQUEST version 1 of test is unknown',
      requestId: 'request-zyxwvutsrq',
      details: trace,
    });
  });

  test('a later change of the given object has no effect', async () => {
    const headers: Record<string, string> = { 'x-a': 'first' };
    const secrets = testClient([good], { headers });
    headers['x-a'] = 'second\r\n';
    headers.authorization = 'Bearer other';
    await secrets.get('a');
    expect(secrets.sent[0]?.headers).toMatchObject({ 'x-a': 'first', authorization: `Bearer ${KEY}` });
  });

  test('of a request of api win over those of the client', async () => {
    const secrets = testClient([good], { headers: { 'x-a': 'client' } });
    await secrets.api.GET('/api/v1/secrets', { headers: { 'X-A': 'request' } });
    expect(secrets.sent[0]?.headers['x-a']).toBe('request');
  });
});

/** Node's own fetch takes an undici dispatcher of another version, as long as the protocol between them is the same. */
const FETCHES: [string, typeof undiciFetch][] = [
  ['undici', undiciFetch],
  ['the fetch of Node', globalThis.fetch as never],
];

describe.each(FETCHES)('a proxy on loopback, by %s', (_, fetch) => {
  const fixture = (name: string) => readFileSync(new URL(`../support/fixtures/self-signed.${name}`, import.meta.url));
  const ca = fixture('crt').toString();
  let status = 200;
  let connects = 0;
  const answer = (_request: unknown, socket: NodeJS.WritableStream) => {
    connects++;
    socket.on('error', () => {});
    // 200 and then the end: the tunnel breaks before TLS.
    socket.end(`HTTP/1.1 ${status} No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n`);
  };
  const plain = createServer().on('connect', answer);
  const overTls = createTlsServer({ key: fixture('key'), cert: fixture('crt') }).on('connect', answer);
  let plainUrl: string;
  let tlsUrl: string;
  beforeAll(async () => {
    plainUrl = `http://user:canary-password@127.0.0.1:${await listening(plain)}`;
    tlsUrl = `https://127.0.0.1:${await listening(overTls)}`;
  });
  beforeEach(() => {
    connects = 0;
  });
  afterAll(() => {
    for (const server of [plain, overTls]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const through = (dispatcher: Agent | ProxyAgent) =>
    createSecretsClient({
      apiKey: KEY,
      baseUrl: 'https://cortex.test',
      retry: { limit: 2, baseDelayMs: 0 },
      fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    });
  const create = (dispatcher: Agent | ProxyAgent) =>
    rejectionOf(through(dispatcher).create({ tag: 't', name: 'n', secret: VALUE }));

  test.each([
    [403, 3],
    [407, 1],
    [502, 3],
  ])('that responds to CONNECT with %i: not-sent, in %i attempts, and the status is in the message', async (...row) => {
    const attempts = row[1];
    status = row[0];
    for (const dispatcher of [new ProxyAgent(plainUrl), new ProxyAgent({ uri: tlsUrl, proxyTls: { ca } })]) {
      connects = 0;
      const error = await create(dispatcher);
      expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', timedOut: false, attempts });
      expect(error.message).toContain(`the proxy responded to CONNECT with ${status}`);
      expect(error.message.includes('user and the password of the proxy')).toBe(status === 407);
      expect(shown(error)).not.toContain('canary-password');
      expect(connects).toBe(attempts);
    }
  });

  test('that opens the tunnel and ends it before TLS: not-sent, and retried', async () => {
    status = 200;
    const error = await create(new ProxyAgent(plainUrl));
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent', attempts: 3 });
  });

  test('whose certificate is rejected: not-sent, and not retried', async () => {
    status = 200;
    expect(await create(new ProxyAgent(tlsUrl))).toMatchObject({
      outcome: 'not-sent',
      attempts: 1,
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(await create(new ProxyAgent({ uri: tlsUrl, proxyTls: { ca, servername: 'other.test' } }))).toMatchObject({
      outcome: 'not-sent',
      attempts: 1,
      code: 'UND_ERR_PRX_TLS',
    });
    expect(connects).toBe(0);
  });
});
