/**
 * Whatever a function of the options, or a member of what it returns, does: it reaches one call, as an error or not at all,
 * and the next call works. Vitest fails for an unhandled rejection and for an uncaught exception.
 */
import type { ClientOptions } from 'cortex-secrets';
import { describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../support/fake-clock.js';
import { json, rejectionOf, secret, testClient } from '../support/helpers.js';

fakeClock();

const trap = () => {
  throw new Error('trap');
};
const hostile = new Proxy(() => {}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, apply: trap });
const MISBEHAVIOUR: [string, () => unknown][] = [
  ['throws', trap],
  [
    'throws nothing',
    () => {
      throw undefined;
    },
  ],
  [
    'throws a proxy',
    () => {
      throw hostile;
    },
  ],
  ['rejects', () => Promise.reject(new Error('rejected'))],
  ['rejects with nothing', () => Promise.reject()],
  ['rejects with a proxy', () => Promise.reject(hostile)],
  ['hangs', () => new Promise(() => {})],
  ['returns nothing', () => undefined],
  ['returns null', () => null],
  ['returns a number', () => 42],
  ['returns a proxy', () => hostile],
  // biome-ignore lint/suspicious/noThenProperty: a thenable is the case
  ['returns a thenable that throws', () => ({ then: trap })],
  ['returns an object whose then is a getter that throws', () => Object.defineProperty({}, 'then', { get: trap })],
];

const good = () => json(200, secret(1));
const throttled = () => json(429, {}, { 'retry-after': '1' });
const stream = (members: object) => ({ status: 200, headers: new Headers(), body: { getReader: () => members } });
const bytes = { done: false, value: new TextEncoder().encode(JSON.stringify(secret(1))) };

/** Where the misbehaviour is: the results of fetch before the last one, which is good, and the options. */
const PLACES: [string, (act: () => unknown) => [responses: unknown[], options?: object]][] = [
  ['fetch', (act) => [[act]]],
  ['apiKey', (act) => [[], { apiKey: first(act, 'a-key') }]],
  ['headers', (act) => [[], { headers: first(act, {}) }]],
  ['onAttempt', (act) => [[], { onAttempt: act }]],
  ['limiter.acquire', (act) => [[], { limiter: { acquire: first(act) } }]],
  ['limiter.pause', (act) => [[throttled], { limiter: { acquire: async () => {}, pause: act } }]],
  ['response.status', (act) => [[() => Object.defineProperty({ headers: new Headers() }, 'status', { get: act })]]],
  [
    'response.headers',
    (act) => [
      [() => Object.defineProperty({ status: 200, body: null, text: async () => '' }, 'headers', { get: act })],
    ],
  ],
  ['headers.get', (act) => [[() => ({ status: 503, headers: { get: act, forEach: act }, text: async () => '' })]]],
  [
    'response.body',
    (act) => [[() => Object.defineProperty({ status: 200, headers: new Headers() }, 'body', { get: act })]],
  ],
  ['response.text', (act) => [[() => ({ status: 200, headers: new Headers(), text: act })]]],
  ['body.getReader', (act) => [[() => ({ status: 200, headers: new Headers(), body: { getReader: act } })]]],
  ['reader.read', (act) => [[() => stream({ read: act, cancel: async () => {} })]]],
  [
    'reader.cancel',
    (act) => [[() => stream({ read: () => ({ done: false, value: new Uint8Array(2 ** 24) }), cancel: act })]],
  ],
  ['body.cancel', (act) => [[() => later(5000, { status: 200, headers: new Headers(), body: { cancel: act } })]]],
];

/** Misbehaves once. */
function first(act: () => unknown, then?: unknown) {
  let count = 0;
  return () => (++count === 1 ? act() : then);
}

const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

