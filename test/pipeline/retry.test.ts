/** What is repeated, when, and how often; on a fake clock. */
import type { ClientOptions, SecretsClient } from 'cortex-secrets';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, networkError, neverResponds, rejectionOf, secret, testClient } from '../support/helpers.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  // The random wait is its own bound, so that the bounds can be read.
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Reply = Parameters<typeof testClient>[0][number];

/** Runs one call to its end on the fake clock: what it came to, when requests were sent, and what onAttempt was told. */
async function play(call: (secrets: SecretsClient) => Promise<unknown>, replies: Reply[], options: ClientOptions = {}) {
  const times: number[] = [];
  const waits: (number | undefined)[] = [];
  const begin = performance.now();
  const timed = replies.map((reply): Reply => {
    return (sent) => {
      times.push(performance.now() - begin);
      if (reply instanceof Error) throw reply;
      return typeof reply === 'function' ? reply(sent) : reply.clone();
    };
  });
  const secrets = testClient(timed, { onAttempt: ({ retryInMs }) => waits.push(retryInMs), ...options });
  const result = call(secrets).then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  await vi.runAllTimersAsync();
  return { times, waits, took: performance.now() - begin, ...((await result) as { value?: unknown; error?: Error }) };
}

const calls: Record<string, (secrets: SecretsClient) => Promise<unknown>> = {
  GET: (secrets) => secrets.get('a'),
  PUT: (secrets) => secrets.update('a', { name: 'n' }),
  DELETE: (secrets) => secrets.delete('a'),
  POST: (secrets) => secrets.create({ tag: 'a', name: 'n', secret: 'some value' }),
};
const methods = Object.keys(calls);
const statuses = Array.from({ length: 106 }, (_, i) => 400 + i);

describe('the table of method and failure', () => {
  const mayHaveActed = [408, 502, 503, 504];

  test.each(methods)('%s: every status from 400 to 505', async (method) => {
    const repeated: number[] = [];
    for (const status of statuses) {
      const { times, error } = await play(calls[method] as never, [json(status, { message: 'm', type: 'T' })]);
      expect(error).toMatchObject({
        name: 'ApiError',
        status,
        type: 'T',
        attempts: times.length,
        outcome: status === 408 || status >= 500 ? 'unknown' : 'rejected',
      });
      expect([1, 4]).toContain(times.length);
      if (times.length === 4) repeated.push(status);
    }
    expect(repeated).toEqual(method === 'POST' ? [429] : [408, 429, 502, 503, 504]);
  });

  const failures: [string, Reply, (method: string) => number, object][] = [
    [
      'connection refused',
      networkError('ECONNREFUSED', 'connect'),
      () => 4,
      { outcome: 'not-sent', code: 'ECONNREFUSED' },
    ],
    ['no such host', networkError('ENOTFOUND', 'getaddrinfo'), () => 4, { outcome: 'not-sent', code: 'ENOTFOUND' }],
    ['DNS that fails for now', networkError('EAI_AGAIN', 'getaddrinfo'), () => 4, { outcome: 'not-sent' }],
    [
      'no connection in time',
      networkError('UND_ERR_CONNECT_TIMEOUT', ''),
      () => 4,
      { outcome: 'not-sent', timedOut: false },
    ],
    ['reset while connecting', networkError('ECONNRESET', 'connect'), () => 4, { outcome: 'not-sent' }],
    [
      'reset',
      networkError('ECONNRESET', 'read'),
      (m) => (m === 'POST' ? 1 : 4),
      { outcome: 'unknown', code: 'ECONNRESET' },
    ],
    ['refused on the way', networkError('ECONNREFUSED', 'read'), (m) => (m === 'POST' ? 1 : 4), { outcome: 'unknown' }],
    [
      'unreachable on the way',
      networkError('EHOSTUNREACH', 'read'),
      (m) => (m === 'POST' ? 1 : 4),
      { outcome: 'unknown' },
    ],
    ['closed', networkError('UND_ERR_SOCKET', ''), (m) => (m === 'POST' ? 1 : 4), { outcome: 'unknown' }],
    ['an error without a code', new TypeError('terminated'), (m) => (m === 'POST' ? 1 : 4), { outcome: 'unknown' }],
    ['silence', neverResponds, (m) => (m === 'POST' ? 1 : 4), { outcome: 'unknown', timedOut: true }],
    [
      'an expired certificate',
      networkError('CERT_HAS_EXPIRED', ''),
      () => 1,
      { outcome: 'not-sent', code: 'CERT_HAS_EXPIRED' },
    ],
    ['another host’s certificate', networkError('ERR_TLS_CERT_ALTNAME_INVALID', ''), () => 1, { outcome: 'not-sent' }],
    ['an unknown issuer', networkError('UNABLE_TO_VERIFY_LEAF_SIGNATURE', ''), () => 1, { outcome: 'not-sent' }],
    [
      'a forbidden port',
      new TypeError('fetch failed', { cause: new Error('bad port') }),
      () => 1,
      { outcome: 'not-sent' },
    ],
  ];
  test.each(failures)('%s', async (_, reply, attempts, fields) => {
    for (const method of methods) {
      const { times, error } = await play(calls[method] as never, [reply]);
      expect(times).toHaveLength(attempts(method));
      expect(error).toMatchObject({ name: 'ConnectionError', attempts: attempts(method), ...fields });
      expect(error?.cause).toBeUndefined();
    }
  });

  test('several addresses, all refused (happy eyeballs)', async () => {
    const each = Object.assign(new Error('connect'), { code: 'ETIMEDOUT', syscall: 'connect' });
    const all = new TypeError('fetch failed', {
      cause: Object.assign(new AggregateError([each, each]), { code: 'ETIMEDOUT' }),
    });
    const { error, times } = await play(calls.POST as never, [all]);
    expect(error).toMatchObject({ outcome: 'not-sent' });
    expect(times).toHaveLength(4);
  });

  test('an answer that breaks the contract is not repeated', async () => {
    const { times, error } = await play(calls.GET as never, [json(200, { tag: 'no id' })]);
    expect(times).toHaveLength(1);
    expect(error).toMatchObject({ name: 'ContractError' });
  });

  test('the statuses that may have been acted on are tried again until one succeeds', async () => {
    for (const status of mayHaveActed) {
      const { value, times } = await play(calls.PUT as never, [json(status, {}), json(200, secret(1))]);
      expect(value).toEqual(secret(1));
      expect(times).toEqual([0, 250]);
    }
  });
});

