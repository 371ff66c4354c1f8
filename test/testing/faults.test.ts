/** Each fault of the in-memory Cortex, as a client meets it. */
import { type ClientOptions, createSecretsClient } from 'cortex-secrets';
import { createFakeCortex, type Fault, type FaultOptions } from 'cortex-secrets/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const mine = { tag: 'my-secret', name: 'My secret', secret: 'the value' };

function setUp(client: ClientOptions = {}) {
  const cortex = createFakeCortex();
  const { apiKey, baseUrl, fetch } = cortex;
  const patient = { apiKey, baseUrl, fetch, retry: { baseDelayMs: 0 }, ...client };
  return { cortex, secrets: createSecretsClient(patient) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** What becomes of a create, and whether the server did it. */
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
    error: { name: 'ContractError', outcome: 'processed', pointer: '' },
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
  {
    fault: { redirectTo: 'https://elsewhere.test/api' },
    processed: false,
    error: { name: 'ApiError', status: 307, outcome: 'rejected' },
    attempts: 1,
  },
];

describe('a create, and', () => {
  test.each(creates.map((row) => ({ ...row, name: JSON.stringify(row.fault) })))(
    '$name',
    async ({ fault, processed, error, attempts }) => {
      const { cortex, secrets } = setUp();
      cortex.fail('create', fault);
      const work = secrets.create(mine).then(
        (created) => ({ created }),
        (thrown: unknown) => ({ thrown }),
      );
      await vi.advanceTimersByTimeAsync(60_000);
      const result = await work;
      if (error) expect(result).toMatchObject({ thrown: { ...error, attempts } });
      else expect(result).toMatchObject({ created: { tag: 'my-secret' } });
      expect(cortex.valueOf('my-secret')).toBe(processed ? 'the value' : undefined);
      expect(cortex.requests).toHaveLength(attempts);
      expect(cortex.requests[0]).toMatchObject({ operation: 'create', fault });
    },
  );
});

test('a get goes on until its answer is whole', async () => {
  const { cortex, secrets } = setUp();
  await secrets.create(mine);
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

test('a delete whose answer is cut off is done', async () => {
  const { cortex, secrets } = setUp();
  await secrets.create(mine);
  cortex.fail('delete', 'truncated body');
  const work = secrets.delete('my-secret');
  await vi.advanceTimersByTimeAsync(1000);
  expect(await work).toBeUndefined();
  expect(cortex.requests.slice(1).map(({ status }) => status)).toEqual([200, 404]);
});

test('a delete that is answered with a page of HTML is no success', async () => {
  const { cortex, secrets } = setUp();
  await secrets.create(mine);
  cortex.fail('delete', 'not JSON');
  await expect(secrets.delete('my-secret')).rejects.toMatchObject({ name: 'ContractError', outcome: 'processed' });
  await secrets.create(mine);
  cortex.fail('delete', 'wrong shape'); // JSON where none is promised does no harm
  expect(await secrets.delete('my-secret')).toBeUndefined();
});

test('a slow body that is cancelled leaves no timer, a fault that is changed later changes nothing', async () => {
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

test('pages that shift show a secret twice, and listAll yields each once', async () => {
  const seed = Array.from({ length: 2500 }, (_, i) => ({ tag: `t${String(i).padStart(4, '0')}`, secret: 'v' }));
  const cortex = createFakeCortex({ seed });
  const { apiKey, baseUrl, fetch } = cortex;
  const secrets = createSecretsClient({ apiKey, baseUrl, fetch });
  cortex.fail('list', 'shifting pages', { times: Number.POSITIVE_INFINITY });
  const [first, second] = [await secrets.list({ pageSize: 2 }), await secrets.list({ page: 1, pageSize: 2 })];
  expect(first.secrets.map(({ tag }) => tag)).toEqual(['t0000', 't0001']);
  expect(second.secrets.map(({ tag }) => tag)).toEqual(['t0001', 't0002']);
  expect([first.total, second.total]).toEqual([2500, 2501]);
  const tags: string[] = [];
  for await (const { tag } of secrets.listAll()) tags.push(tag);
  expect(tags).toEqual(seed.map(({ tag }) => tag));
});

describe('how often', () => {
  const outcomes = async (times: number, ask: () => Promise<unknown>) => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++)
      statuses.push(
        await ask().then(
          () => 200,
          (error: { status: number }) => error.status,
        ),
      );
    return statuses;
  };

  test('once, unless said', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('list', { status: 500 });
    expect(await outcomes(3, () => secrets.list())).toEqual([500, 200, 200]);
  });

  test('n times; several in their order', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('list', { status: 500 }, { times: 2 });
    cortex.fail('any', { status: 502 });
    expect(await outcomes(5, () => secrets.list())).toEqual([500, 500, 502, 200, 200]);
  });

  test('while a predicate holds, which sees the request', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    let down = true;
    cortex.fail('any', { status: 503 }, { while: ({ tagOrId }) => down && tagOrId !== 'lucky' });
    expect(await outcomes(3, () => secrets.get('my-secret'))).toEqual([503, 503, 503]);
    expect(await outcomes(1, () => secrets.get('lucky'))).toEqual([404]);
    down = false;
    expect(await outcomes(1, () => secrets.get('my-secret'))).toEqual([404]);
    down = true;
    expect(await outcomes(1, () => secrets.get('my-secret'))).toEqual([503]);
  });

  test('a predicate that gives a promise does not hold', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('any', { status: 503 }, { while: (async () => true) as unknown as () => boolean });
    expect(await outcomes(1, () => secrets.list())).toEqual([200]);
  });

  test('for one operation, or for any', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    cortex.fail('delete', { status: 500 });
    expect(await outcomes(1, () => secrets.list())).toEqual([200]);
    expect(await outcomes(1, () => secrets.delete('x'))).toEqual([500]);
    cortex.fail('any', { status: 500 }, { times: 4 });
    expect(await outcomes(1, () => secrets.create(mine))).toEqual([500]);
    expect(await outcomes(1, () => secrets.update('x', { name: 'n' }))).toEqual([500]);
    expect(await outcomes(1, () => secrets.get('x'))).toEqual([500]);
    expect(await outcomes(1, () => secrets.list())).toEqual([500]);
  });

  test('until it is taken back', async () => {
    const { cortex, secrets } = setUp({ retry: false });
    const mend = cortex.fail('list', { status: 500 }, { times: Number.POSITIVE_INFINITY });
    expect(await outcomes(2, () => secrets.list())).toEqual([500, 500]);
    mend();
    mend();
    expect(await outcomes(1, () => secrets.list())).toEqual([200]);
  });
});

