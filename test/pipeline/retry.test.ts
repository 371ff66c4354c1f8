/** Which attempts are retried, when, and how often; on a fake clock. */
import type { ClientOptions, SecretsClient } from 'cortex-secrets';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type FetchResult,
  json,
  networkError,
  neverResponds,
  rejectionOf,
  secret,
  testClient,
} from '../support/helpers.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  // Without jitter, each delay is its upper bound.
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Runs one call on the fake clock: its result, the times of its requests, and the delays that onAttempt reported. */
async function runCall(
  call: (secrets: SecretsClient) => Promise<unknown>,
  results: FetchResult[],
  options: ClientOptions = {},
) {
  const times: number[] = [];
  const delays: (number | undefined)[] = [];
  const begin = performance.now();
  const timed = results.map((result): FetchResult => {
    return (request) => {
      times.push(performance.now() - begin);
      if (result instanceof Error) throw result;
      return typeof result === 'function' ? result(request) : result.clone();
    };
  });
  const secrets = testClient(timed, { onAttempt: ({ retryInMs }) => delays.push(retryInMs), ...options });
  const settled = call(secrets).then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  await vi.runAllTimersAsync();
  return { times, delays, took: performance.now() - begin, ...((await settled) as { value?: unknown; error?: Error }) };
}

const calls: Record<string, (secrets: SecretsClient) => Promise<unknown>> = {
  GET: (secrets) => secrets.get('a'),
  PUT: (secrets) => secrets.update('a', { name: 'n' }),
  DELETE: (secrets) => secrets.delete('a'),
  POST: (secrets) => secrets.create({ tag: 'a', name: 'n', secret: 'some value' }),
};
const methods = Object.keys(calls);
const statuses = Array.from({ length: 106 }, (_, i) => 400 + i);

describe('each method and failure', () => {
  test.each(methods)(
    '%s: of the statuses from 400 to 505, retries 429, and 408, 502, 503 and 504 if it is idempotent',
    async (method) => {
      const retried: number[] = [];
      for (const status of statuses) {
        const { times, error } = await runCall(calls[method] as never, [json(status, { message: 'm', type: 'TYPE' })]);
        expect(error).toMatchObject({
          name: 'ApiError',
          status,
          type: 'TYPE',
          attempts: times.length,
          outcome: [408, 460, 499].includes(status) || status >= 500 ? 'unknown' : 'rejected',
        });
        expect([1, 4]).toContain(times.length);
        if (times.length === 4) retried.push(status);
      }
      expect(retried).toEqual(method === 'POST' ? [429] : [408, 429, 502, 503, 504]);
    },
  );

  /** One of each kind; network-failure.test.ts has the errors of a kind. */
  const failures: [string, FetchResult, (method: string) => number, object][] = [
    [
      'a connection that is refused',
      networkError('ECONNREFUSED', 'connect'),
      () => 4,
      { outcome: 'not-sent', code: 'ECONNREFUSED', timedOut: false },
    ],
    [
      'a reset',
      networkError('ECONNRESET', 'read'),
      (m) => (m === 'POST' ? 1 : 4),
      { outcome: 'unknown', code: 'ECONNRESET', timedOut: false },
    ],
    ['no response', neverResponds, (m) => (m === 'POST' ? 1 : 4), { outcome: 'unknown', timedOut: true }],
    [
      'an expired certificate',
      networkError('CERT_HAS_EXPIRED', ''),
      () => 1,
      { outcome: 'not-sent', code: 'CERT_HAS_EXPIRED', timedOut: false },
    ],
  ];
  test.each(failures)('%s: attempts and outcome for each method', async (_, result, attempts, fields) => {
    for (const method of methods) {
      const { times, error } = await runCall(calls[method] as never, [result]);
      expect(times).toHaveLength(attempts(method));
      expect(error).toMatchObject({ name: 'ConnectionError', attempts: attempts(method), ...fields });
      expect(error?.cause).toBeUndefined();
    }
  });

  test('HEAD and OPTIONS of api are retried like GET: they are safe', async () => {
    for (const method of ['HEAD', 'OPTIONS']) {
      const call = (secrets: SecretsClient) => secrets.api.request(method as 'get', '/api/v1/secrets');
      const { times } = await runCall(call, [json(503, {}), json(200, {})]);
      expect(times, method).toEqual([0, 250]);
      const { error } = await runCall(call, [networkError()], { retry: false });
      expect(error, method).toMatchObject({ name: 'ConnectionError', method, outcome: 'unknown' });
    }
  });

  test('a response that breaks the contract is not retried', async () => {
    const { times, error } = await runCall(calls.GET as never, [json(200, { tag: 'no id' })]);
    expect(times).toHaveLength(1);
    expect(error).toMatchObject({ name: 'ContractError' });
  });
});

