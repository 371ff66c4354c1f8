/** The events of `onAttempt`, on a fake clock. */
import type { AttemptEvent, ClientOptions } from 'cortex-secrets';
import { describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../support/fake-clock.js';
import {
  type FetchResult,
  json,
  KEY,
  networkError,
  neverResponds,
  rejectionOf,
  secret,
  testClient,
  VALUE,
} from '../support/helpers.js';

fakeClock();

const immediately = { retry: { limit: 3, baseDelayMs: 0 } };

/** A client, and the events that it reports. */
function observedClient(results: FetchResult[], options: ClientOptions = {}) {
  const events: AttemptEvent[] = [];
  const secrets = testClient(results, { ...immediately, onAttempt: (event) => events.push(event), ...options });
  return { secrets, events };
}

/** Fires timers until `promise` settles. */
async function settled(promise: Promise<unknown>): Promise<void> {
  const done = promise.catch(() => {});
  await vi.runAllTimersAsync();
  await done;
}

const later = (ms: number, response: Response) => () =>
  new Promise<Response>((resolve) => setTimeout(() => resolve(response), ms));

describe('onAttempt', () => {
  test('reports each attempt, with keys and values redacted', async () => {
    const id = `id of ${VALUE} and ${KEY}`;
    const { secrets, events } = observedClient([
      later(10.4, json(503, {}, { 'x-request-id': id })),
      networkError(),
      json(200, secret(1)),
    ]);
    await settled(secrets.update('my-tag', { secret: VALUE }));
    const shared = {
      operation: 'secrets.update',
      callId: expect.any(Number),
      method: 'PUT',
      path: '/api/v1/secrets/{tagOrId}',
    };
    const requestId = 'id of [redacted] and [redacted]';
    const error = { name: 'ConnectionError', code: 'ECONNRESET', timedOut: false };
    expect(events).toStrictEqual([
      { ...shared, attempt: 1, retryCount: 0, durationMs: 10, status: 503, retryInMs: 0, requestId },
      { ...shared, attempt: 2, retryCount: 1, durationMs: 0, error, retryInMs: 0 },
      { ...shared, attempt: 3, retryCount: 2, durationMs: 0, status: 200 },
    ]);
  });

  test('the attempts of one call have the same callId, those of another call a different one', async () => {
    const { secrets, events } = observedClient([json(503, {}), json(200, secret(1))]);
    await settled(secrets.get('a'));
    await settled(secrets.get('b'));
    const [first, second, third] = events.map(({ callId }) => callId);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('set of a new secret: the POST is attempt 2, and no retry', async () => {
    const { secrets, events } = observedClient([json(404, {}), json(200, { id: 'se-1', tag: 'new' })]);
    await settled(secrets.set('new', { name: 'n', secret: VALUE }));
    expect(events.map(({ method, attempt, retryCount }) => [method, attempt, retryCount])).toEqual([
      ['PUT', 1, 0],
      ['POST', 2, 0],
    ]);
  });

  test.each<[string, FetchResult, ClientOptions, object]>([
    ['a time-out', neverResponds, { timeoutMs: 50 }, { name: 'ConnectionError', timedOut: true }],
    ['a reset', networkError(), {}, { name: 'ConnectionError', code: 'ECONNRESET', timedOut: false }],
    ['a deadline', neverResponds, { deadlineMs: 50 }, { name: 'TimeoutError', timedOut: true }],
  ])('the error of %s can be distinguished from others', async (_, result, options, error) => {
    const { secrets, events } = observedClient([result], { retry: false, ...options });
    await settled(secrets.get('a'));
    expect(events.map((event) => event.error)).toStrictEqual([error]);
  });

  test('durationMs of a 401 does not include the wait for the new key', async () => {
    const keys = ['old', 'new'];
    const apiKey = () => new Promise<string>((resolve) => setTimeout(() => resolve(keys.shift() as string), 500));
    const { secrets, events } = observedClient([later(20, json(401, {})), later(30, json(200, secret(1)))], { apiKey });
    await settled(secrets.get('a'));
    expect(events.map(({ durationMs }) => durationMs)).toEqual([20, 30]);
  });

  test('reports nothing if nothing was sent', async () => {
    const { secrets, events } = observedClient([json(200, secret(1))]);
    await rejectionOf(secrets.get('..'));
    await rejectionOf(secrets.get('a', { signal: AbortSignal.abort() }));
    const keyless = observedClient([json(200, secret(1))], { apiKey: () => '' });
    await rejectionOf(keyless.secrets.get('a'));
    const paused = observedClient([json(429, {}, { 'retry-after': '90' })]);
    await rejectionOf(paused.secrets.get('a'));
    await rejectionOf(paused.secrets.get('b'));
    expect([...events, ...keyless.events]).toEqual([]);
    expect(paused.events).toMatchObject([{ attempt: 1, status: 429 }]);
  });

  test('reports an attempt that was aborted, without status and retryInMs', async () => {
    const { secrets, events } = observedClient([neverResponds]);
    const controller = new AbortController();
    const call = rejectionOf(secrets.update('a', { name: 'n' }, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(20);
    controller.abort();
    await call;
    expect(events).toMatchObject([
      { attempt: 1, operation: 'secrets.update', error: { name: 'AbortError', timedOut: false } },
    ]);
    expect(events[0]).not.toHaveProperty('status');
    expect(events[0]).not.toHaveProperty('retryInMs');
  });

  test('an abort with a reason of the caller’s own is an Error, whatever the reason calls itself', async () => {
    const { secrets, events } = observedClient([neverResponds]);
    const controller = new AbortController();
    const call = rejectionOf(secrets.update('a', { secret: VALUE }, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(20);
    controller.abort(Object.assign(new Error('left'), { name: VALUE }));
    await call;
    expect(events.map(({ error }) => error)).toStrictEqual([{ name: 'Error', timedOut: false }]);
  });

  const failing: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('the log is full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the log is full'))],
    ['never settles', () => new Promise(() => {})],
    [
      'returns a thenable that rejects',
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      () => ({ then: (_: unknown, reject: (e: Error) => void) => reject(new Error()) }),
    ],
    [
      'returns a thenable that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        get then() {
          throw new Error('the log is full');
        },
      }),
    ],
  ];
  test.each(failing)('a hook that %s fails neither the call nor the process', async (_, hook) => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const { secrets } = observedClient([json(503, {}), json(200, secret(1)), json(200, secret(1))], {
      onAttempt: hook as () => void,
      maxConcurrency: 1,
    });
    const call = secrets.get('a');
    await vi.runAllTimersAsync();
    expect(await call).toMatchObject({ id: 'se-1' });
    expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
    // Node reports unhandled rejections after the microtasks, before the next immediate.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});