describe('faults that there are not', () => {
  const wrong: [string, unknown, unknown, unknown?][] = [
    ['an operation', 'lists', 'not JSON'],
    ['a word', 'list', 'explode'],
    ['a status that is no error', 'list', { status: 200 }],
    ['a status that is none', 'list', { status: 4.5 }],
    ['nothing', 'list', undefined],
    ['null', 'list', null],
    ['a misspelt field', 'list', { status: 503, retryAfterMs: 5 }],
    ['a time below 0', 'list', { slowBodyMs: -1 }],
    ['no time', 'list', { slowBodyMs: null }],
    ['a Retry-After of a part', 'list', { status: 429, retryAfter: 0.5 }],
    ['a Retry-After without end', 'list', { status: 429, retryAfter: Number.POSITIVE_INFINITY }],
    ['a Retry-After that is no header', 'list', { status: 429, retryAfter: 'a\nb' }],
    ['an address that is no header', 'list', { redirectTo: 'ж' }],
    ['no address', 'list', { redirectTo: 5 }],
    ['0 times', 'list', 'not JSON', { times: 0 }],
    ['1.5 times', 'list', 'not JSON', { times: 1.5 }],
    ['a misspelt option', 'list', 'not JSON', { time: 1 }],
    ['a predicate that is none', 'list', 'not JSON', { while: true }],
    ['pages of a get', 'get', 'shifting pages'],
  ];
  test.each(wrong)('%s', (_, operation, fault, options) => {
    const { cortex } = setUp();
    expect(() => cortex.fail(operation as 'list', fault as Fault, options as FaultOptions)).toThrow(/^fail: /);
  });
});