describe.each(PLACES)('%s', (_, place) => {
  test.each(MISBEHAVIOUR)('that %s reaches one call at most', async (__, act) => {
    const [responses, options] = place(act);
    const secrets = testClient([...(responses as never[]), good], {
      timeoutMs: 1000,
      maxConcurrency: 1,
      retry: { limit: 1 },
      ...(options as ClientOptions),
    });
    const call = secrets.get('a').then(
      (value) => value,
      (error) => error,
    );
    await vi.advanceTimersByTimeAsync(20_000);
    const result = await call;
    expect(result === undefined || typeof result === 'object' || typeof result === 'function').toBe(true);
    const next = secrets.get('b');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await next).toMatchObject({ id: 'se-1' });
  });
});

test('an abort settles all calls, whatever the readers of their bodies do on cancel', async () => {
  const hanging = () => stream({ read: first(() => bytes, new Promise(() => {})), cancel: trap }) as never;
  const secrets = testClient([hanging], { timeoutMs: Number.POSITIVE_INFINITY });
  const controller = new AbortController();
  const calls = [1, 2, 3, 4, 5].map((n) => rejectionOf(secrets.get(`${n}`, { signal: controller.signal })));
  await vi.advanceTimersByTimeAsync(10);
  controller.abort(new Error('left'));
  expect((await Promise.all(calls)).map(({ message }) => message)).toEqual(Array(5).fill('left'));
});

describe('a signal', () => {
  /** A signal of a polyfill or a mock: aborted by `abort`, with one member that throws when it is read or called. */
  function brokenSignal(member: string) {
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      reason: undefined as unknown,
      addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
    };
    if (member === 'missing reason') Reflect.deleteProperty(signal, 'reason');
    else if (member === 'reason') Object.defineProperty(signal, 'reason', { get: trap });
    else if (member !== 'none') Object.assign(signal, { [member]: trap });
    return {
      signal: signal as unknown as AbortSignal,
      abort() {
        signal.aborted = true;
        if (!member.includes('reason')) signal.reason = new Error('trap');
        for (const listener of listeners) listener();
      },
    };
  }
  const pages = () => json(200, { page: 0, secrets: [], total: 0, totalPages: 1 });
  const limits = [{}, { deadlineMs: 1000 }, { timeoutMs: 1000, deadlineMs: 5000 }];

  test.each(['none', 'addEventListener', 'removeEventListener', 'reason'])(
    'whose %s throws ends no more than its call',
    async (member) => {
      for (const each of limits) {
        const { signal } = brokenSignal(member);
        const ended = testClient([pages], { retry: false })
          .list({}, { ...each, signal })
          .catch((error) => error);
        await vi.advanceTimersByTimeAsync(10_000);
        expect(await ended).toMatchObject(member === 'addEventListener' ? { message: 'trap' } : { total: 0 });

        const { signal: later, abort } = brokenSignal(member);
        const hanging = testClient([() => new Promise(() => {})], { retry: false });
        const failed = hanging.list({}, { timeoutMs: 60_000, ...each, signal: later }).catch((error) => error);
        await vi.advanceTimersByTimeAsync(100);
        abort();
        await vi.advanceTimersByTimeAsync(100_000);
        expect(await failed).toMatchObject({ message: 'trap' });
      }
    },
  );

  test('without a reason, as a polyfill gives it, rejects with an AbortError', async () => {
    const calls: ((secrets: ReturnType<typeof testClient>, signal: AbortSignal) => Promise<unknown>)[] = [
      (secrets, signal) => secrets.list({}, { signal }),
      (secrets, signal) => secrets.list({}, { signal, deadlineMs: 60_000 }),
      (secrets, signal) => secrets.listAll({ signal }).next(),
      (secrets, signal) => secrets.api.GET('/api/v1/secrets', { signal }),
    ];
    for (const call of calls) {
      for (const isEarly of [true, false]) {
        const { signal, abort } = brokenSignal('missing reason');
        if (isEarly) abort();
        const failed = rejectionOf(call(testClient([() => new Promise(() => {})], { retry: false }), signal));
        await vi.advanceTimersByTimeAsync(100);
        if (!isEarly) abort();
        await vi.advanceTimersByTimeAsync(100);
        expect(await failed).toMatchObject({ name: 'AbortError', message: 'The call was aborted' });
      }
    }
  });
});