describe('delays', () => {
  const down = json(503, {});

  test('double up to maxDelayMs', async () => {
    const { delays, times } = await runCall(calls.GET as never, [down], { retry: { limit: 7 } });
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, undefined]);
    expect(times).toEqual([0, 250, 750, 1750, 3750, 7750, 15_750, 23_750]);
  });

  test('are random from 0 up to their bound (full jitter)', async () => {
    vi.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(0.1);
    const { delays } = await runCall(calls.GET as never, [down]);
    expect(delays).toEqual([0, 250, 100, undefined]);
  });

  test('are not started if they would end at the deadline or later', async () => {
    for (const [deadlineMs, requests] of [
      [251, 2],
      [250, 1],
      [249, 1],
    ] as const) {
      const { times, took, error } = await runCall(calls.GET as never, [down], { deadlineMs });
      expect(times).toHaveLength(requests);
      expect(took).toBe(requests === 2 ? 250 : 0);
      expect(error).toMatchObject({ name: 'ApiError', status: 503 });
    }
  });

  test('depend on baseDelayMs and maxDelayMs', async () => {
    const retry = { limit: 4, baseDelayMs: 10, maxDelayMs: 35 };
    const { delays } = await runCall(calls.GET as never, [down], { retry });
    expect(delays).toEqual([10, 20, 35, 35, undefined]);
  });

  test('are never shorter than Retry-After', async () => {
    const busy = json(503, {}, { 'retry-after': '3' });
    const { delays } = await runCall(calls.GET as never, [busy, busy, down, json(200, secret(1))], {});
    expect(delays).toEqual([3000, 3000, 1000, undefined]);
  });

  test('are the backoff if it is longer than Retry-After', async () => {
    const retry = { baseDelayMs: 1500 };
    const { times } = await runCall(
      calls.POST as never,
      [json(429, {}, { 'retry-after': '1' }), json(200, secret(1))],
      {
        retry,
      },
    );
    expect(times).toEqual([0, 1500]);
  });

  test('a Retry-After that is neither a number nor a date is ignored', async () => {
    const { times } = await runCall(calls.POST as never, [
      json(429, {}, { 'retry-after': 'soon' }),
      json(200, secret(1)),
    ]);
    expect(times).toEqual([0, 250]);
  });

  test('a Retry-After above maxRetryAfterMs ends the call at once with the error', async () => {
    for (const [value, ms] of [
      ['61', 61_000],
      ['99999999999', 99_999_999_999_000],
    ] as const) {
      const { times, error, took } = await runCall(calls.GET as never, [json(429, {}, { 'retry-after': value })]);
      expect(times).toEqual([0]);
      expect(took).toBe(0);
      expect(error).toMatchObject({ name: 'ApiError', status: 429, retryAfterMs: ms, outcome: 'rejected' });
    }
  });

  test('a Retry-After of a 503 above maxRetryAfterMs ends the call too', async () => {
    const { times, error } = await runCall(calls.GET as never, [
      json(503, {}, { 'retry-after': '61' }),
      json(200, secret(1)),
    ]);
    expect(times).toEqual([0]);
    expect(error).toMatchObject({ name: 'ApiError', status: 503, retryAfterMs: 61_000 });
  });

  test('a Retry-After equal to maxRetryAfterMs is waited for', async () => {
    const { times } = await runCall(calls.GET as never, [json(429, {}, { 'retry-after': '60' }), json(200, secret(1))]);
    expect(times).toEqual([0, 60_000]);
  });

  test('a delay longer than the maximum of setTimeout is waited for', async () => {
    const seconds = 2 ** 31 / 1000 + 60;
    const retry = { maxRetryAfterMs: Number.POSITIVE_INFINITY };
    const late = json(503, {}, { 'retry-after': String(Math.ceil(seconds)) });
    const { times } = await runCall(calls.GET as never, [late, json(200, secret(1))], { retry });
    expect(times[1]).toBeGreaterThanOrEqual(seconds * 1000);
  });
});