describe('waits', () => {
  const down = json(503, {});

  test('double up to their bound', async () => {
    const { waits, times } = await play(calls.GET as never, [down], { retry: { limit: 7 } });
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, undefined]);
    expect(times).toEqual([0, 250, 750, 1750, 3750, 7750, 15_750, 23_750]);
  });

  test('are random from 0 on: full jitter', async () => {
    vi.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(0.1);
    const { waits } = await play(calls.GET as never, [down]);
    expect(waits).toEqual([0, 250, 100, undefined]);
  });

  test('follow their options', async () => {
    const retry = { limit: 4, baseDelayMs: 10, maxDelayMs: 35 };
    const { waits } = await play(calls.GET as never, [down], { retry });
    expect(waits).toEqual([10, 20, 35, 35, undefined]);
  });

  test('are never shorter than Retry-After', async () => {
    const busy = json(503, {}, { 'retry-after': '3' });
    const { waits } = await play(calls.GET as never, [busy, busy, down, json(200, secret(1))], {});
    expect(waits).toEqual([3000, 3000, 1000, undefined]);
  });

  test('are the longer of the two', async () => {
    const retry = { baseDelayMs: 1500 };
    const { times } = await play(calls.POST as never, [json(429, {}, { 'retry-after': '1' }), json(200, secret(1))], {
      retry,
    });
    expect(times).toEqual([0, 1500]);
  });

  test.each([['0.5'], ['-5'], ['1e3'], ['2026-11-23'], ['Fri, 31 Feb 2034 08:49:37 GMT'], ['soon'], ['']])(
    'a Retry-After of %j is ignored, and does not stop the retry',
    async (value) => {
      const { times, value: got } = await play(calls.POST as never, [
        json(429, {}, { 'retry-after': value }),
        json(200, secret(1)),
      ]);
      expect(times).toEqual([0, 250]);
      expect(got).toEqual(secret(1));
    },
  );

  test('a Retry-After over its limit ends the call at once, with the error', async () => {
    for (const [value, ms] of [
      ['61', 61_000],
      ['99999999999', 99_999_999_999_000],
    ] as const) {
      const { times, error, took } = await play(calls.GET as never, [json(429, {}, { 'retry-after': value })]);
      expect(times).toEqual([0]);
      expect(took).toBe(0);
      expect(error).toMatchObject({ name: 'ApiError', status: 429, retryAfterMs: ms, outcome: 'rejected' });
    }
  });

  test('also where it pauses nobody', async () => {
    const { times, error } = await play(calls.GET as never, [
      json(503, {}, { 'retry-after': '61' }),
      json(200, secret(1)),
    ]);
    expect(times).toEqual([0]);
    expect(error).toMatchObject({ name: 'ApiError', status: 503, retryAfterMs: 61_000 });
  });

  test('at its limit it is waited for', async () => {
    const { times } = await play(calls.GET as never, [json(429, {}, { 'retry-after': '60' }), json(200, secret(1))]);
    expect(times).toEqual([0, 60_000]);
  });

  test('a wait over what one timer holds is held', async () => {
    const seconds = 2 ** 31 / 1000 + 60;
    const retry = { maxRetryAfterMs: Number.POSITIVE_INFINITY };
    const late = json(503, {}, { 'retry-after': String(Math.ceil(seconds)) });
    const { times } = await play(calls.GET as never, [late, json(200, secret(1))], { retry });
    expect(times[1]).toBeGreaterThanOrEqual(seconds * 1000);
  });
});

