import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../support/fake-clock.js';
import { json, KEY, networkError, rejectionOf, secret, testClient } from '../support/helpers.js';

const quick = { retry: { baseDelayMs: 0 } };

const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

describe('apiKey', () => {
  test('is sent in the Authorization header and nowhere else', async () => {
    const secrets = testClient([json(200, secret(1))]);
    await secrets.create({ tag: 't', name: 'n', secret: 'v' });
    const { url, body, headers } = secrets.sent[0] ?? {};
    expect(headers?.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify({ url, body, ...headers, authorization: undefined })).not.toContain(KEY);
  });

  test('of a function: it is called before each attempt', async () => {
    let callCount = 0;
    const apiKey = async () => `key-${++callCount}`;
    const secrets = testClient([json(503, {}), json(503, {}), json(200, secret(1))], { ...quick, apiKey });
    await secrets.get('a');
    expect(secrets.sent.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer key-1',
      'Bearer key-2',
      'Bearer key-3',
    ]);
  });

  test('of a function that is not async: its result is used', async () => {
    const secrets = testClient([json(200, secret(1))], { apiKey: () => 'plain' });
    await secrets.get('a');
    expect(secrets.sent[0]?.headers.authorization).toBe('Bearer plain');
  });
});

test('an abort ends the wait for an apiKey function that hangs, and the next call is served', async () => {
  const keys: (string | Promise<string>)[] = [new Promise(() => {}), 'a-key'];
  const apiKey = vi.fn(() => keys.shift() as string);
  const secrets = testClient([json(200, secret(1))], { apiKey, maxConcurrency: 1 });
  const controller = new AbortController();
  const reason = new Error('left');
  const waiting = rejectionOf(secrets.get('a', { signal: controller.signal }));
  await vi.waitFor(() => expect(apiKey).toHaveBeenCalledTimes(1), { timeout: 15_000, interval: 1 });
  controller.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
});

describe('after a 401', () => {
  test('calls the function once more, and makes one more attempt if the key is different', async () => {
    const keys = ['old', 'new', 'newest'];
    const events: unknown[] = [];
    const secrets = testClient([json(401, {}), json(200, secret(1))], {
      retry: false, // the attempt with the new key is no retry
      apiKey: () => keys.shift() as string,
      onAttempt: ({ attempt, status, retryInMs }) => events.push([attempt, status, retryInMs]),
    });
    expect(await secrets.create({ tag: 't', name: 'n', secret: 'v' })).toMatchObject({ id: 'se-1' });
    expect(secrets.sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(events).toEqual([
      [1, 401, 0],
      [2, 200, undefined],
    ]);
  });

  test('makes only one more attempt', async () => {
    let callCount = 0;
    const secrets = testClient([json(401, {})], { apiKey: () => `key-${++callCount}` });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 401, attempts: 2, outcome: 'rejected' });
    expect(callCount).toBe(2);
  });

  test('makes no other attempt if the key is the same', async () => {
    let callCount = 0;
    const apiKey = () => {
      callCount++;
      return 'same';
    };
    const secrets = testClient([json(401, {})], { apiKey });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 401, attempts: 1 });
    expect(callCount).toBe(2);
  });

  test('makes no other attempt if apiKey is a string', async () => {
    const secrets = testClient([json(401, { message: 'no', type: 'UNCATEGORIZED' })]);
    const error = await rejectionOf(secrets.get('a'));
    expect(error.message).toBe('secrets.get("a"): 401 UNCATEGORIZED no. Check the API key: it may be wrong or expired');
    expect(secrets.sent).toHaveLength(1);
  });
});

