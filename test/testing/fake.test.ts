/** The in-memory Cortex with a client: state, API keys, rate limit, time, and no leaks. */
import { inspect } from 'node:util';
import { type ClientOptions, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { createFakeCortex, type FakeCortex, type FakeCortexOptions } from 'cortex-secrets/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { rejectionOf } from '../support/helpers.js';

const VALUE = 'hunter2 "correct" battery';
const mySecret = { tag: 'my-secret', name: 'My secret', secret: VALUE };

function setUp(
  options: FakeCortexOptions = {},
  client: ClientOptions = {},
): { cortex: FakeCortex; secrets: SecretsClient } {
  const cortex = createFakeCortex(options);
  return { cortex, secrets: createSecretsClient({ ...cortex.clientOptions, retry: false, ...client }) };
}

/** Sends a request without a client. */
async function send(cortex: FakeCortex, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json', ...init.headers };
  const response = await cortex.fetch(cortex.baseUrl + path, { ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('state', () => {
  test('gets, lists, updates and deletes a created secret, by tag and by id', async () => {
    const { cortex, secrets } = setUp();
    const created = await secrets.create(mySecret);
    expect(created).toEqual({ id: expect.stringMatching(/^se[0-9a-f]{16}$/), tag: 'my-secret', name: 'My secret' });
    expect(await secrets.get('my-secret')).toEqual(created);
    expect(await secrets.get(created.id)).toEqual(created);
    expect(await secrets.list()).toEqual({ page: 0, secrets: [created], total: 1, totalPages: 1 });
    expect(cortex.storedValue('my-secret')).toBe(VALUE);

    expect(await secrets.update('my-secret', { name: 'Another' })).toEqual({ ...created, name: 'Another' });
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
    expect(await secrets.update(created.id, { secret: 'rotated' })).toEqual({ ...created, name: 'Another' });
    expect(cortex.storedValue('my-secret')).toBe('rotated');

    expect(await secrets.delete(created.id)).toBeUndefined();
    expect(cortex.storedValue('my-secret')).toBeUndefined();
    expect(await rejectionOf(secrets.get('my-secret'))).toMatchObject({ status: 404, type: 'NOT_FOUND' });
    expect(await rejectionOf(secrets.delete('my-secret'))).toMatchObject({ status: 404, type: 'NOT_FOUND' });
    expect(await secrets.list()).toEqual({ page: 0, secrets: [], total: 0, totalPages: 0 });
  });

  test('responds with 409 to a create of an existing tag, and changes nothing', async () => {
    const { cortex, secrets } = setUp({ seed: [mySecret] });
    const error = await rejectionOf(secrets.create({ ...mySecret, secret: 'other' }));
    expect(error).toMatchObject({ status: 409, type: 'CONFLICT', outcome: 'rejected' });
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
    expect((await secrets.list()).total).toBe(1);
  });

  test('conflictStatus: 400 gives the other form of the contract, with the tag as its details', async () => {
    const { cortex, secrets } = setUp({ seed: [mySecret], conflictStatus: 400 });
    const error = await rejectionOf(secrets.create({ ...mySecret, secret: 'other' }));
    expect(error).toMatchObject({ status: 400, type: 'ILLEGAL_ARGUMENT_ERROR', details: 'tag: my-secret' });
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
    await secrets.set('my-secret', { name: 'n', secret: 'rotated' });
    expect(cortex.storedValue('my-secret')).toBe('rotated');
  });

  test('set creates a secret, then updates it', async () => {
    const { cortex, secrets } = setUp();
    const created = await secrets.set('my-secret', { name: 'One', secret: '1' });
    expect(await secrets.set('my-secret', { name: 'Two', secret: '2' })).toEqual({ ...created, name: 'Two' });
    expect(cortex.storedValue('my-secret')).toBe('2');
  });

  test('lists secrets sorted by tag, whatever the order of creation', async () => {
    const { secrets } = setUp({ seed: ['m', 'c', 'z'].map((tag) => ({ tag, secret: 'v' })) });
    for (const tag of ['b', 'zz', 'a', 'n']) await secrets.create({ tag, name: tag, secret: 'v' });
    await secrets.delete('c');
    const tags = async (page: number) => (await secrets.list({ page, pageSize: 4 })).secrets.map(({ tag }) => tag);
    expect(await tags(0)).toEqual(['a', 'b', 'm', 'n']);
    expect(await tags(1)).toEqual(['z', 'zz']);
    expect(await secrets.list({ page: 2, pageSize: 4 })).toEqual({ page: 2, secrets: [], total: 6, totalPages: 2 });
  });

  test('copies a seed, which may have an id and no name', async () => {
    const seed = [{ tag: 'old one', secret: 'v', id: 'se2da8159dbeefb974' }];
    const { cortex, secrets } = setUp({ seed });
    (seed[0] as { secret: string }).secret = 'changed later';
    expect(await secrets.get('old one')).toEqual({ id: 'se2da8159dbeefb974', tag: 'old one' });
    expect(cortex.storedValue('old one')).toBe('v');
  });

  test('a changed response does not change the state', async () => {
    const { cortex, secrets } = setUp({ seed: [mySecret] });
    (await send(cortex, '/api/v1/secrets')).body.secrets[0].tag = 'other';
    expect((await secrets.get('my-secret')).tag).toBe('my-secret');
  });

  test('reset restores the seed, and clears requests, faults and the rate limit', async () => {
    const { cortex, secrets } = setUp({ seed: [mySecret], rateLimit: { requests: 2, perMs: 60_000 } });
    await secrets.update('my-secret', { name: 'Other', secret: 'other' });
    await secrets.create({ tag: 'more', name: 'n', secret: 'v' });
    expect(await rejectionOf(secrets.get('more'))).toMatchObject({ status: 429 });
    cortex.fail('any', { status: 503 }, { times: 9 });
    cortex.reset();
    expect(cortex.requests).toEqual([]);
    // Another client: the first one still waits after its 429.
    const after = createSecretsClient({ ...cortex.clientOptions, retry: false });
    expect((await after.list()).secrets).toEqual([{ id: expect.any(String), tag: 'my-secret', name: 'My secret' }]);
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
  });

  test('a request in flight during a reset does not change the new state', async () => {
    vi.useFakeTimers();
    const { cortex, secrets } = setUp({ latencyMs: 50, rateLimit: { requests: 1, perMs: 60_000 } });
    const late = secrets.create(mySecret);
    await vi.advanceTimersByTimeAsync(10);
    cortex.reset();
    await vi.advanceTimersByTimeAsync(50);
    expect(await late).toMatchObject({ tag: 'my-secret' });
    expect([cortex.storedValue('my-secret'), cortex.requests]).toEqual([undefined, []]);
    const first = secrets.list();
    await vi.advanceTimersByTimeAsync(50);
    expect((await first).total).toBe(0);
  });

  test('takes an empty value in a seed if empty values are allowed', () => {
    const { cortex } = setUp({ seed: [{ tag: 'a', secret: '' }], allowEmptyValues: true });
    expect(cortex.storedValue('a')).toBe('');
  });

  test('treats null in a seed as absent', async () => {
    const seed = JSON.parse('[{"tag":"a","secret":"v","id":null,"name":null},{"tag":"b","secret":"v","id":null}]');
    const { cortex, secrets } = setUp({ seed });
    expect(await secrets.get('a')).toEqual({ id: expect.stringMatching(/^se[0-9a-f]{16}$/), tag: 'a' });
    expect(await send(cortex, '/api/v1/secrets/a')).not.toHaveProperty('body.name');
    expect((await secrets.list()).total).toBe(2);
  });

  test('generates no id that a seed has', async () => {
    const seed = [
      { tag: 'a', secret: 'v' },
      { tag: 'b', secret: 'v', id: 'se0000000000000000' },
    ];
    const { secrets } = setUp({ seed, random: () => 0 });
    const ids = (await secrets.list()).secrets.map(({ id }) => id);
    expect(ids).toEqual(['se0000000000000001', 'se0000000000000000']);
  });

  test('generates different ids even if random is constant', async () => {
    const { secrets } = setUp({ random: () => 0.999999999 });
    const ids = await Promise.all(['a', 'b', 'c'].map(async (tag) => (await secrets.create({ ...mySecret, tag })).id));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toHaveLength(18);
  });

  test('generates the same ids for the same random', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => {
        let n = 0;
        const { secrets } = setUp({ random: () => (n++ % 10) / 10 });
        return (await secrets.create(mySecret)).id;
      }),
    );
    expect(ids[0]).toBe(ids[1]);
  });
});

describe('clientOptions', () => {
  test('are the options of a client', async () => {
    const cortex = createFakeCortex({ apiKey: 'my-key', seed: [mySecret] });
    const { apiKey, baseUrl, fetch } = cortex;
    expect(cortex.clientOptions).toEqual({ apiKey: 'my-key', baseUrl: 'https://cortex.test', fetch });
    expect(cortex.clientOptions).toEqual({ apiKey, baseUrl, fetch });
    expect(await createSecretsClient({ ...cortex.clientOptions }).get('my-secret')).toMatchObject({ tag: 'my-secret' });
  });

  test('still work after a reset', async () => {
    const { clientOptions, reset } = createFakeCortex({ seed: [mySecret] });
    reset();
    expect((await createSecretsClient({ ...clientOptions }).list()).total).toBe(1);
  });
});

describe('API keys', () => {
  test('responds with 401 to a missing or wrong key or another scheme, with 403 to a key without permission', async () => {
    const { cortex } = setUp({ apiKey: 'key-of-mySecret', seed: [mySecret] });
    expect(cortex.apiKey).toBe('key-of-mySecret');
    const status = async (authorization: string | null) => {
      const headers: Record<string, string> = authorization === null ? {} : { authorization };
      return (await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, { headers })).status;
    };
    expect(await status(null)).toBe(401);
    expect(await status('Bearer wrong')).toBe(401);
    expect(await status('Bearer ')).toBe(401);
    expect(await status('Basic key-of-mySecret')).toBe(401);
    expect(await status('bearer key-of-mySecret')).toBe(200);
    expect(await status(`Bearer ${cortex.apiKeyWithoutPermission}`)).toBe(403);
  });

  test('an unauthorized request changes nothing', async () => {
    const cortex = createFakeCortex({ seed: [mySecret] });
    for (const apiKey of ['wrong', cortex.apiKeyWithoutPermission]) {
      const secrets = createSecretsClient({ ...cortex.clientOptions, apiKey });
      await rejectionOf(secrets.delete('my-secret'));
      await rejectionOf(secrets.update('my-secret', { secret: 'x' }));
      await rejectionOf(secrets.create({ ...mySecret, tag: 'other' }));
    }
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
    expect(cortex.storedValue('other')).toBeUndefined();
    expect(cortex.requests.map(({ status }) => status)).toEqual([401, 401, 401, 403, 403, 403]);
  });
});

