/** `timeoutMs` and `deadlineMs`, on a fake clock. sockets.test.ts tests them on real sockets. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, neverResponds, rejectionOf, secret, testClient } from '../support/helpers.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A response whose body never ends. */
const stalled = () => new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('{"id"')) }));

/** The error that `promise` rejects with, and the time until then in milliseconds. */
async function timedRejection(promise: Promise<unknown>) {
  const begin = performance.now();
  let at: number | undefined;
  const error = rejectionOf(promise).finally(() => {
    at = performance.now() - begin;
  });
  await vi.runAllTimersAsync();
  return { error: await error, at };
}

describe('timeoutMs', () => {
  test.each([
    ['no response', neverResponds],
    ['a body that stalls', stalled],
    ['a fetch that ignores its signal', () => new Promise<Response>(() => {})],
  ])('ends an attempt: %s', async (_, result) => {
    const secrets = testClient([result], { retry: false });
    const { error, at } = await timedRejection(secrets.get('a'));
    expect(at).toBe(30_000);
    expect(error).toMatchObject({
      name: 'ConnectionError',
      timedOut: true,
      outcome: 'unknown',
      message: 'secrets.get("a"): timed out after 30000 ms',
    });
    expect(secrets.sent[0]?.signal?.aborted).toBe(true);
  });

  test('applies to each attempt separately', async () => {
    const secrets = testClient([neverResponds, neverResponds, json(200, secret(1))], {
      timeoutMs: 100,
      retry: { baseDelayMs: 0 },
    });
    const begin = performance.now();
    const call = secrets.get('a');
    await vi.runAllTimersAsync();
    expect(await call).toMatchObject({ id: 'se-1' });
    expect(performance.now() - begin).toBe(200);
  });

  test('of Infinity sets no limit', async () => {
    const secrets = testClient([() => new Promise((r) => setTimeout(() => r(json(200, secret(1))), 1e8))], {
      timeoutMs: Number.POSITIVE_INFINITY,
    });
    const call = secrets.get('a');
    await vi.runAllTimersAsync();
    expect(await call).toMatchObject({ id: 'se-1' });
  });

  test('leaves no timer after a response in time', async () => {
    await testClient([json(200, secret(1))]).get('a');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a response that arrives after the time limit has no effect', async () => {
    // The first attempt times out, and its 404 arrives during the second.
    const late = () => new Promise<Response>((r) => setTimeout(() => r(json(404, {})), 150));
    const secrets = testClient([late, neverResponds], { timeoutMs: 100, deadlineMs: 180, retry: { baseDelayMs: 0 } });
    const { error, at } = await timedRejection(secrets.delete('a'));
    expect(at).toBe(180);
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 2 });
  });
});

describe('an attempt that was given up changes nothing any more', () => {
  const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

  test('a body that its cancellation ends is no response: the outcome stays unknown', async () => {
    const secrets = testClient([stalled, refused()], { timeoutMs: 100, retry: { limit: 1, baseDelayMs: 0 } });
    const { error } = await timedRejection(secrets.update('a', { name: 'n' }));
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 2 });
  });

  test('a late failure does not make a later attempt unsent', async () => {
    const late = () => new Promise<Response>((_, reject) => setTimeout(() => reject(refused()), 150));
    const secrets = testClient([late, neverResponds], { timeoutMs: 100, deadlineMs: 180, retry: { baseDelayMs: 0 } });
    const { error, at } = await timedRejection(secrets.update('a', { name: 'n' }));
    expect(at).toBe(180);
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 2 });
  });
});

describe('deadlineMs', () => {
  test('ends the whole call, during an attempt', async () => {
    const secrets = testClient([neverResponds], {
      timeoutMs: 100,
      deadlineMs: 250,
      retry: { baseDelayMs: 0, limit: 9 },
    });
    const { error, at } = await timedRejection(secrets.update('a', { name: 'n' }));
    expect(at).toBe(250);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'unknown', attempts: 3 });
    expect(error.message).toBe('secrets.update("a"): deadline of 250 ms exceeded (3 attempts)');
  });

  test('a get that was sent is unknown at its deadline', async () => {
    const { error } = await timedRejection(testClient([neverResponds], { deadlineMs: 50 }).get('a'));
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'unknown', attempts: 1 });
  });

  test('a create that was only throttled before it is not-sent: a 429 was not processed', async () => {
    const keys = ['a-key', new Promise<string>(() => {})];
    const secrets = testClient([json(429, {}, { 'retry-after': '1' })], {
      deadlineMs: 5000,
      apiKey: () => keys.shift() as string,
    });
    const { error, at } = await timedRejection(secrets.create({ tag: 't', name: 'n', secret: 'some value' }));
    expect(at).toBe(5000);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 1 });
  });

  test('ends the wait for the apiKey function', async () => {
    const secrets = testClient([json(200, secret(1))], { deadlineMs: 50, apiKey: () => new Promise(() => {}) });
    const { error, at } = await timedRejection(secrets.get('a'));
    expect(at).toBe(50);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
  });

  test.each([
    ['the longest delay of a timer', 2 ** 31 - 1, 2 ** 31 - 1],
    ['Infinity', Number.POSITIVE_INFINITY, 2 ** 31 + 1000],
  ])('of %s: the call ends then, or with its response', async (_, deadlineMs, end) => {
    const late = () => new Promise<Response>((resolve) => setTimeout(() => resolve(json(500, {})), 2 ** 30 + 500));
    const retry = { limit: 1, baseDelayMs: 0, statusCodes: [500] };
    const secrets = testClient([late], { timeoutMs: Number.POSITIVE_INFINITY, deadlineMs, retry });
    const { error, at } = await timedRejection(secrets.get('a'));
    expect(at).toBe(end);
    expect(error.name).toBe(deadlineMs === end ? 'ConnectionError' : 'ApiError');
  });

  test('ends the wait in the queue', async () => {
    const secrets = testClient([neverResponds], { maxConcurrency: 1, retry: false });
    const first = rejectionOf(secrets.get('a'));
    const { error, at } = await timedRejection(
      secrets.create({ tag: 't', name: 'n', secret: 'v' }, { deadlineMs: 70 }),
    );
    expect(at).toBe(70);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    await first;
    expect(secrets.sent).toHaveLength(1);
  });
});