describe('options', () => {
  test.each([
    [0, 1],
    [1, 2],
    [5, 6],
  ])('retry.limit %i: at most %i requests', async (limit, requests) => {
    const { times } = await runCall(calls.GET as never, [json(503, {})], { retry: { limit } });
    expect(times).toHaveLength(requests);
  });

  test('retry: false: one request', async () => {
    const { times } = await runCall(calls.GET as never, [json(429, {}, { 'retry-after': '1' })], { retry: false });
    expect(times).toEqual([0]);
  });

  test('those of one call override those of the client', async () => {
    const down = json(503, {});
    const never = await runCall((s) => s.get('a', { retry: false }), [down]);
    expect(never.times).toHaveLength(1);
    const often = await runCall((s) => s.get('a', { retry: { limit: 1, baseDelayMs: 7 } }), [down], { retry: false });
    expect(often.times).toEqual([0, 7]);
    const quick = await runCall((s) => s.get('a', { timeoutMs: 5 }), [neverResponds], { retry: false });
    expect(quick.took).toBe(5);
  });

  test('a create whose outcome is unknown after a retry is not retried again', async () => {
    const { times, error } = await runCall(calls.POST as never, [
      json(429, {}, { 'retry-after': '1' }),
      networkError(),
    ]);
    expect(times).toEqual([0, 1000]);
    expect(error).toMatchObject({ outcome: 'unknown', attempts: 2 });
  });
});

describe('the outcome depends on earlier attempts too', () => {
  const notFound = json(404, { message: 'Secret not found', type: 'NOT_FOUND' });

  test('a delete that is retried after an unknown outcome treats 404 as success', async () => {
    for (const first of [networkError(), json(503, {}), neverResponds]) {
      const { error, value, times } = await runCall(calls.DELETE as never, [first, notFound]);
      expect(error).toBeUndefined();
      expect(value).toBeUndefined();
      expect(times).toHaveLength(2);
    }
  });

  test('a delete treats 404 as an error if no earlier attempt may have been processed', async () => {
    for (const first of [[], [json(429, {})], [networkError('ECONNREFUSED', 'connect')]]) {
      const { error } = await runCall(calls.DELETE as never, [...first, notFound]);
      expect(error).toMatchObject({ status: 404, outcome: 'rejected' });
    }
  });

  test.each([
    ['an update that is unknown, then rejected, is unknown', 'PUT', [networkError(), json(404, {})], 'unknown'],
    [
      'an update that is unknown, then not connected, is unknown',
      'PUT',
      [networkError(), networkError('ECONNREFUSED', 'connect')],
      'unknown',
    ],
    [
      'an update that is not connected, then 404, is rejected',
      'PUT',
      [networkError('ECONNREFUSED', 'connect'), json(404, {})],
      'rejected',
    ],
    [
      'an update that is throttled, then not connected, is not-sent',
      'PUT',
      [json(429, {}), networkError('ECONNREFUSED', 'connect')],
      'not-sent',
    ],
    ['a get that is unknown, then 404, is rejected: it is safe', 'GET', [networkError(), json(404, {})], 'rejected'],
  ])('%s', async (_, method, results, outcome) => {
    const { error } = await runCall(calls[method] as never, results);
    expect(error).toMatchObject({ outcome });
  });
});

