/** "Key" and "Address" where something else adds the key: in a Cortex plugin, and behind a proxy that signs. */
import { type ClientOptions, createSecretsClient, type Fetch } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../support/fake-clock.js';
import { json, neverResponds, rejectionOf, secret, testClient, VALUE } from '../support/helpers.js';
import { type Host, pluginFetch, replacedFetch } from '../support/plugin-fetch.js';

fakeClock();

const good = () => json(200, { ...secret(1), tag: 'a' });
const reply = (status: number, body: string, headers: Record<string, string> = {}) => ({
  ok: status < 300,
  status,
  body,
  headers: { 'content-type': 'application/json', ...headers },
});
const streamOf = (chunk: unknown) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(chunk);
      controller.close();
    },
  });
const one = JSON.stringify({ ...secret(1), tag: 'a' });

/** A client in a plugin whose host answers with `host`. */
function inPlugin(host: Host, options: ClientOptions = {}) {
  const { fetch, posted } = pluginFetch(host);
  const client = createSecretsClient({ apiKey: null, baseUrl: 'https://cortex.test/api/v1', fetch, ...options });
  return Object.assign(client, { posted });
}

describe('a fetch that can not take a signal', () => {
  test('is called again without one, from the second call on at once', async () => {
    let sent = 0;
    const secrets = inPlugin(async () => {
      sent++;
      return reply(200, one);
    });
    expect(await secrets.create({ tag: 'a', name: 'n', secret: VALUE })).toMatchObject({ id: 'se-1' });
    expect(secrets.posted.map(({ signal }) => signal !== undefined)).toEqual([true, false]);
    await secrets.get('a');
    await secrets.get('a');
    expect(secrets.posted).toHaveLength(4);
    expect(secrets.posted.slice(1).map((init) => 'signal' in init)).toEqual([false, false, false]);
    expect(sent).toBe(3);
  });

  test('counts as one attempt', async () => {
    const onAttempt = vi.fn();
    await inPlugin(async () => reply(200, one), { onAttempt }).get('a');
    expect(onAttempt).toHaveBeenCalledTimes(1);
    expect(onAttempt.mock.calls[0]?.[0]).toMatchObject({ attempt: 1, status: 200 });
  });

  test('may throw before it returns a promise', async () => {
    const signals: boolean[] = [];
    const fetch = (_: string, { signal }: { signal?: AbortSignal }) => {
      signals.push(signal !== undefined);
      if (signal) throw new DOMException('could not be cloned', 'DataCloneError');
      return Promise.resolve(good());
    };
    await createSecretsClient({ apiKey: null, baseUrl: 'https://cortex.test', fetch }).get('a');
    expect(signals).toEqual([true, false]);
  });

  test('each client notices it by itself', async () => {
    const host: Host = async () => reply(200, one);
    await inPlugin(host).get('a');
    const second = inPlugin(host);
    await second.get('a');
    expect(second.posted).toHaveLength(2);
    const other = testClient([good]);
    await other.get('a');
    expect(other.sent[0]?.signal).toBeDefined();
  });

  test('other errors are not answered by a second call', async () => {
    const secrets = testClient([new DOMException('no', 'DataError') as Error], { retry: false });
    expect(await rejectionOf(secrets.create({ tag: 'a', name: 'n', secret: 'v' }))).toMatchObject({
      outcome: 'unknown',
    });
    expect(secrets.sent).toHaveLength(1);
  });

  describe('a DataCloneError that may be about the response does not send the request again', () => {
    const noClone = () => new DOMException('the reply could not be cloned', 'DataCloneError');

    test('a later one: the outcome of a create is unknown, and the next call passes no signal', async () => {
      const signals: boolean[] = [];
      const fetch: Fetch = async (_, { signal }) => {
        signals.push(signal !== undefined);
        await new Promise((resolve) => setTimeout(resolve, 5)); // sent, and processed
        if (signal) throw noClone();
        return good();
      };
      const secrets = createSecretsClient({ apiKey: null, baseUrl: 'https://cortex.test', fetch });
      const failed = rejectionOf(secrets.create({ tag: 'a', name: 'n', secret: VALUE }));
      await vi.runAllTimersAsync();
      expect(await failed).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 1 });
      expect(signals).toEqual([true]);
      const next = secrets.get('a');
      await vi.runAllTimersAsync();
      expect(await next).toMatchObject({ id: 'se-1' });
      expect(signals).toEqual([true, false]);
    });

    test('one of a fetch that has taken a signal before', async () => {
      const secrets = testClient([good, noClone() as Error, good], { retry: false });
      await secrets.get('a');
      expect(await rejectionOf(secrets.create({ tag: 'a', name: 'n', secret: VALUE }))).toMatchObject({
        name: 'ConnectionError',
        outcome: 'unknown',
      });
      expect(secrets.sent).toHaveLength(2);
      await secrets.get('a');
      expect(secrets.sent[2]?.signal).toBeDefined();
    });

    test('a delete: the 404 of its retry is success', async () => {
      const cortex = createFakeCortex({ seed: [{ tag: 't', secret: VALUE }] });
      let count = 0;
      const fetch: Fetch = async (url, init) => {
        const response = await cortex.fetch(url, init as RequestInit);
        if (count++ > 0) return response;
        await new Promise((resolve) => setTimeout(resolve, 5));
        throw noClone();
      };
      const deleted = createSecretsClient({ ...cortex.clientOptions, fetch }).delete('t');
      await vi.runAllTimersAsync();
      expect(await deleted).toBeUndefined();
      expect(cortex.requests.map(({ status }) => status)).toEqual([200, 404]);
    });
  });

  test('a DataCloneError without a signal too is an error, after two calls', async () => {
    const secrets = testClient([new DOMException('no clone', 'DataCloneError') as Error], { retry: false });
    expect((await rejectionOf(secrets.get('a'))).message).toContain('no clone');
    expect(secrets.sent).toHaveLength(2);
  });

  const ends: [string, ClientOptions, object][] = [
    ['timeoutMs', { timeoutMs: 1000, retry: false }, { name: 'ConnectionError', timedOut: true, outcome: 'unknown' }],
    ['deadlineMs', { deadlineMs: 1000 }, { name: 'ConnectionError', timedOut: true, outcome: 'unknown' }],
  ];
  test.each(ends)('%s ends a call that hangs in that moment', async (_, options, expected) => {
    const secrets = inPlugin(() => new Promise(() => {}), options);
    const start = performance.now();
    const failed = rejectionOf(secrets.create({ tag: 'a', name: 'n', secret: VALUE }));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await failed).toMatchObject(expected);
    expect(performance.now() - start).toBe(1000);
  });

  test('an abort ends a call that hangs in that moment, with its reason', async () => {
    const secrets = inPlugin(() => new Promise(() => {}));
    const controller = new AbortController();
    const failed = rejectionOf(secrets.get('a', { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(5);
    const reason = new Error('left');
    controller.abort(reason);
    expect(await failed).toBe(reason);
  });

  test('nothing is sent after an abort during the first call', async () => {
    const controller = new AbortController();
    const fetch = vi.fn(async () => {
      controller.abort(new Error('left'));
      throw new DOMException('no clone', 'DataCloneError');
    });
    const secrets = createSecretsClient({ apiKey: null, baseUrl: 'https://cortex.test', fetch });
    expect((await rejectionOf(secrets.get('a', { signal: controller.signal }))).message).toBe('left');
    await vi.advanceTimersByTimeAsync(1);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

describe('a body that is no stream of bytes', () => {
  test.each<[string, unknown]>([
    ['a stream of undefined', streamOf(undefined)],
    ['a stream of strings', streamOf(one)],
    ['a stream of numbers', streamOf(new Float64Array(1))],
    ['undefined', undefined],
    ['null', null],
    ['a string', one],
    ['an object without getReader', {}],
  ])('is read by text(): %s', async (_, body) => {
    const response = { status: 200, headers: new Headers(), body, text: async () => one };
    expect(await testClient([() => response as Response]).get('a')).toMatchObject({ id: 'se-1' });
  });

  test('bytes of another realm are bytes', async () => {
    const { runInNewContext } = await import('node:vm');
    const chunk = runInNewContext('new Uint8Array(bytes)', { bytes: [...new TextEncoder().encode(one)] });
    const body = streamOf(chunk);
    const text = vi.fn();
    const response = { status: 200, headers: new Headers(), body, text };
    expect(await testClient([() => response as unknown as Response]).get('a')).toMatchObject({ id: 'se-1' });
    expect(text).not.toHaveBeenCalled();
  });

  test('has the size limits of a stream', async () => {
    const big = async () => reply(200, JSON.stringify({ ...secret(1), tag: 'a', extra: 'x'.repeat(2 ** 20) }));
    const refused = await rejectionOf(inPlugin(big).get('a'));
    expect(refused).toMatchObject({ name: 'ContractError', outcome: 'unknown' });
    expect(refused.message).toContain('larger than 1 MiB');
    const error = await rejectionOf(inPlugin(async () => reply(400, 'x'.repeat(2 ** 20))).get('a'));
    expect(String(error.details).length).toBeLessThanOrEqual(2 ** 16);
  });

  test.each(['timeoutMs', 'abort'])('a text() that hangs is ended by %s', async (way) => {
    const response = { status: 200, headers: new Headers(), body: undefined, text: () => new Promise(() => {}) };
    const secrets = testClient([() => response as unknown as Response], { timeoutMs: 1000, retry: false });
    const controller = new AbortController();
    const failed = rejectionOf(secrets.get('a', { signal: controller.signal }));
    if (way === 'abort') setTimeout(() => controller.abort(new Error('left')), 1000);
    const start = performance.now();
    await vi.advanceTimersByTimeAsync(1000);
    await failed;
    expect(performance.now() - start).toBe(1000);
  });

  test('a text() that rejects is an interrupted response, after an error status only its details are missing', async () => {
    const response = (status: number) => () =>
      ({
        status,
        headers: new Headers(),
        body: undefined,
        text: () => Promise.reject('broken'),
      }) as unknown as Response;
    const create = testClient([response(200)]).create({ tag: 'a', name: 'n', secret: VALUE });
    expect(await rejectionOf(create)).toMatchObject({ name: 'ConnectionError', outcome: 'unknown' });
    expect(await rejectionOf(testClient([response(404)]).get('a'))).toMatchObject({ status: 404, outcome: 'rejected' });
  });

  test.each([[''], [undefined]])('the delete of a plugin succeeds with the body %j', async (body) => {
    expect(await inPlugin(async () => ({ ...reply(200, ''), body })).delete('a')).toBeUndefined();
  });
});

describe('in a plugin', () => {
  const cortex = createFakeCortex();
  const host: Host = async ({ input, init }) => {
    const headers = { ...init.headers, authorization: `Bearer ${cortex.apiKey}` };
    const response = await cortex.fetch(input, { ...init, headers });
    return reply(response.status, await response.text(), Object.fromEntries(response.headers));
  };
  afterEach(() => cortex.reset());

  test.each([
    ['fetch given', (fetch: Fetch) => ({ fetch })],
    [
      'window.fetch replaced',
      (fetch: Fetch) => {
        vi.stubGlobal('fetch', replacedFetch(fetch));
        return {};
      },
    ],
  ])('all operations work: %s', async (_, optionsOf) => {
    const options = optionsOf(pluginFetch(host).fetch);
    const secrets = createSecretsClient({ apiKey: null, baseUrl: `${cortex.baseUrl}/api/v1`, ...options });
    await secrets.create({ tag: 'a', name: 'A', secret: VALUE });
    await secrets.set('a', { name: 'A', secret: 'another value' });
    await secrets.set('b', { name: 'B', secret: VALUE });
    expect((await secrets.update('a', { name: 'New' })).name).toBe('New');
    const tags: string[] = [];
    for await (const { tag } of secrets.listAll()) tags.push(tag);
    expect(tags.sort()).toEqual(['a', 'b']);
    const { data } = await secrets.api.GET('/api/v1/secrets');
    expect(data?.total).toBe(2);
    await secrets.delete('a');
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 404, type: 'NOT_FOUND' });
    expect(cortex.storedValue('b')).toBe(VALUE);
  });

  test.each<[string, unknown, string]>([
    ['a string', 'Proxy error', 'Proxy error'],
    ['an object', { message: 'forbidden by policy' }, 'forbidden by policy'],
    ['an object without a message', { reason: 42 }, 'reason: 42'],
    ['undefined', undefined, 'no reason given'],
  ])('a rejection of the host is told: %s', async (_, thrown, told) => {
    const secrets = inPlugin(() => Promise.reject(thrown), { retry: false });
    expect((await rejectionOf(secrets.get('a'))).message).toContain(told);
  });

  test('a rejection that holds the value is redacted', async () => {
    const value = 'hunter2-battery-staple';
    const secrets = inPlugin(({ init }) => Promise.reject({ init }), { retry: false });
    const error = await rejectionOf(secrets.set('a', { name: 'n', secret: value }));
    expect(error.message + error.stack + JSON.stringify(error)).not.toContain(value);
  });

  test.each([10, 16, 20, 76])(
    'two encodings in lines of %i characters are redacted in plain data, as in a text',
    async (width) => {
      const value = 'u8c0uPIsov5K4YewYeKnbtcv-and-a-tail';
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const lines = base64(base64(value)).replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
      for (const thrown of [lines, { m: lines }, [lines], { a: [{ [lines]: 'b' }] }, new Error(lines)]) {
        const secrets = inPlugin(() => Promise.reject(thrown), { retry: false });
        const { message } = await rejectionOf(secrets.set('a', { name: 'n', secret: value }));
        expect(message).toContain('[redacted]');
        for (const line of lines.split('\r\n').slice(0, -1)) expect(message).not.toContain(line);
      }
    },
  );

  test('a 429 pauses, as anywhere', async () => {
    let sent = 0;
    const secrets = inPlugin(async () => (++sent === 1 ? reply(429, '', { 'retry-after': '2' }) : reply(200, one)));
    const call = secrets.get('a');
    await vi.advanceTimersByTimeAsync(2000);
    expect(await call).toMatchObject({ id: 'se-1' });
    expect(sent).toBe(2);
  });
});

describe('baseUrl', () => {
  test.each([
    ['https://cortex.test/api/v1', 'https://cortex.test'],
    ['https://cortex.test/api/v1/', 'https://cortex.test'],
    ['https://cortex.test/api/v1///', 'https://cortex.test'],
    ['https://cortex.test//api/v1', 'https://cortex.test'],
    ['https://cortex.test/prefix/api/v1', 'https://cortex.test/prefix'],
    ['https://cortex.test/prefix/api/v1/', 'https://cortex.test/prefix'],
    ['https://cortex.test/api/v2', 'https://cortex.test/api/v2'],
    ['https://cortex.test/xapi/v1', 'https://cortex.test/xapi/v1'],
    ['https://cortex.test/api/v1/x', 'https://cortex.test/api/v1/x'],
    ['https://cortex.test/api/v10', 'https://cortex.test/api/v10'],
  ])('%s stands for %s', async (given, base) => {
    for (const way of ['option', 'URL', 'environment']) {
      if (way === 'environment') vi.stubEnv('CORTEX_BASE_URL', given);
      const baseUrl = way === 'environment' ? undefined : way === 'URL' ? new URL(given) : given;
      const secrets = testClient([good], { baseUrl });
      await secrets.get('a');
      await secrets.api.GET('/api/v1/secrets/{tagOrId}', { params: { path: { tagOrId: 'a' } } });
      expect(secrets.sent.map(({ url }) => url)).toEqual(Array(2).fill(`${base}/api/v1/secrets/a`));
    }
  });
});

describe('a custom fetch that ignores its signal', () => {
  test('a response after the time limit: its body is cancelled', async () => {
    let cancelled = false;
    const late = () =>
      new Promise<Response>((resolve) =>
        setTimeout(() => {
          const body = new ReadableStream({
            cancel() {
              cancelled = true;
            },
          });
          resolve(new Response(body));
        }, 5000),
      );
    const secrets = testClient([late], { timeoutMs: 1000, retry: false });
    const call = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await call).toMatchObject({ timedOut: true });
    expect(cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(4000);
    expect(cancelled).toBe(true);
  });

  test('a body that never ends: reading stops at the time limit', async () => {
    let pulls = 0;
    let cancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            pulls++;
            await new Promise((resolve) => setTimeout(resolve, 100));
            if (!cancelled) controller.enqueue(new Uint8Array(10));
          },
          cancel() {
            cancelled = true;
          },
        }),
      );
    const secrets = testClient([endless], { timeoutMs: 1000, retry: false });
    const call = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1000);
    await call;
    const then = pulls;
    expect(cancelled).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    expect(pulls).toBe(then);
  });

  test('an abort with the reason null: the call rejects with null, in api too', async () => {
    for (const call of [
      (secrets: ReturnType<typeof testClient>, signal: AbortSignal) => secrets.get('a', { signal }),
      (secrets: ReturnType<typeof testClient>, signal: AbortSignal) => secrets.api.GET('/api/v1/secrets', { signal }),
    ]) {
      const controller = new AbortController();
      const rejected = vi.fn();
      const done = call(testClient([neverResponds]), controller.signal).catch(rejected);
      await vi.advanceTimersByTimeAsync(1);
      controller.abort(null);
      await done;
      expect(rejected).toHaveBeenCalledWith(null);
    }
  });
});
