/** "Throttle" and "Key": neither an absurd Retry-After nor a function that hangs ends a client. On a fake clock. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, neverResponds, rejectionOf, secret, testClient } from '../support/helpers.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const HOUR = 3_600_000;
const throttled = (retryAfter: string) => json(429, {}, { 'retry-after': retryAfter });
const good = () => json(200, secret(1));

describe('an absurd Retry-After', () => {
  const absurd = ['1780000000', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT', '86400', '61'];

  test.each(absurd)(
    '%s: the call fails, and after maxRetryAfterMs one call probes and succeeds',
    async (retryAfter) => {
      const secrets = testClient([throttled(retryAfter), good]);
      const error = await rejectionOf(secrets.get('a'));
      expect(error).toMatchObject({ status: 429, outcome: 'rejected', attempts: 1 });
      expect(error.message).not.toMatch(/Infinity|NaN|e\+/);
      expect(Number.isFinite(error.retryAfterMs)).toBe(true);
      expect(await rejectionOf(secrets.get('b'))).toMatchObject({ status: 429, outcome: 'not-sent', attempts: 0 });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await Promise.all(['c', 'd', 'e'].map((tag) => secrets.get(tag)))).toHaveLength(3);
    },
  );

  test.each(absurd.slice(0, 3))(
    '%s with maxRetryAfterMs Infinity: a pause of an hour, and then one call probes',
    async (retryAfter) => {
      const sentAt: number[] = [];
      const secrets = testClient(
        [
          () => {
            sentAt.push(performance.now());
            return sentAt.length === 1 ? throttled(retryAfter) : good();
          },
        ],
        { retry: { maxRetryAfterMs: Number.POSITIVE_INFINITY } },
      );
      const first = secrets.get('a');
      const second = secrets.get('b');
      await vi.runAllTimersAsync();
      expect(await Promise.all([first, second])).toHaveLength(2);
      // The second call was under way when the 429 arrived.
      expect(sentAt.at(-1)).toBe((sentAt[0] as number) + HOUR);
    },
  );

  test('in every response: one request per maxRetryAfterMs', async () => {
    const secrets = testClient([throttled('999999')], { retry: { maxRetryAfterMs: 1000 } });
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 5; i++) await rejectionOf(secrets.get('a'));
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(secrets.sent).toHaveLength(10);
  });

  test('a call with a longer maxRetryAfterMs of its own is retried when Retry-After has passed, not before', async () => {
    const sentAt: number[] = [];
    const secrets = testClient([
      () => {
        sentAt.push(performance.now());
        return sentAt.length === 1 ? throttled('120') : good();
      },
    ]);
    const call = secrets.get('a', { retry: { maxRetryAfterMs: 300_000 } });
    await vi.runAllTimersAsync();
    await call;
    expect((sentAt[1] as number) - (sentAt[0] as number)).toBe(120_000);
  });

  test('the limit 0 of the call that was throttled does not shorten the pause of the others', async () => {
    const sentAt: number[] = [];
    const secrets = testClient([
      () => {
        sentAt.push(performance.now());
        return sentAt.length === 1 ? throttled('5') : good();
      },
    ]);
    const impatient = await rejectionOf(secrets.get('a', { retry: { maxRetryAfterMs: 0 } }));
    expect(impatient).toMatchObject({ status: 429, retryAfterMs: 5000 });
    const patient = secrets.get('b');
    await vi.runAllTimersAsync();
    await patient;
    expect((sentAt[1] as number) - (sentAt[0] as number)).toBe(5000);
  });

  test('a shorter Retry-After that arrives after a longer one does not hide it', async () => {
    const secrets = testClient([throttled('90'), throttled('2'), good]);
    const both = [rejectionOf(secrets.get('a')), rejectionOf(secrets.get('b'))];
    expect(await Promise.all(both)).toMatchObject([{ retryAfterMs: 90_000 }, { retryAfterMs: 90_000 }]);
    expect(await rejectionOf(secrets.get('c'))).toMatchObject({ outcome: 'not-sent', retryAfterMs: 90_000 });
    expect(secrets.sent).toHaveLength(2);
  });

  test('an absurd Retry-After is forgotten once the probe gets a shorter one', async () => {
    const secrets = testClient([throttled('9999999'), throttled('5'), good]);
    await rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(60_000);
    const probe = secrets.get('b');
    await vi.advanceTimersByTimeAsync(1000);
    const next = secrets.get('c');
    await vi.advanceTimersByTimeAsync(4000);
    expect(await Promise.all([probe, next])).toMatchObject([{ id: 'se-1' }, { id: 'se-1' }]);
  });

  test('after a successful probe the old Retry-After fails no call', async () => {
    const secrets = testClient([throttled('9999999'), good]);
    await rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(60_000);
    await secrets.get('b');
    expect(await secrets.get('c', { retry: { maxRetryAfterMs: 0 } })).toMatchObject({ id: 'se-1' });
  });
});

describe('an apiKey function that hangs', () => {
  test('fails the call after timeoutMs: not-sent, and not retried', async () => {
    const secrets = testClient([good], { apiKey: () => new Promise(() => {}), timeoutMs: 1000 });
    const call = rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'v' }));
    await vi.advanceTimersByTimeAsync(1000);
    const error = await call;
    expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    expect(error.message).toBe('secrets.create("t"): the apiKey function did not return within 1000 ms');
  });

  test('takes no slot: with maxConcurrency 1 other calls are served', async () => {
    const keys: (string | Promise<string>)[] = [new Promise(() => {}), 'k', 'k'];
    const apiKey = () => keys.shift() as string;
    const secrets = testClient([good], { apiKey, maxConcurrency: 1, timeoutMs: 5000 });
    const hanging = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1001); // calls of the first second wait for the same result
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    expect(await secrets.get('c')).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(4000);
    expect(await hanging).toMatchObject({ timedOut: true });
  });

  test('is no probe: after a 429 other calls are served', async () => {
    const keys: (string | Promise<string>)[] = ['k', new Promise(() => {}), 'k'];
    const apiKey = () => keys.shift() as string;
    const secrets = testClient([throttled('1'), good], { apiKey, timeoutMs: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    const hanging = rejectionOf(secrets.get('a', { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(2001);
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    controller.abort(new Error('left'));
    expect((await hanging).message).toBe('left');
  });

  test('takes no slot after a 401 either', async () => {
    const keys: (string | Promise<string>)[] = ['old', new Promise(() => {}), 'new'];
    const apiKey = () => keys.shift() as string;
    const secrets = testClient([json(401, {}), good], { apiKey, maxConcurrency: 1, timeoutMs: 5000 });
    const hanging = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1001);
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(await hanging).toMatchObject({ timedOut: true, attempts: 1 });
  });
});

describe('a custom fetch that ignores its signal', () => {
  test('a response after the time limit: its body is cancelled', async () => {
    let cancelled = false;
    const late = () =>
      new Promise<Response>((resolve) =>
        setTimeout(() => {
          const body = new ReadableStream({
            cancel() {
              cancelled = true;
            },
          });
          resolve(new Response(body));
        }, 5000),
      );
    const secrets = testClient([late], { timeoutMs: 1000, retry: false });
    const call = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await call).toMatchObject({ timedOut: true });
    expect(cancelled).toBe(false);
    await vi.advanceTimersByTimeAsync(4000);
    expect(cancelled).toBe(true);
  });

  test('a body that never ends: reading stops at the time limit', async () => {
    let pulls = 0;
    let cancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            pulls++;
            await new Promise((resolve) => setTimeout(resolve, 100));
            if (!cancelled) controller.enqueue(new Uint8Array(10));
          },
          cancel() {
            cancelled = true;
          },
        }),
      );
    const secrets = testClient([endless], { timeoutMs: 1000, retry: false });
    const call = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(1000);
    await call;
    const then = pulls;
    expect(cancelled).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    expect(pulls).toBe(then);
  });

  test('an abort with the reason null: the call rejects with null, in api too', async () => {
    for (const call of [
      (secrets: ReturnType<typeof testClient>, signal: AbortSignal) => secrets.get('a', { signal }),
      (secrets: ReturnType<typeof testClient>, signal: AbortSignal) => secrets.api.GET('/api/v1/secrets', { signal }),
    ]) {
      const controller = new AbortController();
      const rejected = vi.fn();
      const done = call(testClient([neverResponds]), controller.signal).catch(rejected);
      await vi.advanceTimersByTimeAsync(1);
      controller.abort(null);
      await done;
      expect(rejected).toHaveBeenCalledWith(null);
    }
  });
});
