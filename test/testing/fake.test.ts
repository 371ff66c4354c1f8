/** The in-memory Cortex through a client: state, keys, limits, the clock; nothing secret is told. */
import { inspect } from 'node:util';
import { type ApiError, type ClientOptions, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { createFakeCortex, type FakeCortex, type FakeCortexOptions } from 'cortex-secrets/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { failureOf } from '../support/helpers.js';

const VALUE = 'hunter2 "correct" battery';
const mine = { tag: 'my-secret', name: 'My secret', secret: VALUE };

function setUp(
  options: FakeCortexOptions = {},
  client: ClientOptions = {},
): { cortex: FakeCortex; secrets: SecretsClient } {
  const cortex = createFakeCortex(options);
  const { apiKey, baseUrl, fetch } = cortex;
  return { cortex, secrets: createSecretsClient({ apiKey, baseUrl, fetch, retry: false, ...client }) };
}

/** A request without a client: what it is answered with. */
async function ask(cortex: FakeCortex, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json', ...init.headers };
  const response = await cortex.fetch(cortex.baseUrl + path, { ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('state', () => {
  test('what is created can be read, listed, changed and deleted, by tag and by id', async () => {
    const { cortex, secrets } = setUp();
    const created = await secrets.create(mine);
    expect(created).toEqual({ id: expect.stringMatching(/^se[0-9a-f]{16}$/), tag: 'my-secret', name: 'My secret' });
    expect(await secrets.get('my-secret')).toEqual(created);
    expect(await secrets.get(created.id)).toEqual(created);
    expect(await secrets.list()).toEqual({ page: 0, secrets: [created], total: 1, totalPages: 1 });
    expect(cortex.valueOf('my-secret')).toBe(VALUE);

    expect(await secrets.update('my-secret', { name: 'Another' })).toEqual({ ...created, name: 'Another' });
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
    expect(await secrets.update(created.id, { secret: 'rotated' })).toEqual({ ...created, name: 'Another' });
    expect(cortex.valueOf('my-secret')).toBe('rotated');

    expect(await secrets.delete(created.id)).toBeUndefined();
    expect(cortex.valueOf('my-secret')).toBeUndefined();
    expect(await failureOf(secrets.get('my-secret'))).toMatchObject({ status: 404, type: 'NOT_FOUND' });
    expect(await failureOf(secrets.delete('my-secret'))).toMatchObject({ status: 404, type: 'NOT_FOUND' });
    expect(await secrets.list()).toEqual({ page: 0, secrets: [], total: 0, totalPages: 0 });
  });

  test('a tag that is taken clashes, and nothing changes', async () => {
    const { cortex, secrets } = setUp({ seed: [mine] });
    const error = await failureOf(secrets.create({ ...mine, secret: 'other' }));
    expect(error).toMatchObject({ status: 409, type: 'CONFLICT', outcome: 'rejected' });
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
    expect((await secrets.list()).total).toBe(1);
  });

  test('set creates, then updates', async () => {
    const { cortex, secrets } = setUp();
    const created = await secrets.set('my-secret', { name: 'One', secret: '1' });
    expect(await secrets.set('my-secret', { name: 'Two', secret: '2' })).toEqual({ ...created, name: 'Two' });
    expect(cortex.valueOf('my-secret')).toBe('2');
  });

  test('pages stand in the order of tags, whatever the order of creation', async () => {
    const { secrets } = setUp({ seed: ['m', 'c', 'z'].map((tag) => ({ tag, secret: 'v' })) });
    for (const tag of ['b', 'zz', 'a', 'n']) await secrets.create({ tag, name: tag, secret: 'v' });
    await secrets.delete('c');
    const tags = async (page: number) => (await secrets.list({ page, pageSize: 4 })).secrets.map(({ tag }) => tag);
    expect(await tags(0)).toEqual(['a', 'b', 'm', 'n']);
    expect(await tags(1)).toEqual(['z', 'zz']);
    expect(await secrets.list({ page: 2, pageSize: 4 })).toEqual({ page: 2, secrets: [], total: 6, totalPages: 2 });
  });

  test('a seed may lack a name and have an id, and is kept as it was given', async () => {
    const seed = [{ tag: 'old one', secret: 'v', id: 'se2da8159dbeefb974' }];
    const { cortex, secrets } = setUp({ seed });
    (seed[0] as { secret: string }).secret = 'changed later';
    expect(await secrets.get('old one')).toEqual({ id: 'se2da8159dbeefb974', tag: 'old one' });
    expect(cortex.valueOf('old one')).toBe('v');
  });

  test('what is handed out is a copy', async () => {
    const { cortex, secrets } = setUp({ seed: [mine] });
    (await ask(cortex, '/api/v1/secrets')).body.secrets[0].tag = 'other';
    expect((await secrets.get('my-secret')).tag).toBe('my-secret');
  });

  test('reset brings the seed back, and forgets requests, faults and the limit', async () => {
    const { cortex, secrets } = setUp({ seed: [mine], rateLimit: { requests: 2, perMs: 60_000 } });
    await secrets.update('my-secret', { name: 'Other', secret: 'other' });
    await secrets.create({ tag: 'more', name: 'n', secret: 'v' });
    expect(await failureOf(secrets.get('more'))).toMatchObject({ status: 429 });
    cortex.fail('any', { status: 503 }, { times: 9 });
    cortex.reset();
    expect(cortex.requests).toEqual([]);
    // Another client: the first one still waits for the limit.
    const after = createSecretsClient({ ...cortexOf(cortex), retry: false });
    expect((await after.list()).secrets).toEqual([{ id: expect.any(String), tag: 'my-secret', name: 'My secret' }]);
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
  });

  test('a call that is under way during a reset changes nothing of what comes after', async () => {
    vi.useFakeTimers();
    const { cortex, secrets } = setUp({ latencyMs: 50, rateLimit: { requests: 1, perMs: 60_000 } });
    const late = secrets.create(mine);
    await vi.advanceTimersByTimeAsync(10);
    cortex.reset();
    await vi.advanceTimersByTimeAsync(50);
    expect(await late).toMatchObject({ tag: 'my-secret' });
    expect([cortex.valueOf('my-secret'), cortex.requests]).toEqual([undefined, []]);
    const first = secrets.list();
    await vi.advanceTimersByTimeAsync(50);
    expect((await first).total).toBe(0);
  });

  test('what a seed from another language has as null is missing', async () => {
    const seed = JSON.parse('[{"tag":"a","secret":"v","id":null,"name":null},{"tag":"b","secret":"v","id":null}]');
    const { cortex, secrets } = setUp({ seed });
    expect(await secrets.get('a')).toEqual({ id: expect.stringMatching(/^se[0-9a-f]{16}$/), tag: 'a' });
    expect(await ask(cortex, '/api/v1/secrets/a')).not.toHaveProperty('body.name');
    expect((await secrets.list()).total).toBe(2);
  });

  test('an id that is made is none that a seed has', async () => {
    const seed = [
      { tag: 'a', secret: 'v' },
      { tag: 'b', secret: 'v', id: 'se0000000000000000' },
    ];
    const { secrets } = setUp({ seed, random: () => 0 });
    const ids = (await secrets.list()).secrets.map(({ id }) => id);
    expect(ids).toEqual(['se0000000000000001', 'se0000000000000000']);
  });

  test('ids differ, also where random always gives the same', async () => {
    const { secrets } = setUp({ random: () => 0.999999999 });
    const ids = await Promise.all(['a', 'b', 'c'].map(async (tag) => (await secrets.create({ ...mine, tag })).id));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toHaveLength(18);
  });

  test('the same random gives the same ids', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => {
        let n = 0;
        const { secrets } = setUp({ random: () => (n++ % 10) / 10 });
        return (await secrets.create(mine)).id;
      }),
    );
    expect(ids[0]).toBe(ids[1]);
  });
});

const cortexOf = ({ apiKey, baseUrl, fetch }: FakeCortex) => ({ apiKey, baseUrl, fetch });

describe('keys', () => {
  test('no key, a wrong one and another scheme: 401; a key without permission: 403', async () => {
    const { cortex } = setUp({ apiKey: 'key-of-mine', seed: [mine] });
    expect(cortex.apiKey).toBe('key-of-mine');
    const status = async (authorization: string | null) => {
      const headers: Record<string, string> = authorization === null ? {} : { authorization };
      return (await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, { headers })).status;
    };
    expect(await status(null)).toBe(401);
    expect(await status('Bearer wrong')).toBe(401);
    expect(await status('Bearer ')).toBe(401);
    expect(await status('Basic key-of-mine')).toBe(401);
    expect(await status('bearer key-of-mine')).toBe(200);
    expect(await status(`Bearer ${cortex.apiKeyWithoutPermission}`)).toBe(403);
  });

  test('a refused request changes nothing', async () => {
    const cortex = createFakeCortex({ seed: [mine] });
    for (const apiKey of ['wrong', cortex.apiKeyWithoutPermission]) {
      const secrets = createSecretsClient({ ...cortexOf(cortex), apiKey });
      await failureOf(secrets.delete('my-secret'));
      await failureOf(secrets.update('my-secret', { secret: 'x' }));
      await failureOf(secrets.create({ ...mine, tag: 'other' }));
    }
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
    expect(cortex.valueOf('other')).toBeUndefined();
    expect(cortex.requests.map(({ status }) => status)).toEqual([401, 401, 401, 403, 403, 403]);
  });
});

