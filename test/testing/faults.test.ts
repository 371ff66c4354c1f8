/** Each fault of the in-memory Cortex, and its effect on a client. */
import { type ClientOptions, createSecretsClient } from 'cortex-secrets';
import { createFakeCortex, type FakeCortex, type Fault, type FaultOptions } from 'cortex-secrets/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const mySecret = { tag: 'my-secret', name: 'My secret', secret: 'the value' };

function setUp(client: ClientOptions = {}) {
  const cortex = createFakeCortex();
  const options = { ...cortex.clientOptions, retry: { baseDelayMs: 0 }, ...client };
  return { cortex, secrets: createSecretsClient(options) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** The effect of each fault on a create, and whether the server processed it. */
const creates: { fault: Fault; processed: boolean; error?: Record<string, unknown>; attempts: number }[] = [
  {
    fault: { status: 400, message: 'No', type: 'ILLEGAL_ARGUMENT_ERROR' },
    processed: false,
    error: { status: 400, type: 'ILLEGAL_ARGUMENT_ERROR', outcome: 'rejected' },
    attempts: 1,
  },
  { fault: { status: 429 }, processed: true, attempts: 2 },
  { fault: { status: 429, retryAfter: 3 }, processed: true, attempts: 2 },
  {
    fault: { status: 429, retryAfter: 61 },
    processed: false,
    error: { status: 429, retryAfterMs: 61_000, outcome: 'rejected' },
    attempts: 1,
  },
  {
    fault: { status: 503 },
    processed: false,
    error: { status: 503, type: 'UNHANDLED_EXCEPTION', outcome: 'unknown' },
    attempts: 1,
  },
  { fault: { status: 503, processed: true }, processed: true, error: { status: 503, outcome: 'unknown' }, attempts: 1 },
  {
    fault: { status: 408 },
    processed: false,
    error: { status: 408, type: 'REQUEST_TIMEOUT', outcome: 'unknown' },
    attempts: 1,
  },
  { fault: 'connection refused', processed: true, attempts: 2 },
  {
    fault: 'reset before processing',
    processed: false,
    error: { name: 'ConnectionError', outcome: 'unknown', code: 'ECONNRESET' },
    attempts: 1,
  },
  {
    fault: 'reset after processing',
    processed: true,
    error: { name: 'ConnectionError', outcome: 'unknown' },
    attempts: 1,
  },
  {
    fault: 'hang before processing',
    processed: false,
    error: { name: 'ConnectionError', outcome: 'unknown', timedOut: true },
    attempts: 1,
  },
  {
    fault: 'hang after processing',
    processed: true,
    error: { name: 'ConnectionError', outcome: 'unknown', timedOut: true },
    attempts: 1,
  },
  {
    fault: 'truncated body',
    processed: true,
    error: { name: 'ConnectionError', outcome: 'unknown', timedOut: false },
    attempts: 1,
  },
  {
    fault: 'not JSON',
    processed: true,
    error: { name: 'ContractError', outcome: 'unknown', pointer: '' },
    attempts: 1,
  },
  {
    fault: 'wrong shape',
    processed: true,
    error: { name: 'ContractError', outcome: 'processed', pointer: '/id' },
    attempts: 1,
  },
  { fault: { slowBodyMs: 500 }, processed: true, attempts: 1 },
  {
    fault: { slowBodyMs: Number.POSITIVE_INFINITY },
    processed: true,
    error: { name: 'ConnectionError', timedOut: true },
    attempts: 1,
  },
  { fault: { delayMs: 500 }, processed: true, attempts: 1 },
  { fault: { delayMs: 2 ** 31 }, processed: true, error: { name: 'ConnectionError', timedOut: true }, attempts: 1 },
  {
    fault: { delayMs: Number.POSITIVE_INFINITY },
    processed: true,
    error: { name: 'ConnectionError', timedOut: true, outcome: 'unknown' },
    attempts: 1,
  },
  {
    fault: { redirectTo: 'https://elsewhere.test/api' },
    processed: false,
    error: { name: 'ApiError', status: 307, outcome: 'rejected' },
    attempts: 1,
  },
  {
    fault: { redirectTo: '/login', status: 302 },
    processed: false,
    error: { name: 'ApiError', status: 302 },
    attempts: 1,
  },
  { fault: 'ingress 404', processed: false, error: { name: 'ApiError', status: 404 }, attempts: 1 },
  { fault: 'log-in page', processed: false, error: { name: 'ContractError', status: 200 }, attempts: 1 },
];

describe('injects into a create:', () => {
  test.each(creates.map((row) => ({ ...row, name: JSON.stringify(row.fault) })))(
    '$name',
    async ({ fault, processed, error, attempts }) => {
      const { cortex, secrets } = setUp();
      cortex.fail('create', fault);
      const work = secrets.create(mySecret).then(
        (created) => ({ created }),
        (thrown: unknown) => ({ thrown }),
      );
      await vi.advanceTimersByTimeAsync(60_000);
      const result = await work;
      if (error) expect(result).toMatchObject({ thrown: { ...error, attempts } });
      else expect(result).toMatchObject({ created: { tag: 'my-secret' } });
      expect(cortex.storedValue('my-secret')).toBe(processed ? 'the value' : undefined);
      expect(cortex.requests).toHaveLength(attempts);
      expect(cortex.requests[0]).toMatchObject({ operation: 'create', fault });
    },
  );
});

test('a get is retried until its response is complete', async () => {
  const { cortex, secrets } = setUp();
  await secrets.create(mySecret);
  for (const fault of ['reset before processing', 'truncated body', { status: 503 }] as const)
    cortex.fail('get', fault);
  const work = secrets.get('my-secret');
  await vi.advanceTimersByTimeAsync(1000);
  expect(await work).toMatchObject({ tag: 'my-secret' });
  expect(cortex.requests.slice(1).map(({ fault, status }) => [fault, status])).toEqual([
    ['reset before processing', undefined],
    ['truncated body', 200],
    [{ status: 503 }, 503],
    [undefined, 200],
  ]);
});

test('a delete with a truncated response is retried, and treats 404 as success', async () => {
  const { cortex, secrets } = setUp();
  await secrets.create(mySecret);
  cortex.fail('delete', 'truncated body');
  const work = secrets.delete('my-secret');
  await vi.advanceTimersByTimeAsync(1000);
  expect(await work).toBeUndefined();
  expect(cortex.requests.slice(1).map(({ status }) => status)).toEqual([200, 404]);
});

test('a delete with a page of HTML as its response is no success', async () => {
  const { cortex, secrets } = setUp();
  await secrets.create(mySecret);
  cortex.fail('delete', 'not JSON');
  await expect(secrets.delete('my-secret')).rejects.toMatchObject({ name: 'ContractError', outcome: 'unknown' });
  await secrets.create(mySecret);
  cortex.fail('delete', 'wrong shape');
  await expect(secrets.delete('my-secret')).rejects.toMatchObject({ name: 'ContractError', outcome: 'unknown' });
});

test('a cancelled slow body leaves no timer, and a fault is copied', async () => {
  const { cortex } = setUp();
  const fault = { slowBodyMs: 5000 };
  cortex.fail('list', fault);
  fault.slowBodyMs = 0;
  const headers = { authorization: `Bearer ${cortex.apiKey}` };
  const response = await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, { headers });
  expect(vi.getTimerCount()).toBe(1);
  await response.body?.cancel();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a delayed response comes after delayMs, with the state of before, and an abort ends the delay', async () => {
  const { cortex, secrets } = setUp();
  cortex.fail('list', { delayMs: 500 }, { times: 2 });
  const late = secrets.list();
  await vi.advanceTimersByTimeAsync(0);
  await secrets.create(mySecret);
  await vi.advanceTimersByTimeAsync(499);
  expect(cortex.requests[0]?.status).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect((await late).total).toBe(0);
  expect(cortex.requests[0]).toMatchObject({ operation: 'list', status: 200, fault: { delayMs: 500 } });
  const controller = new AbortController();
  const aborted = secrets.list({}, { signal: controller.signal }).catch((error) => error);
  await vi.advanceTimersByTimeAsync(1);
  controller.abort('enough');
  expect(await aborted).toBe('enough'); // afterEach: no timer is left
});

test('shifting pages repeat a secret, and listAll yields each once', async () => {
  const seed = Array.from({ length: 2500 }, (_, i) => ({ tag: `t${String(i).padStart(4, '0')}`, secret: 'v' }));
  const cortex = createFakeCortex({ seed });
  const secrets = createSecretsClient({ ...cortex.clientOptions });
  cortex.fail('list', 'shifting pages', { times: Number.POSITIVE_INFINITY });
  const [first, second] = [await secrets.list({ pageSize: 2 }), await secrets.list({ page: 1, pageSize: 2 })];
  expect(first.secrets.map(({ tag }) => tag)).toEqual(['t0000', 't0001']);
  expect(second.secrets.map(({ tag }) => tag)).toEqual(['t0001', 't0002']);
  expect([first.total, second.total]).toEqual([2500, 2501]);
  const tags: string[] = [];
  for await (const { tag } of secrets.listAll()) tags.push(tag);
  expect(tags).toEqual(seed.map(({ tag }) => tag));
});

describe('a response without the client:', () => {
  const send = (cortex: FakeCortex, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${cortex.apiKey}` };
    return cortex.fetch(`${cortex.baseUrl}/api/v1/secrets/my-secret`, { headers, redirect: 'manual', ...init });
  };

  test.each([
    ['ingress 404', 404],
    ['log-in page', 200],
  ] as const)('%s is HTML, and the delete is not processed', async (fault, status) => {
    const cortex = createFakeCortex({ seed: [mySecret] });
    cortex.fail('delete', fault);
    const response = await send(cortex, { method: 'DELETE' });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html']);
    expect(await response.text()).toMatch(/^<html>.*<\/html>$/);
    expect(cortex.storedValue('my-secret')).toBe('the value');
    expect(cortex.requests).toEqual([expect.objectContaining({ operation: 'delete', status, fault })]);
  });

  test('a proxy responds without checking the API key and the rate limit', async () => {
    const cortex = createFakeCortex({ rateLimit: { requests: 0, perMs: 1000 } });
    cortex.fail('get', 'ingress 404');
    expect((await send(cortex, { headers: {} })).headers.get('content-type')).toBe('text/html');
  });

  test.each([300, 301, 302, 303, 304, 305, 307, 308, 399])('a redirect may have status %i', async (status) => {
    const cortex = createFakeCortex({ seed: [mySecret] });
    cortex.fail('delete', { redirectTo: 'https://elsewhere.test/', status });
    const response = await send(cortex, { method: 'DELETE' });
    expect([response.status, response.headers.get('location')]).toEqual([status, 'https://elsewhere.test/']);
    expect(cortex.storedValue('my-secret')).toBe('the value');
  });

  test.each([301, 302, 303, 307, 308])('fetch with redirect: "follow" fails on a %i', async (status) => {
    const cortex = createFakeCortex();
    cortex.fail('get', { redirectTo: 'https://elsewhere.test/', status });
    const error = { message: 'fetch failed', cause: { code: 'ENOTFOUND' } };
    await expect(send(cortex, { redirect: 'follow' })).rejects.toMatchObject(error);
  });

  test.each([300, 304])('fetch with redirect: "follow" returns a %i, which is not followed', async (status) => {
    const cortex = createFakeCortex();
    cortex.fail('get', { redirectTo: 'https://elsewhere.test/', status });
    expect((await send(cortex, { redirect: 'follow' })).status).toBe(status);
  });
});

describe('a fault applies', () => {
  const statusesOf = async (times: number, call: () => Promise<unknown>) => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++)
      statuses.push(
        await call().then(
          () => 200,
          (error: { status: number }) => error.status,
        ),
      );
    return statuses;
  };

  test('once by default', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('list', { status: 500 });
    expect(await statusesOf(3, () => secrets.list())).toEqual([500, 200, 200]);
  });

  test('n times, in the order of planning', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('list', { status: 500 }, { times: 2 });
    cortex.fail('any', { status: 502 });
    expect(await statusesOf(5, () => secrets.list())).toEqual([500, 500, 502, 200, 200]);
  });

  test('to requests that `when` selects', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    let down = true;
    cortex.fail('any', { status: 503 }, { when: ({ tagOrId }) => down && tagOrId !== 'lucky' });
    expect(await statusesOf(3, () => secrets.get('my-secret'))).toEqual([503, 503, 503]);
    expect(await statusesOf(1, () => secrets.get('lucky'))).toEqual([404]);
    down = false;
    expect(await statusesOf(1, () => secrets.get('my-secret'))).toEqual([404]);
    down = true;
    expect(await statusesOf(1, () => secrets.get('my-secret'))).toEqual([503]);
  });

  test('to requests for which `when` returns a truthy value', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    const when = (({ tagOrId }: { tagOrId?: string }) => tagOrId?.match(/^my-/)) as unknown as () => boolean;
    cortex.fail('get', { status: 503 }, { when });
    expect(await statusesOf(1, () => secrets.get('my-secret'))).toEqual([503]);
    expect(await statusesOf(1, () => secrets.get('other'))).toEqual([404]);
  });

  test.each([
    ['fulfilled', async () => false],
    ['rejected', () => Promise.reject(new Error('x'))],
  ])('to no request if `when` returns a %s promise: the request fails with advice', async (_, when) => {
    const { cortex } = setUp({ retry: false });
    cortex.fail('any', { status: 503 }, { when: when as unknown as () => boolean });
    await expect(cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`)).rejects.toThrow(
      'fail: when must be synchronous, but it returned a promise',
    );
  });

  test('to HEAD only with any: the fault of an operation waits for its request', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    const head = async () => (await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets`, { method: 'HEAD' })).status;
    cortex.fail('list', { status: 503 });
    cortex.fail('any', 'shifting pages');
    expect(await head()).toBe(401);
    expect(await statusesOf(1, () => secrets.list())).toEqual([503]);
    cortex.reset();
    cortex.fail('any', { status: 503 });
    expect([await head(), await head()]).toEqual([503, 401]);
  });

  test('to one operation, or to any', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('delete', { status: 500 });
    expect(await statusesOf(1, () => secrets.list())).toEqual([200]);
    expect(await statusesOf(1, () => secrets.delete('x'))).toEqual([500]);
    cortex.fail('any', { status: 500 }, { times: 4 });
    expect(await statusesOf(1, () => secrets.create(mySecret))).toEqual([500]);
    expect(await statusesOf(1, () => secrets.update('x', { name: 'n' }))).toEqual([500]);
    expect(await statusesOf(1, () => secrets.get('x'))).toEqual([500]);
    expect(await statusesOf(1, () => secrets.list())).toEqual([500]);
  });

  test('until it is removed, which may be said again and takes back no other fault', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    const remove = cortex.fail('list', { status: 500 });
    await secrets.list().catch(() => {});
    cortex.fail('list', { status: 503 });
    expect([remove(), remove()]).toEqual([undefined, undefined]);
    expect(await statusesOf(2, () => secrets.list())).toEqual([503, 200]);
  });

  test('until it is removed', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    const recover = cortex.fail('list', { status: 500 }, { times: Number.POSITIVE_INFINITY });
    expect(await statusesOf(2, () => secrets.list())).toEqual([500, 500]);
    recover();
    recover();
    expect(await statusesOf(1, () => secrets.list())).toEqual([200]);
  });
});

describe('rejects', () => {
  const invalid: [string, unknown, unknown, unknown?][] = [
    ['an unknown operation', 'lists', 'not JSON'],
    ['an unknown fault', 'list', 'explode'],
    ['a status below 400', 'list', { status: 200 }],
    ['a fractional status', 'list', { status: 404.5 }],
    ['undefined', 'list', undefined],
    ['null', 'list', null],
    ['a misspelt field', 'list', { status: 503, retryAfterMs: 5 }],
    ['a negative slowBodyMs', 'list', { slowBodyMs: -1 }],
    ['a slowBodyMs of null', 'list', { slowBodyMs: null }],
    ['a slowBodyMs with a status', 'list', { slowBodyMs: 1, status: 503 }],
    ['a negative delayMs', 'list', { delayMs: -1 }],
    ['a delayMs that is a string', 'list', { delayMs: '1' }],
    ['a delayMs with a status', 'list', { delayMs: 1, status: 503 }],
    ['a delayMs with a slowBodyMs', 'list', { delayMs: 1, slowBodyMs: 1 }],
    ['a message that is an object', 'list', { status: 503, message: {} }],
    ['a type that is null', 'list', { status: 503, type: null }],
    ['a processed that is a string', 'list', { status: 503, processed: 'false' }],
    ['a fractional Retry-After', 'list', { status: 429, retryAfter: 0.5 }],
    ['an infinite Retry-After', 'list', { status: 429, retryAfter: Number.POSITIVE_INFINITY }],
    ['a Retry-After that is no header value', 'list', { status: 429, retryAfter: 'a\nb' }],
    ['a Location that is no header value', 'list', { redirectTo: 'ж' }],
    ['a Location that is a number', 'list', { redirectTo: 5 }],
    ['a redirect of status 200', 'list', { redirectTo: '/', status: 200 }],
    ['a redirect of status 400', 'list', { redirectTo: '/', status: 400 }],
    ['a redirect of a fractional status', 'list', { redirectTo: '/', status: 302.5 }],
    ['a redirect with a Retry-After', 'list', { redirectTo: '/', retryAfter: 1 }],
    ['0 times', 'list', 'not JSON', { times: 0 }],
    ['1.5 times', 'list', 'not JSON', { times: 1.5 }],
    ['a misspelt option', 'list', 'not JSON', { time: 1 }],
    ['a `when` that is no function', 'list', 'not JSON', { when: true }],
    ['the option `while` of earlier versions', 'list', 'not JSON', { while: () => true }],
    ['options that are null', 'list', 'not JSON', null],
    ['shifting pages of a get', 'get', 'shifting pages'],
  ];
  test.each(invalid)('%s', (_, operation, fault, options) => {
    const { cortex } = setUp();
    expect(() => cortex.fail(operation as 'list', fault as Fault, options as FaultOptions)).toThrow(/^fail: /);
  });
});

test('undefined stands for the default of each option', async () => {
  const { cortex, secrets } = setUp({ retry: false });
  cortex.fail('list', {
    status: 503,
    retryAfter: undefined,
    message: undefined,
    type: undefined,
    processed: undefined,
  });
  await expect(secrets.list()).rejects.toMatchObject({ status: 503, type: 'UNHANDLED_EXCEPTION' });
  cortex.fail('list', { redirectTo: '/', status: undefined });
  await expect(secrets.list()).rejects.toMatchObject({ status: 307 });
  cortex.fail('list', { status: 500 }, { times: undefined, when: undefined });
  await expect(secrets.list()).rejects.toMatchObject({ status: 500 });
  expect(await secrets.list()).toMatchObject({ total: 0 });
});
