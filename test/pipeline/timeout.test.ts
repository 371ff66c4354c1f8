/** Limits in time, on a fake clock. What happens on real sockets is tested in sockets.test.ts. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, neverResponds, rejectionOf, secret, testClient } from '../support/helpers.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Headers at once, and then a body that never ends. */
const stalled = () => new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('{"id"')) }));

/** When `work` failed, and with what. */
async function failing(work: Promise<unknown>) {
  const begin = performance.now();
  let at: number | undefined;
  const error = rejectionOf(work).finally(() => {
    at = performance.now() - begin;
  });
  await vi.runAllTimersAsync();
  return { error: await error, at };
}

describe('timeoutMs', () => {
  test.each([
    ['no answer', neverResponds],
    ['a body that stalls', stalled],
    ['a fetch that does not listen to its signal', () => new Promise<Response>(() => {})],
  ])('bounds an attempt: %s', async (_, reply) => {
    const secrets = testClient([reply], { retry: false });
    const { error, at } = await failing(secrets.get('a'));
    expect(at).toBe(30_000);
    expect(error).toMatchObject({
      name: 'ConnectionError',
      timedOut: true,
      outcome: 'unknown',
      message: 'secrets.get("a"): timed out after 30000 ms',
    });
    expect(secrets.sent[0]?.signal?.aborted).toBe(true);
  });

  test('holds for each attempt anew', async () => {
    const secrets = testClient([neverResponds, neverResponds, json(200, secret(1))], {
      timeoutMs: 100,
      retry: { baseDelayMs: 0 },
    });
    const call = secrets.get('a');
    await vi.runAllTimersAsync();
    expect(await call).toEqual(secret(1));
    expect(performance.now()).toBeGreaterThanOrEqual(200);
  });

  test('Infinity means no limit', async () => {
    const secrets = testClient([() => new Promise((r) => setTimeout(() => r(json(200, secret(1))), 1e8))], {
      timeoutMs: Number.POSITIVE_INFINITY,
    });
    const call = secrets.get('a');
    await vi.runAllTimersAsync();
    expect(await call).toEqual(secret(1));
  });

  test('an answer in time leaves no timer', async () => {
    await testClient([json(200, secret(1))]).get('a');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an answer that comes too late changes nothing', async () => {
    // The first attempt is given up, and its answer, a refusal, comes while the second is under way.
    const late = () => new Promise<Response>((r) => setTimeout(() => r(json(404, {})), 150));
    const secrets = testClient([late, neverResponds], { timeoutMs: 100, deadlineMs: 180, retry: { baseDelayMs: 0 } });
    const { error, at } = await failing(secrets.delete('a'));
    expect(at).toBe(180);
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 2 });
  });
});

describe('an attempt that was given up changes nothing any more', () => {
  const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

  test('a body that its cancellation ends is no response: the outcome stays unknown', async () => {
    const secrets = testClient([stalled, refused()], { timeoutMs: 100, retry: { limit: 1, baseDelayMs: 0 } });
    const { error } = await failing(secrets.update('a', { name: 'n' }));
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 2 });
  });

  test('a late failure does not make a later attempt unsent', async () => {
    const late = () => new Promise<Response>((_, reject) => setTimeout(() => reject(refused()), 150));
    const secrets = testClient([late, neverResponds], { timeoutMs: 100, deadlineMs: 180, retry: { baseDelayMs: 0 } });
    const { error, at } = await failing(secrets.update('a', { name: 'n' }));
    expect(at).toBe(180);
    expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 2 });
  });
});

describe('deadlineMs', () => {
  test('bounds the whole call, with an attempt that is under way', async () => {
    const secrets = testClient([neverResponds], {
      timeoutMs: 100,
      deadlineMs: 250,
      retry: { baseDelayMs: 0, limit: 9 },
    });
    const { error, at } = await failing(secrets.update('a', { name: 'n' }));
    expect(at).toBe(250);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'unknown', attempts: 3 });
    expect(error.message).toBe('secrets.update("a"): deadline of 250 ms exceeded (3 attempts)');
  });

  test('a wait that would end after it is not begun: the call fails at once, with what it knows', async () => {
    const secrets = testClient([json(429, {}, { 'retry-after': '3' })], { deadlineMs: 2000 });
    const { error, at } = await failing(secrets.create({ tag: 't', name: 'n', secret: 'some value' }));
    expect(at).toBe(0);
    expect(error).toMatchObject({ name: 'ApiError', status: 429, outcome: 'rejected' });
  });

  test('a get that was sent is unknown at its deadline', async () => {
    const { error } = await failing(testClient([neverResponds], { deadlineMs: 50 }).get('a'));
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'unknown', attempts: 1 });
  });

  test('bounds the wait for the key', async () => {
    const secrets = testClient([json(200, secret(1))], { deadlineMs: 50, apiKey: () => new Promise(() => {}) });
    const { error, at } = await failing(secrets.get('a'));
    expect(at).toBe(50);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
  });

  test('bounds the wait for a turn', async () => {
    const secrets = testClient([neverResponds], { maxConcurrency: 1, retry: false });
    const first = rejectionOf(secrets.get('a'));
    const { error, at } = await failing(secrets.create({ tag: 't', name: 'n', secret: 'v' }, { deadlineMs: 70 }));
    expect(at).toBe(70);
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    await first;
    expect(secrets.sent).toHaveLength(1);
  });
});