describe('an apiKey function that fails', () => {
  test('its error is thrown unchanged, and not retried', async () => {
    const own = new Error('the vault is sealed');
    let callCount = 0;
    const secrets = testClient([json(200, secret(1))], {
      apiKey: () => {
        callCount++;
        throw own;
      },
    });
    expect(await rejectionOf(secrets.get('a'))).toBe(own);
    expect(callCount).toBe(1);
    expect(secrets.sent).toEqual([]);
  });

  test('the same if it is an error of another client of this package', async () => {
    const vault = testClient([new TypeError('fetch failed')], { retry: false });
    let callCount = 0;
    const secrets = testClient([json(200, secret(1))], {
      ...quick,
      apiKey: async () => {
        callCount++;
        return (await vault.get('key')).tag;
      },
    });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ name: 'ConnectionError', operation: 'secrets.get' });
    expect(callCount).toBe(1);
  });

  test.each([[''], ['with space'], ['line\nbreak'], ['kéy'], [undefined], [42]])(
    'the key %j: a TypeError that does not quote it, and no request',
    async (key) => {
      const secrets = testClient([json(200, secret(1))], { apiKey: () => key as string });
      const error = await rejectionOf(secrets.get('a'));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(
        'apiKey: must be a string of visible ASCII characters, without spaces and line breaks',
      );
      expect(secrets.sent).toEqual([]);
    },
  );
});

describe('an apiKey function', () => {
  // Those that wait ask again after a second, which may be over on a busy machine.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('is called once for all attempts that start while it is pending', async () => {
    let give!: (key: string) => void;
    const apiKey = vi.fn(() => new Promise<string>((resolve) => (give = resolve)));
    const secrets = testClient([json(200, secret(1))], { apiKey });
    const calls = Promise.all(Array.from({ length: 200 }, (_, i) => secrets.get(`${i}`)));
    await vi.waitFor(() => expect(apiKey).toHaveBeenCalled(), { timeout: 60_000 });
    give('a-key');
    await calls;
    expect(apiKey).toHaveBeenCalledTimes(1);
    expect(new Set(secrets.sent.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer a-key']));
    const next = secrets.get('later');
    await vi.waitFor(() => expect(apiKey).toHaveBeenCalledTimes(2), { timeout: 60_000 });
    give('a-newer-key');
    await next;
    expect(secrets.sent.at(-1)?.headers.authorization).toBe('Bearer a-newer-key');
  });

  test('an abort of the call that asked first ends nothing for the others', async () => {
    let give!: (key: string) => void;
    const apiKey = vi.fn(() => new Promise<string>((resolve) => (give = resolve)));
    const secrets = testClient([json(200, secret(1))], { apiKey });
    const controller = new AbortController();
    const first = rejectionOf(secrets.get('a', { signal: controller.signal }));
    const second = secrets.get('b');
    await vi.waitFor(() => expect(apiKey).toHaveBeenCalled(), { timeout: 60_000 });
    controller.abort(new Error('left'));
    expect((await first).message).toBe('left');
    give('a-key');
    expect(await second).toMatchObject({ id: 'se-1' });
    expect(apiKey).toHaveBeenCalledTimes(1);
  });

  test('hangs for the call that asked first: the others ask again, once for all, and succeed', async () => {
    let asked = 0;
    const apiKey = vi.fn(() => (++asked === 1 ? new Promise<string>(() => {}) : later(500, 'a-key')));
    const secrets = testClient([json(200, secret(1))], { apiKey, timeoutMs: 30_000 });
    const first = rejectionOf(secrets.get('first'));
    const others = Promise.all(Array.from({ length: 200 }, (_, i) => secrets.get(`t${i}`)));
    await vi.advanceTimersByTimeAsync(1600);
    expect(await others).toHaveLength(200);
    expect(apiKey).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await first).toMatchObject({ timedOut: true, outcome: 'not-sent', attempts: 0 });
  });

  test('is slow: those that wait for a second ask again, once for all, and take the key that comes first', async () => {
    const apiKey = vi.fn(() => later(3000, 'a-key'));
    const secrets = testClient([json(200, secret(1))], { apiKey });
    const all = Promise.all(Array.from({ length: 200 }, (_, i) => secrets.get(`t${i}`)));
    await vi.advanceTimersByTimeAsync(3000);
    expect(await all).toHaveLength(200);
    expect(apiKey).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1000);
  });

  test('after a 401 a result that was pending before is not taken', async () => {
    const gives: ((key: string) => void)[] = [];
    let reject!: (response: Response) => void;
    const secrets = testClient(
      [
        () => new Promise<Response>((resolve) => (reject = resolve)),
        ({ headers }) => (headers.authorization === 'Bearer new' ? json(200, secret(1)) : json(401, {})),
      ],
      { apiKey: () => new Promise((resolve) => gives.push(resolve)) },
    );
    const first = secrets.get('a');
    await vi.waitFor(() => expect(gives).toHaveLength(1));
    gives[0]?.('old');
    await vi.waitFor(() => expect(secrets.sent).toHaveLength(1));
    const second = secrets.get('b');
    await vi.waitFor(() => expect(gives).toHaveLength(2));
    reject(json(401, {}));
    await vi.waitFor(() => expect(gives).toHaveLength(3));
    gives[1]?.('old');
    gives[2]?.('new');
    expect(await first).toMatchObject({ id: 'se-1' });
    await vi.waitFor(() => expect(gives).toHaveLength(4));
    gives[3]?.('new');
    expect(await second).toMatchObject({ id: 'se-1' });
  });
});