describe('limits', () => {
  test.each([
    [0, 1],
    [1, 2],
    [5, 6],
  ])('limit %i means at most %i requests', async (limit, requests) => {
    const { times } = await play(calls.GET as never, [json(503, {})], { retry: { limit } });
    expect(times).toHaveLength(requests);
  });

  test('retry: false means one request', async () => {
    const { times } = await play(calls.GET as never, [json(429, {}, { 'retry-after': '1' })], { retry: false });
    expect(times).toEqual([0]);
  });

  test('of one call win over those of the client', async () => {
    const down = json(503, {});
    const never = await play((s) => s.get('a', { retry: false }), [down]);
    expect(never.times).toHaveLength(1);
    const often = await play((s) => s.get('a', { retry: { limit: 1, baseDelayMs: 7 } }), [down], { retry: false });
    expect(often.times).toEqual([0, 7]);
    const quick = await play((s) => s.get('a', { timeoutMs: 5 }), [neverResponds], { retry: false });
    expect(quick.took).toBe(5);
  });

  test('a create whose outcome became unknown is not repeated, however it began', async () => {
    const { times, error } = await play(calls.POST as never, [json(429, {}, { 'retry-after': '1' }), networkError()]);
    expect(times).toEqual([0, 1000]);
    expect(error).toMatchObject({ outcome: 'unknown', attempts: 2 });
  });
});

describe('what an earlier attempt may have done is not forgotten', () => {
  test('a delete that is repeated takes 404 for done', async () => {
    for (const first of [networkError(), json(503, {}), neverResponds]) {
      const { error, value, times } = await play(calls.DELETE as never, [first, json(404, { type: 'NOT_FOUND' })]);
      expect(error).toBeUndefined();
      expect(value).toBeUndefined();
      expect(times).toHaveLength(2);
    }
  });

  test('but not a first 404, nor one after attempts that were surely not acted on', async () => {
    for (const first of [[], [json(429, {})], [networkError('ECONNREFUSED', 'connect')]]) {
      const { error } = await play(calls.DELETE as never, [...first, json(404, {})]);
      expect(error).toMatchObject({ status: 404, outcome: 'rejected' });
    }
  });

  test.each([
    ['an update: unknown, then refused', 'PUT', [networkError(), json(404, {})], 'unknown'],
    [
      'an update: unknown, then no connection',
      'PUT',
      [networkError(), networkError('ECONNREFUSED', 'connect')],
      'unknown',
    ],
    ['an update: no connection, then 404', 'PUT', [networkError('ECONNREFUSED', 'connect'), json(404, {})], 'rejected'],
    [
      'an update: turned away, then no connection',
      'PUT',
      [json(429, {}), networkError('ECONNREFUSED', 'connect')],
      'not-sent',
    ],
    ['a get changes nothing', 'GET', [networkError(), json(404, {})], 'rejected'],
  ])('%s', async (_, method, replies, outcome) => {
    const { error } = await play(calls[method] as never, replies);
    expect(error).toMatchObject({ outcome });
  });
});

describe('a caller’s abort', () => {
  const reason = new Error('the user left');

  test('ends a wait at once, with the signal’s own reason', async () => {
    for (const answer of [json(503, {}, { 'retry-after': '50' }), json(429, {}, { 'retry-after': '50' })]) {
      const controller = new AbortController();
      const secrets = testClient([answer]);
      const failure = rejectionOf(secrets.get('a', { signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(1000);
      controller.abort(reason);
      expect(await failure).toBe(reason);
      expect(secrets.sent).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test('ends an attempt at once, also where fetch does not listen', async () => {
    for (const deaf of [neverResponds, () => new Promise<Response>(() => {})]) {
      const controller = new AbortController();
      const secrets = testClient([deaf]);
      const failure = rejectionOf(secrets.get('a', { signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(10);
      expect(secrets.sent[0]?.signal?.aborted).toBe(false);
      controller.abort(reason);
      expect(await failure).toBe(reason);
      expect(secrets.sent[0]?.signal?.aborted).toBe(true);
    }
  });

  test('before the call sends nothing', async () => {
    const secrets = testClient([json(200, secret(1))]);
    expect(await rejectionOf(secrets.get('a', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await rejectionOf(secrets.listAll({ signal: AbortSignal.abort(reason) }).next())).toBe(reason);
    expect(secrets.sent).toEqual([]);
  });

  test('is not repeated, and leaves no listener', async () => {
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, 'addEventListener');
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const { value } = await play(
      (s) => s.get('a', { signal: controller.signal }),
      [json(503, {}), networkError(), json(200, secret(1))],
    );
    expect(value).toEqual(secret(1));
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      expect.arrayContaining(add.mock.calls.map(([, listener]) => listener)),
    );
  });
});