describe('an abort by the caller', () => {
  const reason = new Error('the user left');

  test('ends a delay at once with the reason of the signal', async () => {
    for (const response of [json(503, {}, { 'retry-after': '50' }), json(429, {}, { 'retry-after': '50' })]) {
      const controller = new AbortController();
      const secrets = testClient([response]);
      const failure = rejectionOf(secrets.get('a', { signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(1000);
      controller.abort(reason);
      expect(await failure).toBe(reason);
      expect(secrets.sent).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test('ends an attempt at once, even if fetch ignores its signal', async () => {
    for (const pending of [neverResponds, () => new Promise<Response>(() => {})]) {
      const controller = new AbortController();
      const secrets = testClient([pending]);
      const failure = rejectionOf(secrets.get('a', { signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(10);
      expect(secrets.sent[0]?.signal?.aborted).toBe(false);
      controller.abort(reason);
      expect(await failure).toBe(reason);
      expect(secrets.sent[0]?.signal?.aborted).toBe(true);
    }
  });

  test('before the call: nothing is sent', async () => {
    const secrets = testClient([json(200, secret(1))]);
    expect(await rejectionOf(secrets.get('a', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await rejectionOf(secrets.listAll({ signal: AbortSignal.abort(reason) }).next())).toBe(reason);
    expect(secrets.sent).toEqual([]);
  });

  test('before the call, while the client is paused: the reason of the signal, not the 429 of another call', async () => {
    const secrets = testClient([json(429, {}, { 'retry-after': '61' })]);
    await rejectionOf(secrets.get('a'));
    expect(await rejectionOf(secrets.get('b', { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test('listeners on its signal are removed after the call', async () => {
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, 'addEventListener');
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const { value } = await runCall(
      (s) => s.get('a', { signal: controller.signal }),
      [json(503, {}), networkError(), json(200, secret(1))],
    );
    expect(value).toMatchObject({ id: 'se-1' });
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      expect.arrayContaining(add.mock.calls.map(([, listener]) => listener)),
    );
  });
});

describe('retry.statusCodes', () => {
  const immediately = { baseDelayMs: 0 };
  test('a status in it is retried for idempotent requests, not for a create', async () => {
    const retry = { ...immediately, statusCodes: [500] };
    expect(await testClient([json(500, {}), json(200, secret(1))], { retry }).get('a')).toMatchObject({ id: 'se-1' });
    const create = testClient([json(500, {})], { retry }).create({ tag: 't', name: 'n', secret: 'v' });
    expect(await rejectionOf(create)).toMatchObject({ attempts: 1, outcome: 'unknown' });
  });
  test('replaces the defaults; 429 is retried anyway', async () => {
    const retry = { ...immediately, statusCodes: [] };
    expect(await rejectionOf(testClient([json(503, {})], { retry }).get('a'))).toMatchObject({ attempts: 1 });
    expect(await testClient([json(429, {}), json(200, secret(1))], { retry }).get('a')).toMatchObject({ id: 'se-1' });
  });
  test('may be set for one call', async () => {
    const secrets = testClient([json(500, {}), json(200, secret(1))], { retry: immediately });
    expect(await secrets.get('a', { retry: { statusCodes: [500] } })).toMatchObject({ id: 'se-1' });
  });
  test('a later change of the given array has no effect', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const statusCodes = [500];
    const secrets = testClient([json(500, {}), json(200, secret(1))], { retry: { statusCodes } });
    statusCodes.length = 0;
    expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
  });
});