describe('an error of a function of the user after an attempt', () => {
  const reset = networkError();
  const failing: [string, () => unknown][] = [
    ['returns nothing', () => undefined],
    [
      'throws',
      () => {
        throw new RangeError('vault is sealed');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('vault is sealed'))],
    ['returns a key with a line break', () => 'a\nb'],
  ];
  const calls: [string, number, (secrets: ReturnType<typeof testClient>) => Promise<unknown>, string][] = [
    ['update', 1, (secrets) => secrets.update('a', { name: 'n' }), 'unknown'],
    ['delete', 1, (secrets) => secrets.delete('a'), 'unknown'],
    ['set', 1, (secrets) => secrets.set('a', { name: 'n', secret: 'some value' }), 'unknown'],
  ];
  test.each(failing.flatMap(([how, fail]) => calls.map((call) => [how, ...call, fail] as const)))(
    'an apiKey that %s: %s is a ConnectionError with the outcome and the cause',
    async (_, __, attempts, call, outcome, fail) => {
      let asked = 0;
      const apiKey = () => (++asked === 1 ? 'a-key' : fail()) as string;
      const error = await rejectionOf(call(testClient([reset], { apiKey, retry: { baseDelayMs: 0 } })));
      expect(error).toMatchObject({ name: 'ConnectionError', attempts, outcome, timedOut: false });
      expect(error.cause).toBeInstanceOf(Error);
      expect(error.message).toMatch(/a function of the options failed after an attempt; its error is the cause$/);
    },
  );

  test('headers too; before an attempt it is thrown as it is', async () => {
    const thrown = new RangeError('no tenant');
    let asked = 0;
    const headers = () => {
      if (++asked > 1) throw thrown;
      return {};
    };
    const secrets = testClient([json(503, {})], { headers, retry: { baseDelayMs: 0 } });
    expect(await rejectionOf(secrets.update('a', { name: 'n' }))).toMatchObject({ outcome: 'unknown', cause: thrown });
    expect(await rejectionOf(secrets.update('a', { name: 'n' }))).toBe(thrown);
  });

  test('after a 429 nothing is unknown', async () => {
    let asked = 0;
    const apiKey = () => (++asked === 1 ? 'a-key' : undefined) as string;
    const error = await rejectionOf(
      testClient([json(429, {})], { apiKey, retry: { baseDelayMs: 0 } }).update('a', { name: 'n' }),
    );
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: 1, outcome: 'not-sent' });
  });
});