describe('rate limit', () => {
  test('responds with 429 and the seconds until the reset, on an injected clock', async () => {
    let at = 5_000;
    const { cortex } = setUp({ rateLimit: { requests: 2, perMs: 10_000 }, now: () => at });
    const get = () => send(cortex, '/api/v1/secrets');
    expect([(await get()).status, (await get()).status]).toEqual([200, 200]);
    at += 100;
    const throttled = await get();
    expect(throttled).toMatchObject({ status: 429, body: { message: 'Too many requests', httpStatus: 429 } });
    expect(throttled.headers.get('retry-after')).toBe('10');
    at = 14_999;
    expect((await get()).headers.get('retry-after')).toBe('1');
    at = 15_000;
    expect((await get()).status).toBe(200);
  });

  test('with a sliding window, each allowed request counts for perMs, and a throttled one does not', async () => {
    let at = 5_000;
    const { cortex } = setUp({ rateLimit: { requests: 2, perMs: 10_000, window: 'sliding' }, now: () => at });
    const get = async () => {
      const { status, headers } = await send(cortex, '/api/v1/secrets');
      return status === 200 ? 'allowed' : headers.get('retry-after');
    };
    expect(await get()).toBe('allowed');
    at = 13_000;
    expect([await get(), await get(), await get()]).toEqual(['allowed', '2', '2']);
    at = 14_999;
    expect(await get()).toBe('1');
    at = 15_000; // a fixed window would allow two
    expect([await get(), await get()]).toEqual(['allowed', '8']);
    at = 23_000;
    expect([await get(), await get()]).toEqual(['allowed', '2']);
    cortex.reset();
    expect([await get(), await get(), await get()]).toEqual(['allowed', 'allowed', '10']);
  });

  test('a sliding window of no requests allows none', async () => {
    const { cortex } = setUp({ rateLimit: { requests: 0, perMs: 10_000, window: 'sliding' } });
    const { status, headers } = await send(cortex, '/api/v1/secrets');
    expect([status, headers.get('retry-after')]).toEqual([429, '10']);
  });

  test('a client waits for the reset, on fake timers', async () => {
    vi.useFakeTimers();
    const { cortex, secrets } = setUp({ rateLimit: { requests: 3, perMs: 60_000 } }, { retry: { baseDelayMs: 0 } });
    const work = Promise.all(
      Array.from({ length: 5 }, (_, i) => secrets.create({ tag: `t${i}`, name: 'n', secret: 'v' })),
    );
    await vi.advanceTimersByTimeAsync(59_999);
    expect(cortex.storedValue('t4')).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(await work).toHaveLength(5);
    expect(cortex.requests.filter(({ status }) => status === 429)).toHaveLength(2);
  });

  test('does not process a throttled create, and does not count a request without a key', async () => {
    const { cortex, secrets } = setUp({ rateLimit: { requests: 1, perMs: 1000 }, now: () => 0 });
    await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`);
    await secrets.list();
    expect(await rejectionOf(secrets.create(mySecret))).toMatchObject({ status: 429, retryAfterMs: 1000 });
    expect(cortex.storedValue('my-secret')).toBeUndefined();
  });
});

describe('time', () => {
  test('latencyMs delays every response', async () => {
    vi.useFakeTimers();
    const { secrets } = setUp({ latencyMs: 500 });
    let done = false;
    const work = secrets.list().then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(499);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await work;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an abort rejects with its reason, and the request is not processed', async () => {
    vi.useFakeTimers();
    const { cortex, secrets } = setUp({ latencyMs: 500 });
    const controller = new AbortController();
    const work = rejectionOf(secrets.create(mySecret, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(100);
    const reason = new Error('aborted');
    controller.abort(reason);
    expect(await work).toBe(reason);
    await vi.advanceTimersByTimeAsync(1000);
    expect(cortex.storedValue('my-secret')).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('sends nothing with an aborted signal', async () => {
    const { cortex } = setUp();
    const reason = new Error('before');
    const init = { signal: AbortSignal.abort(reason) };
    expect(await rejectionOf(cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, init))).toBe(reason);
    expect(cortex.requests).toEqual([]);
  });
});

test('records unknown paths and methods, and delays their responses', async () => {
  vi.useFakeTimers();
  const { cortex } = setUp({ latencyMs: 50 });
  const work = Promise.all([send(cortex, '/api/v2/secrets?a=1'), send(cortex, '/api/v1/secrets', { method: 'PATCH' })]);
  await vi.advanceTimersByTimeAsync(49);
  expect(cortex.requests.map(({ status }) => status)).toEqual([undefined, undefined]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await work).map(({ status }) => status)).toEqual([404, 405]);
  expect(cortex.requests).toEqual([
    { operation: undefined, method: 'GET', path: '/api/v2/secrets', status: 404 },
    { operation: undefined, method: 'PATCH', path: '/api/v1/secrets', status: 405 },
  ]);
});

describe('requests', () => {
  const tagsOf = ({ requests }: FakeCortex) => requests.map(({ tagOrId }) => tagOrId);

  test('holds the newest requestLogLimit, and is the same array', async () => {
    const { cortex } = setUp({ requestLogLimit: 2 });
    const { requests } = cortex;
    for (const tag of ['a', 'b', 'c']) await send(cortex, `/api/v1/secrets/${tag}`);
    expect(tagsOf(cortex)).toEqual(['b', 'c']);
    expect(cortex.requests).toBe(requests);
  });

  test('holds 10,000 by default, none with 0, and all with Infinity', async () => {
    for (const [options, held] of [
      [{}, 10_000],
      [{ requestLogLimit: 0 }, 0],
      [{ requestLogLimit: Number.POSITIVE_INFINITY }, 10_005],
    ] as const) {
      const { cortex } = setUp(options);
      for (let i = 0; i < 10_005; i++) void cortex.fetch(`${cortex.baseUrl}/api/v1/secrets/${i}`);
      await new Promise((resolve) => setImmediate(resolve));
      expect(cortex.requests).toHaveLength(held);
      if (held > 0) expect(cortex.requests.at(-1)?.tagOrId).toBe('10004');
    }
  });
});

describe('an abort while the body is read sends nothing:', () => {
  const init = {
    method: 'POST',
    headers: { authorization: 'Bearer fake-api-key', 'content-type': 'application/json' },
  };
  const url = 'https://cortex.test/api/v1/secrets';
  const reason = new Error('aborted');

  test.each<[string, () => BodyInit]>([
    ['a string', () => JSON.stringify(mySecret)],
    ['a stream', () => new Blob([JSON.stringify(mySecret)]).stream()],
    ['an endless stream', () => new ReadableStream({})],
  ])('%s', async (_, body) => {
    const { cortex } = setUp();
    const controller = new AbortController();
    const request = { ...init, body: body(), duplex: 'half', signal: controller.signal } as RequestInit;
    const work = rejectionOf(cortex.fetch(url, request));
    controller.abort(reason);
    expect(await work).toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(cortex.requests).toEqual([]);
    expect(cortex.storedValue('my-secret')).toBeUndefined();
  });
});

describe('fetch accepts', () => {
  const body = JSON.stringify(mySecret);
  const headers = { authorization: 'Bearer fake-api-key', 'content-type': 'application/json' };
  const url = 'https://cortex.test/api/v1/secrets';
  const forms: [string, (fetch: FakeCortex['fetch']) => Promise<Response>][] = [
    ['strings', (fetch) => fetch(url, { method: 'POST', headers, body })],
    [
      'a URL, Headers and bytes',
      (fetch) =>
        fetch(new URL(url), { method: 'post', headers: new Headers(headers), body: new TextEncoder().encode(body) }),
    ],
    ['a Request', (fetch) => fetch(new Request(url, { method: 'POST', headers, body }))],
    [
      'a Request with another body',
      (fetch) => fetch(new Request(url, { method: 'POST', headers, body: '{}' }), { body }),
    ],
    [
      'a Blob with its type',
      (fetch) =>
        fetch(url, {
          method: 'POST',
          headers: { authorization: headers.authorization },
          body: new Blob([body], { type: 'application/json' }),
        }),
    ],
    [
      'a stream',
      (fetch) =>
        fetch(url, { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit),
    ],
  ];
  test.each(forms)('%s', async (_, send) => {
    const cortex = createFakeCortex();
    expect((await send(cortex.fetch)).status).toBe(200);
    expect(cortex.storedValue('my-secret')).toBe(VALUE);
  });

  test('fetch fails with ENOTFOUND for another host', async () => {
    const { cortex } = setUp();
    const error = await rejectionOf(cortex.fetch('https://cortex.test.evil/api/v1/secrets'));
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
    expect(String((error.cause as Error).message)).toContain('https://cortex.test');
    const wrong = createSecretsClient({ apiKey: 'k', fetch: cortex.fetch, retry: false });
    expect(await rejectionOf(wrong.list())).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent' });
  });
});

describe('redaction', () => {
  test('requests and the fake itself contain no value, and no API key but its own', async () => {
    const { cortex, secrets } = setUp({
      apiKey: 'key-of-mySecret',
      seed: [{ ...mySecret, tag: 'seeded', secret: 'seeded value' }],
    });
    await secrets.create(mySecret);
    await secrets.update('my-secret', { secret: 'rotated value', name: 'Other' });
    await rejectionOf(secrets.create(mySecret));
    await send(cortex, '/api/v1/secrets', { method: 'POST', body: JSON.stringify({ ...mySecret, tag: 5 }) });
    await send(cortex, '/api/v1/secrets', { method: 'POST', body: `{"secret":"${'rotated value'}` });
    const printed =
      inspect([cortex.requests, cortex.fetch, { ...cortex, apiKey: '', clientOptions: undefined }], {
        depth: 9,
        showHidden: true,
      }) + JSON.stringify(cortex.requests);
    for (const secret of ['hunter2', 'rotated value', 'seeded value', 'key-of-mySecret'])
      expect(printed).not.toContain(secret);
    expect(cortex.requests).toEqual([
      {
        operation: 'create',
        method: 'POST',
        path: '/api/v1/secrets',
        tag: 'my-secret',
        name: 'My secret',
        status: 200,
      },
      {
        operation: 'update',
        method: 'PUT',
        path: '/api/v1/secrets/my-secret',
        tagOrId: 'my-secret',
        name: 'Other',
        status: 200,
      },
      {
        operation: 'create',
        method: 'POST',
        path: '/api/v1/secrets',
        tag: 'my-secret',
        name: 'My secret',
        status: 409,
      },
      { operation: 'create', method: 'POST', path: '/api/v1/secrets', status: 400 },
      { operation: 'create', method: 'POST', path: '/api/v1/secrets', status: 400 },
    ]);
  });
});

describe('rejects', () => {
  const invalid: [string, unknown, string][] = [
    [
      'an unknown option',
      { seeds: [] },
      'createFakeCortex: unknown option "seeds"; expected one of apiKey, seed, rateLimit, latencyMs, conflictStatus, allowEmptyValues, requestLogLimit, now, random',
    ],
    ['a string', 'x', 'createFakeCortex: expected an object with apiKey, seed'],
    ['an array', [], 'createFakeCortex: expected an object with apiKey, seed'],
    ['a key with a space', { apiKey: 'a b' }, 'apiKey: '],
    ['an empty key', { apiKey: '' }, 'apiKey: '],
    ['the key without permission', { apiKey: 'fake-api-key-403' }, 'apiKey: '],
    ['a limit without a window', { rateLimit: { requests: 5 } }, 'rateLimit: '],
    [
      'a window of another kind',
      { rateLimit: { requests: 5, perMs: 1, window: 'rolling' } },
      'rateLimit: window must be',
    ],
    ['a fractional limit', { rateLimit: { requests: 0.5, perMs: 1 } }, 'rateLimit: '],
    [
      'a limit of another unit',
      { rateLimit: { requests: 5, perSeconds: 1 } },
      'rateLimit: unknown option "perSeconds"',
    ],
    ['a latency below 0', { latencyMs: -1 }, 'latencyMs: '],
    ['an infinite window', { rateLimit: { requests: 1, perMs: Number.POSITIVE_INFINITY } }, 'rateLimit: '],
    ['a window that is a string', { rateLimit: { requests: 1, perMs: '1000' } }, 'rateLimit: '],
    ['a conflict of another status', { conflictStatus: 422 }, 'conflictStatus: must be 400 or 409'],
    ['a conflict that is a string', { conflictStatus: '409' }, 'conflictStatus: '],
    ['an allowEmptyValues that is a string', { allowEmptyValues: 'no' }, 'allowEmptyValues: '],
    ['a negative requestLogLimit', { requestLogLimit: -1 }, 'requestLogLimit: '],
    ['a clock that is no function', { now: 5 }, 'now: '],
    ['a random that is no function', { random: 7 }, 'random: '],
    [
      'a latency beyond the range of timers',
      { latencyMs: 2 ** 31 },
      'latencyMs: must be a number of milliseconds from 0 to 2147483647',
    ],
    ['a latency that is no number', { latencyMs: Number.NaN }, 'latencyMs: '],
    ['a seed that is no array', { seed: mySecret }, 'seed: '],
    ['a seed without a value', { seed: [mySecret, { tag: 'a' }] }, 'seed[1]: '],
    ['null in a seed', { seed: [null] }, 'seed[0]: '],
    ['a seed with a misspelt field', { seed: [{ tag: 'a', secert: VALUE }] }, 'seed[0]: unknown option "secert"'],
    ['a seed with an empty tag', { seed: [{ tag: '', secret: VALUE }] }, 'seed[0]: '],
    ['a seed with an empty value', { seed: [{ tag: 'a', secret: '' }] }, 'seed[0]: secret must not be empty'],
    ...['tag', 'name', 'secret', 'id'].map((key): (typeof invalid)[number] => [
      `a seed with a lone surrogate in its ${key}`,
      { seed: [{ tag: 'a', secret: VALUE, [key]: '\udce4' }] },
      `seed[0]: ${key} must not contain a lone surrogate`,
    ]),
    ['two seeds with the same tag', { seed: [mySecret, mySecret] }, 'seed[1]: '],
    [
      'two seeds with the same id',
      {
        seed: [
          { tag: 'a', secret: VALUE, id: 'x' },
          { tag: 'b', secret: VALUE, id: 'x' },
        ],
      },
      'seed[1]: ',
    ],
  ];
  test.each(invalid)('%s', (_, options, message) => {
    let error: unknown;
    try {
      createFakeCortex(options as FakeCortexOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(['TypeError', 'RangeError']).toContain((error as Error | undefined)?.name);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain(VALUE);
  });
});

test('undefined stands for the default of each option', async () => {
  const cortex = createFakeCortex({
    apiKey: undefined,
    seed: undefined,
    rateLimit: undefined,
    latencyMs: undefined,
    conflictStatus: undefined,
    allowEmptyValues: undefined,
    requestLogLimit: undefined,
    now: undefined,
    random: undefined,
  });
  expect(cortex.apiKey).toBe('fake-api-key');
  expect((await createSecretsClient({ ...cortex.clientOptions }).list()).total).toBe(0);
  const seed = [{ tag: 'a', secret: 'v', name: undefined, id: undefined }];
  const { clientOptions } = createFakeCortex({ seed });
  const id = expect.stringMatching(/^se[0-9a-f]{16}$/);
  expect(await createSecretsClient({ ...clientOptions }).get('a')).toStrictEqual({ id, tag: 'a' });
});

describe('without what jsdom lacks', () => {
  const MISSING = ['TextDecoder', 'TextEncoder', 'Response', 'Request', 'fetch', 'ReadableStream', 'structuredClone'];

  /** Fresh modules: what they use when they are imported counts too. */
  async function load() {
    for (const name of [...MISSING, 'DOMException']) vi.stubGlobal(name, undefined);
    for (const [owner, name] of [
      [URL, 'canParse'],
      [AbortSignal, 'any'],
      [AbortSignal, 'timeout'],
      [AbortSignal.prototype, 'throwIfAborted'],
    ] as const)
      Object.defineProperty(owner, name, { value: undefined, configurable: true, writable: true });
    vi.resetModules();
    const testing = await import('cortex-secrets/testing');
    const client = await import('cortex-secrets');
    const cortex = testing.createFakeCortex();
    return { cortex, secrets: client.createSecretsClient({ ...cortex.clientOptions, retry: { baseDelayMs: 0 } }) };
  }

  const saved = [
    [URL, 'canParse', Object.getOwnPropertyDescriptor(URL, 'canParse')],
    [AbortSignal, 'any', Object.getOwnPropertyDescriptor(AbortSignal, 'any')],
    [AbortSignal, 'timeout', Object.getOwnPropertyDescriptor(AbortSignal, 'timeout')],
    [AbortSignal.prototype, 'throwIfAborted', Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'throwIfAborted')],
  ] as const;
  afterEach(() => {
    vi.unstubAllGlobals();
    for (const [owner, name, descriptor] of saved) if (descriptor) Object.defineProperty(owner, name, descriptor);
  });

  test('every operation works', async () => {
    const { cortex, secrets } = await load();
    expect(await secrets.create(mySecret)).toMatchObject({ tag: 'my-secret' });
    await secrets.set('another', { name: 'n', secret: 'é€' });
    await secrets.update('another', { name: 'm' });
    expect(await secrets.get('another')).toMatchObject({ name: 'm' });
    const tags = [];
    for await (const { tag } of secrets.listAll()) tags.push(tag);
    expect(tags.sort()).toEqual(['another', 'my-secret']);
    expect(await secrets.delete('my-secret')).toBeUndefined();
    expect(await rejectionOf(secrets.get('my-secret'))).toMatchObject({ status: 404, kind: 'not-found' });
    expect(cortex.storedValue('another')).toBe('é€');
  });

  test.each([
    ['truncated body', 'network', 'unknown'],
    ['not JSON', 'foreign', 'unknown'],
    ['wrong shape', 'contract', 'processed'],
    ['reset before processing', 'network', 'unknown'],
    [{ status: 503 }, 'unavailable', 'unknown'],
  ] as const)('the fault %j of a create', async (fault, kind, outcome) => {
    const { cortex, secrets } = await load();
    cortex.fail('create', fault);
    expect(await rejectionOf(secrets.create(mySecret))).toMatchObject({ kind, outcome });
  });

  test.each(['timeoutMs', 'signal'])('a body that stalls is ended by %s', async (limit) => {
    const { cortex, secrets } = await load();
    cortex.fail('get', { slowBodyMs: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    const reason = new Error('enough');
    const failed = rejectionOf(
      secrets.get('a', limit === 'signal' ? { signal: controller.signal } : { timeoutMs: 20, retry: false }),
    );
    if (limit === 'signal') setTimeout(() => controller.abort(reason), 20);
    expect(await failed).toEqual(limit === 'signal' ? reason : expect.objectContaining({ timedOut: true }));
  });
});