describe('rate limit', () => {
  test('over it: 429 and the whole seconds until it resets, on an injected clock', async () => {
    let at = 5_000;
    const { cortex } = setUp({ rateLimit: { requests: 2, perMs: 10_000 }, now: () => at });
    const get = () => ask(cortex, '/api/v1/secrets');
    expect([(await get()).status, (await get()).status]).toEqual([200, 200]);
    at += 100;
    const refused = await get();
    expect(refused).toMatchObject({ status: 429, body: { message: 'Too many requests', httpStatus: 429 } });
    expect(refused.headers.get('retry-after')).toBe('10');
    at = 14_999;
    expect((await get()).headers.get('retry-after')).toBe('1');
    at = 15_000;
    expect((await get()).status).toBe(200);
  });

  test('a client waits for it, on fake timers', async () => {
    vi.useFakeTimers();
    const { cortex, secrets } = setUp({ rateLimit: { requests: 3, perMs: 60_000 } }, { retry: { baseDelayMs: 0 } });
    const work = Promise.all(
      Array.from({ length: 5 }, (_, i) => secrets.create({ tag: `t${i}`, name: 'n', secret: 'v' })),
    );
    await vi.advanceTimersByTimeAsync(59_999);
    expect(cortex.valueOf('t4')).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(await work).toHaveLength(5);
    expect(cortex.requests.filter(({ status }) => status === 429)).toHaveLength(2);
  });

  test('a refused create was not acted upon, and a request without a key does not count', async () => {
    const { cortex, secrets } = setUp({ rateLimit: { requests: 1, perMs: 1000 } });
    await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`);
    await secrets.list();
    expect(await failureOf(secrets.create(mine))).toMatchObject({ status: 429, retryAfterMs: 1000 });
    expect(cortex.valueOf('my-secret')).toBeUndefined();
  });
});

describe('time', () => {
  test('latencyMs holds every answer', async () => {
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

  test('an abort ends the wait with the caller’s own reason, and nothing is done', async () => {
    vi.useFakeTimers();
    const { cortex, secrets } = setUp({ latencyMs: 500 });
    const controller = new AbortController();
    const work = failureOf(secrets.create(mine, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(100);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await work).toBe(reason);
    await vi.advanceTimersByTimeAsync(1000);
    expect(cortex.valueOf('my-secret')).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a signal that is aborted already: nothing is asked', async () => {
    const { cortex } = setUp();
    const reason = new Error('before');
    const init = { signal: AbortSignal.abort(reason) };
    expect(await failureOf(cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, init))).toBe(reason);
    expect(cortex.requests).toEqual([]);
  });
});

test('what the contract has no path or method for is remembered too, and takes as long', async () => {
  vi.useFakeTimers();
  const { cortex } = setUp({ latencyMs: 50 });
  const work = Promise.all([ask(cortex, '/api/v2/secrets?a=1'), ask(cortex, '/api/v1/secrets', { method: 'PATCH' })]);
  await vi.advanceTimersByTimeAsync(49);
  expect(cortex.requests.map(({ status }) => status)).toEqual([undefined, undefined]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await work).map(({ status }) => status)).toEqual([404, 405]);
  expect(cortex.requests).toEqual([
    { operation: undefined, method: 'GET', path: '/api/v2/secrets', status: 404 },
    { operation: undefined, method: 'PATCH', path: '/api/v1/secrets', status: 405 },
  ]);
});

describe('an abort while the body is sent', () => {
  const init = {
    method: 'POST',
    headers: { authorization: 'Bearer fake-api-key', 'content-type': 'application/json' },
  };
  const url = 'https://cortex.test/api/v1/secrets';
  const reason = new Error('enough');

  test.each<[string, () => BodyInit]>([
    ['a text', () => JSON.stringify(mine)],
    ['a stream', () => new Blob([JSON.stringify(mine)]).stream()],
    ['a stream without an end', () => new ReadableStream({})],
  ])('%s: nothing is asked', async (_, body) => {
    const { cortex } = setUp();
    const controller = new AbortController();
    const request = { ...init, body: body(), duplex: 'half', signal: controller.signal } as RequestInit;
    const work = failureOf(cortex.fetch(url, request));
    controller.abort(reason);
    expect(await work).toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(cortex.requests).toEqual([]);
    expect(cortex.valueOf('my-secret')).toBeUndefined();
  });
});

describe('the standard fetch', () => {
  const body = JSON.stringify(mine);
  const headers = { authorization: 'Bearer fake-api-key', 'content-type': 'application/json' };
  const url = 'https://cortex.test/api/v1/secrets';
  const forms: [string, (fetch: FakeCortex['fetch']) => Promise<Response>][] = [
    ['text', (fetch) => fetch(url, { method: 'POST', headers, body })],
    [
      'a URL, Headers, bytes',
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
    expect(cortex.valueOf('my-secret')).toBe(VALUE);
  });

  test('another host is unknown', async () => {
    const { cortex } = setUp();
    const error = await failureOf(cortex.fetch('https://cortex.test.evil/api/v1/secrets'));
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
    expect(String((error.cause as Error).message)).toContain('https://cortex.test');
    const wrong = createSecretsClient({ apiKey: 'k', fetch: cortex.fetch, retry: false });
    expect(await failureOf(wrong.list())).toMatchObject({ name: 'ConnectionError', outcome: 'not-sent' });
  });
});

describe('silence', () => {
  test('neither the fake, nor its requests, nor its errors hold a key or a value', async () => {
    const { cortex, secrets } = setUp({
      apiKey: 'key-of-mine',
      seed: [{ ...mine, tag: 'seeded', secret: 'seeded value' }],
    });
    await secrets.create(mine);
    await secrets.update('my-secret', { secret: 'rotated value', name: 'Other' });
    await failureOf(secrets.create(mine));
    await ask(cortex, '/api/v1/secrets', { method: 'POST', body: JSON.stringify({ ...mine, tag: 5 }) });
    await ask(cortex, '/api/v1/secrets', { method: 'POST', body: `{"secret":"${'rotated value'}` });
    const told =
      inspect([cortex.requests, cortex.fetch, { ...cortex, apiKey: '' }], { depth: 9, showHidden: true }) +
      JSON.stringify(cortex.requests);
    for (const secret of ['hunter2', 'rotated value', 'seeded value', 'key-of-mine'])
      expect(told).not.toContain(secret);
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

describe('options that are wrong', () => {
  const wrong: [string, unknown, string][] = [
    ['an unknown name', { seeds: [] }, 'createFakeCortex: there is no "seeds"'],
    ['no object', 'x', 'createFakeCortex: give an object'],
    ['a key with a space', { apiKey: 'a b' }, 'apiKey: '],
    ['an empty key', { apiKey: '' }, 'apiKey: '],
    ['the key without permission', { apiKey: 'fake-api-key-without-permission' }, 'apiKey: '],
    ['a limit without a window', { rateLimit: { requests: 5 } }, 'rateLimit: '],
    ['a limit of a part', { rateLimit: { requests: 0.5, perMs: 1 } }, 'rateLimit: '],
    ['a limit of another unit', { rateLimit: { requests: 5, perSeconds: 1 } }, 'rateLimit: there is no "perSeconds"'],
    ['a latency below 0', { latencyMs: -1 }, 'latencyMs: '],
    ['a limit for ever', { rateLimit: { requests: 1, perMs: Number.POSITIVE_INFINITY } }, 'rateLimit: '],
    ['a window in words', { rateLimit: { requests: 1, perMs: '1000' } }, 'rateLimit: '],
    ['a clock that is none', { now: 5 }, 'now: '],
    ['chance that is none', { random: 7 }, 'random: '],
    [
      'a latency that no timer holds',
      { latencyMs: 2 ** 31 },
      'latencyMs: give a number of milliseconds from 0 to 2147483647',
    ],
    ['a latency that is no number', { latencyMs: Number.NaN }, 'latencyMs: '],
    ['a seed that is no list', { seed: mine }, 'seed: '],
    ['a seed without a value', { seed: [mine, { tag: 'a' }] }, 'seed[1]: '],
    ['a seed of nothing', { seed: [null] }, 'seed[0]: '],
    ['a seed with a misspelt field', { seed: [{ tag: 'a', secert: VALUE }] }, 'seed[0]: there is no "secert"'],
    ['a seed with an empty tag', { seed: [{ tag: '', secret: VALUE }] }, 'seed[0]: '],
    ['two seeds of one tag', { seed: [mine, mine] }, 'seed[1]: '],
    [
      'two seeds of one id',
      {
        seed: [
          { tag: 'a', secret: VALUE, id: 'x' },
          { tag: 'b', secret: VALUE, id: 'x' },
        ],
      },
      'seed[1]: ',
    ],
  ];
  test.each(wrong)('%s', (_, options, words) => {
    let error: unknown;
    try {
      createFakeCortex(options as FakeCortexOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(['TypeError', 'RangeError']).toContain((error as Error | undefined)?.name);
    expect((error as ApiError).message).toContain(words);
    expect((error as ApiError).message).not.toContain(VALUE);
  });
});