describe('an apiKey function that hangs', () => {
  fakeClock();
  const good = () => json(200, secret(1));
  const throttled = (retryAfter: string) => json(429, {}, { 'retry-after': retryAfter });

  test('fails the call after timeoutMs: not-sent, and not retried', async () => {
    const secrets = testClient([good], { apiKey: () => new Promise(() => {}), timeoutMs: 1000 });
    const call = rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'v' }));
    await vi.advanceTimersByTimeAsync(1000);
    const error = await call;
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    expect(error.message).toBe('secrets.create("t"): the apiKey function did not return within 1000 ms');
  });

  test('takes no slot: with maxConcurrency 1 other calls are served', async () => {
    const keys: (string | Promise<string>)[] = [new Promise(() => {}), 'k', 'k'];
    const apiKey = () => keys.shift() as string;
    const secrets = testClient([good], { apiKey, maxConcurrency: 1, timeoutMs: 5000 });
    const hanging = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1001); // calls of the first second wait for the same result
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    expect(await secrets.get('c')).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(4000);
    expect(await hanging).toMatchObject({ timedOut: true });
  });

  test('is no probe: after a 429 other calls are served', async () => {
    const keys: (string | Promise<string>)[] = ['k', new Promise(() => {}), 'k'];
    const apiKey = () => keys.shift() as string;
    const secrets = testClient([throttled('1'), good], { apiKey, timeoutMs: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    const hanging = rejectionOf(secrets.get('a', { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(2001);
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    controller.abort(new Error('left'));
    expect((await hanging).message).toBe('left');
  });

  test('takes no slot after a 401 either', async () => {
    const keys: (string | Promise<string>)[] = ['old', new Promise(() => {}), 'new'];
    const apiKey = () => keys.shift() as string;
    const secrets = testClient([json(401, {}), good], { apiKey, maxConcurrency: 1, timeoutMs: 5000 });
    const hanging = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1001);
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(await hanging).toMatchObject({ timedOut: true, attempts: 1 });
  });
});

describe('apiKey: null', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const good = () => json(200, secret(1));

  test('a 403 says who needs the permission', async () => {
    const secrets = testClient([json(403, { type: 'FORBIDDEN', message: 'No' })], { apiKey: null });
    expect((await rejectionOf(secrets.get('a'))).message).toBe(
      'secrets.get("a"): 403 FORBIDDEN No. The key that is added to the request, or in a Cortex plugin the user, needs the "Create secrets" permission',
    );
  });

  test.each([
    ['a method', (secrets: ReturnType<typeof testClient>) => secrets.get('a')],
    ['api', (secrets: ReturnType<typeof testClient>) => secrets.api.GET('/api/v1/secrets')],
    [
      'api with a header of its own',
      (secrets: ReturnType<typeof testClient>) =>
        secrets.api.GET('/api/v1/secrets', { headers: { Authorization: 'Bearer x' } }),
    ],
  ])('sends no Authorization header: %s', async (_, call) => {
    const secrets = testClient([good], { apiKey: null });
    await call(secrets);
    expect(Object.keys(secrets.sent[0]?.headers ?? {})).not.toContain('authorization');
  });

  test('wins over CORTEX_API_KEY', async () => {
    vi.stubEnv('CORTEX_API_KEY', KEY);
    const secrets = testClient([good], { apiKey: null });
    await secrets.get('a');
    expect(JSON.stringify(secrets.sent)).not.toContain(KEY);
  });

  test('a 401 ends the call after one attempt, and its message says who should have added the key', async () => {
    const secrets = testClient([json(401, { message: 'no', type: 'UNCATEGORIZED' })], { apiKey: null });
    const error = await rejectionOf(secrets.get('a'));
    expect(error).toMatchObject({ status: 401, attempts: 1, outcome: 'rejected' });
    expect(error.message).toBe(
      'secrets.get("a"): 401 UNCATEGORIZED no. This client sends no API key (apiKey: null): the proxy, gateway or page that adds it must add a valid one',
    );
  });

  test('with a key, the message of a 401 stays', async () => {
    const error = await rejectionOf(testClient([json(401, {})]).get('a'));
    expect(error.message).toBe('secrets.get("a"): 401. Check the API key: it may be wrong or expired');
  });
});
