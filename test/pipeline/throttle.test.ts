/** `maxConcurrency`, and the pause of the whole client after a 429; on a fake clock. */
import { describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../support/fake-clock.js';
import { json, rejectionOf, secret, testClient } from '../support/helpers.js';

fakeClock();

const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));
const throttledResponse = (seconds: number) => json(429, {}, { 'retry-after': String(seconds) });
const throttledFor = (retryAfter: string) => json(429, {}, { 'retry-after': retryAfter });
const good = () => json(200, secret(1));
const HOUR = 3_600_000;
const tagOf = (url: string) => url.split('/').at(-1) as string;

describe('maxConcurrency', () => {
  test.each([
    [undefined, 16],
    [1, 1],
    [5, 5],
    [Number.POSITIVE_INFINITY, 40],
  ])('%s: at most %i requests are active at once, in the order of the calls', async (maxConcurrency, limit) => {
    let active = 0;
    let peak = 0;
    const order: string[] = [];
    const respond = async ({ url }: { url: string }) => {
      order.push(tagOf(url));
      peak = Math.max(peak, ++active);
      await later(10, 0);
      active--;
      return json(200, secret(1));
    };
    const secrets = testClient([respond], maxConcurrency === undefined ? {} : { maxConcurrency });
    const tags = Array.from({ length: 40 }, (_, i) => `t${i}`);
    const all = Promise.all(tags.map((tag) => secrets.get(tag)));
    await vi.runAllTimersAsync();
    await all;
    expect(peak).toBe(limit);
    expect(order).toEqual(tags);
  });

  test('a call that fails releases its slot', async () => {
    const secrets = testClient([new Error('broken'), json(500, {}), json(200, { id: 1 }), json(200, secret(1))], {
      maxConcurrency: 1,
      retry: false,
    });
    const all = Promise.allSettled([1, 2, 3, 4].map((n) => secrets.get(String(n))));
    await vi.runAllTimersAsync();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
  });

  test('an abort removes a call from the queue', async () => {
    const secrets = testClient([() => later(10, json(200, secret(1)))], { maxConcurrency: 1 });
    const controller = new AbortController();
    const reason = new Error('left');
    const first = secrets.get('first');
    const second = rejectionOf(secrets.get('second', { signal: controller.signal }));
    const third = secrets.get('third');
    controller.abort(reason);
    expect(await second).toBe(reason);
    await vi.runAllTimersAsync();
    await Promise.all([first, third]);
    expect(secrets.sent.map(({ url }) => tagOf(url))).toEqual(['first', 'third']);
  });

  test('an abort at the moment of the acquisition releases the slot', async () => {
    // Only one microtask is that moment, so each of them is tried.
    for (let moment = 0; moment < 60; moment++) {
      const controller = new AbortController();
      const pending: ((response: Response) => void)[] = [];
      const secrets = testClient([() => new Promise((resolve) => pending.push(resolve))], { maxConcurrency: 1 });
      const first = secrets.get('first');
      const second = secrets.get('second', { signal: controller.signal }).catch(() => {});
      const third = secrets.get('third');
      await vi.advanceTimersByTimeAsync(0);
      pending[0]?.(json(200, secret(1)));
      for (let i = 0; i < moment; i++) await Promise.resolve();
      controller.abort(new Error('left'));
      await first;
      await second;
      await vi.advanceTimersByTimeAsync(0);
      expect(secrets.sent.at(-1)?.url, `after ${moment} microtasks`).toContain('third');
      pending.at(-1)?.(json(200, secret(1)));
      await third;
    }
  });
});

describe('the pause after a 429', () => {
  test('delays every call of the client until Retry-After has passed', async () => {
    const sentAt: [string, number][] = [];
    const begin = performance.now();
    const secrets = testClient([
      ({ url }) => {
        sentAt.push([tagOf(url), performance.now() - begin]);
        return sentAt.length === 1 ? throttledResponse(3) : json(200, secret(1));
      },
    ]);
    const throttled = secrets.get('throttled');
    await vi.advanceTimersByTimeAsync(1000);
    const other = secrets.get('other');
    const api = secrets.api.GET('/api/v1/secrets/{tagOrId}', { params: { path: { tagOrId: 'api' } } });
    await vi.runAllTimersAsync();
    await Promise.all([throttled, other, api]);
    // The number of microtasks in openapi-fetch decides which of the other two is first; it differs between Node versions.
    expect([...sentAt.slice(0, 2), ...sentAt.slice(2).sort()]).toEqual([
      ['throttled', 0],
      ['throttled', 3000],
      ['api', 3000],
      ['other', 3000],
    ]);
  });

  test('after it one call probes, and the others follow if it is not throttled', async () => {
    const sentAt: [string, number][] = [];
    const begin = performance.now();
    const secrets = testClient([
      async ({ url }) => {
        const at = performance.now() - begin;
        sentAt.push([tagOf(url), at]);
        // The server throttles 10 ms longer than its Retry-After.
        return at < 1010 ? throttledResponse(1) : later(100, json(200, secret(1)));
      },
    ]);
    const all = Promise.all(['a', 'b', 'c'].map((tag) => secrets.get(tag)));
    await vi.runAllTimersAsync();
    await all;
    expect(sentAt).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
      ['a', 1000],
      ['b', 2000], // not a: its probe was throttled, and it stands at the end of the queue now
      ['c', 2100],
      ['a', 2100],
    ]);
  });

  test('throttled calls are sent before those that were not sent yet', async () => {
    const order: string[] = [];
    const begin = performance.now();
    const secrets = testClient(
      [
        ({ url }) => {
          order.push(tagOf(url));
          return performance.now() - begin < 1000 ? throttledResponse(1) : json(200, secret(1));
        },
      ],
      { maxConcurrency: 2 },
    );
    const all = Promise.all(['a', 'b', 'c', 'd'].map((tag) => secrets.get(tag)));
    await vi.runAllTimersAsync();
    await all;
    expect(order).toEqual(['a', 'b', 'a', 'b', 'c', 'd']);
  });

  test('a response to an attempt that was sent before the pause does not end the probe', async () => {
    const sentAt: [string, number][] = [];
    const begin = performance.now();
    const secrets = testClient([
      async ({ url }) => {
        const tag = tagOf(url);
        sentAt.push([tag, performance.now() - begin]);
        if (tag === 'throttled' && sentAt.length === 2) return throttledResponse(1);
        return later(tag === 'slow' ? 1500 : 1000, json(200, secret(1)));
      },
    ]);
    const slow = secrets.get('slow');
    const throttled = secrets.get('throttled');
    await vi.advanceTimersByTimeAsync(1200); // the throttled call probes from 1000 on
    const late = secrets.get('late');
    await vi.runAllTimersAsync();
    await Promise.all([slow, throttled, late]);
    expect(sentAt).toEqual([
      ['slow', 0],
      ['throttled', 0],
      ['throttled', 1000],
      ['late', 2000], // not at 1500, when the slow call succeeded
    ]);
  });

  test('a probe that is aborted before it was sent is followed by another one', async () => {
    let acquired = 0;
    const pending: ((response: Response) => void)[] = [];
    const secrets = testClient([throttledResponse(1), () => new Promise((resolve) => pending.push(resolve))], {
      limiter: { acquire: () => (++acquired === 2 ? new Promise(() => {}) : Promise.resolve()) },
      retry: { limit: 0 },
    });
    await rejectionOf(secrets.get('throttled'));
    const controller = new AbortController();
    const aborted = rejectionOf(secrets.get('aborted', { signal: controller.signal }));
    const others = Promise.all([secrets.get('b'), secrets.get('c')]);
    await vi.advanceTimersByTimeAsync(1500);
    controller.abort('left');
    expect(await aborted).toBe('left');
    await vi.advanceTimersByTimeAsync(0);
    expect(pending).toHaveLength(1);
    pending[0]?.(good());
    await vi.advanceTimersByTimeAsync(0);
    pending[1]?.(good());
    await others;
  });

  test('the same if the abort comes at the moment in which it gets its slot', async () => {
    // Only one microtask is that moment, so each of them is tried.
    for (let moment = 0; moment < 20; moment++) {
      const pending: ((response: Response) => void)[] = [];
      const secrets = testClient([throttledResponse(1), () => new Promise((resolve) => pending.push(resolve))], {
        retry: { limit: 0 },
      });
      await rejectionOf(secrets.get('throttled'));
      const controller = new AbortController();
      const aborted = rejectionOf(secrets.get('aborted', { signal: controller.signal }));
      const others = Promise.all([secrets.get('b'), secrets.get('c')]);
      await vi.advanceTimersByTimeAsync(999);
      vi.advanceTimersByTime(1);
      for (let i = 0; i < moment; i++) await Promise.resolve();
      controller.abort('left');
      expect(await aborted).toBe('left');
      await vi.advanceTimersByTimeAsync(0);
      const wasSent = secrets.sent.some(({ url }) => tagOf(url) === 'aborted');
      if (!wasSent) expect(pending, `after ${moment} microtasks`).toHaveLength(1);
      for (let i = 0; i < 3; i++) {
        for (const respond of pending) respond(good());
        await vi.advanceTimersByTimeAsync(0);
      }
      await others;
    }
  });

  test('no timer runs while calls wait for a slot, or for the probe', async () => {
    const pending: ((response: Response) => void)[] = [];
    const secrets = testClient([() => new Promise((resolve) => pending.push(resolve))], {
      maxConcurrency: 1,
      timeoutMs: Number.POSITIVE_INFINITY,
    });
    await vi.advanceTimersByTimeAsync(10);
    const both = Promise.all([secrets.get('first'), secrets.get('second')]);
    await vi.advanceTimersByTimeAsync(0);
    expect([pending.length, vi.getTimerCount()]).toEqual([1, 0]);
    pending[0]?.(throttledResponse(1));
    await vi.advanceTimersByTimeAsync(0);
    expect([pending.length, vi.getTimerCount()]).toEqual([1, 1]); // the pause
    await vi.advanceTimersByTimeAsync(1000);
    expect([pending.length, vi.getTimerCount()]).toEqual([2, 0]); // the probe was sent
    for (const each of [1, 2]) {
      pending[each]?.(json(200, secret(1)));
      await vi.advanceTimersByTimeAsync(0);
    }
    await both;
  });

  test('a call that is made when it has just ended goes behind those that wait for its end', async () => {
    const order: string[] = [];
    const clock = performance.now.bind(performance);
    let ahead = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
    const secrets = testClient(
      [
        ({ url }) => {
          order.push(tagOf(url));
          return order.length === 1 ? throttledResponse(3) : json(200, secret(1));
        },
      ],
      { maxConcurrency: 1 },
    );
    const throttled = secrets.get('throttled');
    await vi.advanceTimersByTimeAsync(0);
    const waiting = secrets.get('waiting');
    await vi.advanceTimersByTimeAsync(1000);
    ahead = 2500; // the pause is over, and its timer has not fired
    const late = secrets.get('late');
    await vi.runAllTimersAsync();
    await Promise.all([throttled, waiting, late]);
    expect(order).toEqual(['throttled', 'throttled', 'waiting', 'late']);
  });

  test('ends with the longest Retry-After', async () => {
    const sentAt: number[] = [];
    const begin = performance.now();
    const secrets = testClient([
      ({ url }) => {
        sentAt.push(performance.now() - begin);
        if (sentAt.length <= 2) return throttledResponse(tagOf(url) === 'a' ? 5 : 2);
        return json(200, secret(1));
      },
    ]);
    const all = Promise.all([secrets.get('a'), secrets.get('b')]);
    await vi.runAllTimersAsync();
    await all;
    expect(sentAt).toEqual([0, 0, 5000, 5000]);
  });

  test('a 429 without Retry-After starts no pause', async () => {
    const sent: number[] = [];
    const begin = performance.now();
    const secrets = testClient([
      () => {
        sent.push(performance.now() - begin);
        return sent.length === 1 ? json(429, {}) : json(200, secret(1));
      },
    ]);
    vi.mocked(Math.random).mockReturnValue(1);
    const all = Promise.all([secrets.get('a'), secrets.get('b')]);
    await vi.runAllTimersAsync();
    await all;
    expect(sent).toEqual([0, 0, 250]);
  });

  test('a 503 with Retry-After pauses only its own call', async () => {
    const sentAt: [string, number][] = [];
    const begin = performance.now();
    const secrets = testClient([
      ({ url }) => {
        sentAt.push([tagOf(url), performance.now() - begin]);
        return sentAt.length === 1 ? json(503, {}, { 'retry-after': '3' }) : json(200, secret(1));
      },
    ]);
    const first = secrets.get('a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await secrets.get('b')).toMatchObject({ id: 'se-1' });
    await vi.runAllTimersAsync();
    await first;
    expect(sentAt).toEqual([
      ['a', 0],
      ['b', 1000],
      ['a', 3000],
    ]);
  });

  test('a call that waits for its end can be aborted, and ends at its deadline', async () => {
    const secrets = testClient([throttledResponse(50), json(200, secret(1))]);
    const first = secrets.get('a');
    await vi.advanceTimersByTimeAsync(10);
    const controller = new AbortController();
    const aborted = rejectionOf(secrets.get('b', { signal: controller.signal }));
    const late = rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'some value' }, { deadlineMs: 100 }));
    await vi.advanceTimersByTimeAsync(10);
    controller.abort('enough');
    expect(await aborted).toBe('enough');
    await vi.advanceTimersByTimeAsync(100);
    expect(await late).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    expect(secrets.sent).toHaveLength(1);
    await vi.runAllTimersAsync();
    expect(await first).toMatchObject({ id: 'se-1' });
  });
});

describe('a pause longer than maxRetryAfterMs', () => {
  test('rejects calls at once, unsent, with the 429 and the remaining time', async () => {
    const secrets = testClient([
      json(429, { message: 'for someone else' }, { 'retry-after': '90' }),
      json(200, secret(1)),
    ]);
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 429, outcome: 'rejected', attempts: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    const error = await rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'some value' }));
    expect(error).toMatchObject({
      name: 'ApiError',
      status: 429,
      outcome: 'not-sent',
      attempts: 0,
      retryAfterMs: 80_000,
    });
    // The body belongs to another call, and may contain its value.
    expect(error.message).toMatch(
      /^secrets\.create\("t"\): 429 Too many requests: this call was not sent\. Cortex asked the client to wait until \d{4}-\S+Z \(80 s\), and maxRetryAfterMs is 60000$/,
    );
    expect(error).not.toHaveProperty('details');
    expect(await rejectionOf(secrets.api.GET('/api/v1/secrets'))).toMatchObject({ status: 429, outcome: 'not-sent' });
    expect(secrets.sent).toHaveLength(1);
  });

  test('a call whose limit is above the remaining time waits, and probes after maxRetryAfterMs', async () => {
    const secrets = testClient([throttledResponse(90), json(200, secret(1))]);
    await rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(31_000);
    const call = secrets.get('b');
    await vi.advanceTimersByTimeAsync(28_000);
    expect(secrets.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(secrets.sent).toHaveLength(2);
    expect(await call).toMatchObject({ id: 'se-1' });
  });

  test('rejects the calls in the queue too', async () => {
    let sent = 0;
    const secrets = testClient([() => later(10, ++sent === 1 ? throttledResponse(90) : json(200, secret(1)))], {
      maxConcurrency: 1,
    });
    const calls = ['a', 'b', 'c'].map((tag) => rejectionOf(secrets.get(tag)));
    await vi.advanceTimersByTimeAsync(10);
    expect(await Promise.all(calls)).toMatchObject([
      { status: 429, outcome: 'rejected' },
      { status: 429, outcome: 'not-sent' },
      { status: 429, outcome: 'not-sent' },
    ]);
    expect(sent).toBe(1);
  });

  test('an abort at the moment of that rejection leaves the number of slots as it is', async () => {
    // Only one microtask is that moment, so each of them is tried.
    for (let moment = 0; moment < 60; moment++) {
      const controller = new AbortController();
      const pending: ((response: Response) => void)[] = [];
      const secrets = testClient([() => new Promise((resolve) => pending.push(resolve))], { maxConcurrency: 1 });
      const first = rejectionOf(secrets.get('first'));
      const second = rejectionOf(secrets.get('second', { signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(0);
      pending[0]?.(throttledResponse(90));
      for (let i = 0; i < moment; i++) await Promise.resolve();
      controller.abort(new Error('left'));
      await Promise.all([first, second]);
      await vi.advanceTimersByTimeAsync(60_000);
      const probe = secrets.get('probe');
      await vi.advanceTimersByTimeAsync(0);
      pending[1]?.(json(200, secret(1)));
      await probe;
      const rest = [secrets.get('a'), secrets.get('b')];
      await vi.advanceTimersByTimeAsync(0);
      expect(secrets.sent, `after ${moment} microtasks`).toHaveLength(3);
      pending[2]?.(json(200, secret(1)));
      await vi.advanceTimersByTimeAsync(0);
      pending[3]?.(json(200, secret(1)));
      await Promise.all(rest);
    }
  });

  test.each([
    [86_402, () => 'for over a day'],
    [86_401, () => `until ${new Date(Date.now() + 86_400_000).toISOString()} (86400 s)`],
  ])('rejects a call that waited to be sent again: Retry-After %i, a second later', async (seconds, wait) => {
    const secrets = testClient([json(503, {}), throttledResponse(seconds)], { retry: { baseDelayMs: 1000 } });
    vi.mocked(Math.random).mockReturnValue(1);
    const again = rejectionOf(secrets.get('again'));
    await rejectionOf(secrets.get('other'));
    await vi.advanceTimersByTimeAsync(1000);
    expect((await again).message).toContain(
      `: this call was not sent again. Cortex asked the client to wait ${wait()}, and maxRetryAfterMs is 60000`,
    );
    expect(secrets.sent).toHaveLength(2);
  });

  test('the outcome is unknown if that of an earlier attempt is', async () => {
    const secrets = testClient([json(503, {}), throttledResponse(90)], { retry: { baseDelayMs: 0, limit: 1 } });
    const update = rejectionOf(secrets.update('a', { name: 'n' }));
    await vi.runAllTimersAsync();
    expect(await update).toMatchObject({ status: 429, outcome: 'unknown', attempts: 2 });
  });
});

describe('a burst', () => {
  test('of 2000 creates against a limit of 500 every 2 s: all succeed, at most 6 % are throttled', async () => {
    const begin = performance.now();
    const created = new Set<string>();
    let window = -1;
    let remaining = 0;
    let throttledCount = 0;
    const secrets = testClient([
      async ({ body }) => {
        await later(20, 0);
        const at = performance.now() - begin;
        if (Math.floor(at / 2000) !== window) {
          window = Math.floor(at / 2000);
          remaining = 500;
        }
        if (remaining === 0) {
          throttledCount++;
          return throttledResponse(Math.ceil(2 - (at % 2000) / 1000));
        }
        remaining--;
        const { tag } = JSON.parse(body as string);
        expect(created.has(tag)).toBe(false);
        created.add(tag);
        return json(200, { id: tag, tag });
      },
    ]);
    let lost = 0;
    const all = Promise.all(
      Array.from({ length: 2000 }, (_, i) =>
        secrets.create({ tag: `t${i}`, name: 'n', secret: 'some value' }).catch(() => lost++),
      ),
    );
    await vi.runAllTimersAsync();
    await all;
    expect(lost).toBe(0);
    expect(created.size).toBe(2000);
    expect(throttledCount / 2000).toBeLessThanOrEqual(0.06);
  });
});

describe('a clock that advances between two reads', () => {
  // Timers fire early by this clock, so the pause may end between any two reads of it.
  const moments = Array.from({ length: 30 }, (_, i) => i / 10);
  test.each(moments)('no call stays in the queue if timers fire %d ms early', async (early) => {
    const clock = performance.now.bind(performance);
    let reads = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + (clock() < 1000 ? 0 : reads++ / 5 - early));
    vi.setSystemTime(0);
    const secrets = testClient([throttledResponse(1), json(200, secret(1))]);
    const results: unknown[] = [];
    for (const tag of ['a', 'b', 'c']) secrets.get(tag).then((value) => results.push(value));
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(100);
    expect(results).toHaveLength(3);
  });
});

describe('a lasting 429', () => {
  test('20 calls with Retry-After 1 and 3 retries: all end within 6 s, those never sent as not-sent', async () => {
    const begin = performance.now();
    const secrets = testClient([throttledResponse(1)]);
    const calls = Array.from({ length: 20 }, (_, i) => rejectionOf(secrets.get(`t${i}`)));
    const ended = Promise.all(calls).then(() => performance.now() - begin);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await ended).toBeLessThan(6000);
    const errors = await Promise.all(calls);
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'ApiError', status: 429 });
      expect(error.outcome, `${error.attempts} attempts`).toBe(error.attempts === 0 ? 'not-sent' : 'rejected');
    }
    expect(errors.filter(({ attempts }) => attempts === 0).length).toBeGreaterThan(0);
    expect(errors.at(-1)?.message).toMatch(
      /^secrets\.get\("t19"\): 429 Too many requests: this call was not sent\. Cortex throttled the client again after \d pauses in a row\. Wait until \S+Z \(1 s\)$/,
    );
  });

  test.each([
    [0, 1],
    [1, 2],
    [3, 4],
  ])('with %i retries a call that was never sent ends with probe %i', async (limit, probes) => {
    const sentAt: number[] = [];
    const respond = () => {
      sentAt.push(performance.now());
      return throttledResponse(1);
    };
    const secrets = testClient([respond], { maxConcurrency: 1, retry: { limit: 10 } });
    // Ten retries: it goes on probing while the other one waits.
    const probing = rejectionOf(secrets.get('probing'));
    const waiting = rejectionOf(secrets.get('waiting', { retry: { limit } }));
    const sentBefore = waiting.then((error) => [error.attempts, sentAt.length]);
    await vi.runAllTimersAsync();
    await probing;
    expect(await sentBefore).toEqual([0, 1 + probes]);
    const pauses = probes === 1 ? 'a pause' : `${probes} pauses in a row`;
    expect((await waiting).message).toContain(`Cortex throttled the client again after ${pauses}. Wait until 2`);
  });

  test('100 calls with Retry-After 50 end within minutes', async () => {
    const begin = performance.now();
    const secrets = testClient([throttledResponse(50)]);
    const ended = Promise.all(Array.from({ length: 100 }, (_, i) => rejectionOf(secrets.get(`t${i}`)))).then(
      () => performance.now() - begin,
    );
    await vi.runAllTimersAsync();
    expect(await ended).toBeLessThanOrEqual(5 * 50_000);
  });

  test('a pause after which requests succeed costs no retry: a burst of 1000 creates at 100 in 60 s ends well', async () => {
    const begin = performance.now();
    let window = -1;
    let remaining = 0;
    let createdCount = 0;
    let tooEarly = 0;
    const secrets = testClient([
      () => {
        const at = performance.now() - begin + 500;
        if (Math.floor(at / 60_000) !== window) {
          window = Math.floor(at / 60_000);
          remaining = 100;
        }
        if (remaining-- > 0) return json(200, secret(++createdCount));
        // Whole seconds, rounded down: every first probe comes half a second too early.
        if (at % 60_000 > 59_000) tooEarly++;
        return throttledResponse(Math.max(1, Math.floor(60 - (at % 60_000) / 1000)));
      },
    ]);
    let lost = 0;
    const creates = Array.from({ length: 1000 }, (_, i) =>
      secrets.create({ tag: `t${i}`, name: 'n', secret: 'some value' }).catch(() => lost++),
    );
    const ended = Promise.all(creates).then(() => performance.now() - begin);
    await vi.runAllTimersAsync();
    expect([lost, createdCount, tooEarly]).toEqual([0, 1000, 9]);
    expect(await ended).toBeLessThanOrEqual(9 * 60_000 * 1.05);
  });
});

describe('the options of one call', () => {
  const DAY_S = 86_400;

  test('with a longer maxRetryAfterMs pause the others no longer than the client allows', async () => {
    const day = { retry: { maxRetryAfterMs: DAY_S * 1000 } };
    const secrets = testClient([throttledResponse(DAY_S), json(200, secret(1))]);
    const patient = secrets.get('patient', day);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await secrets.get('other')).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(DAY_S * 1000);
    expect(await patient).toMatchObject({ id: 'se-1' });
  });

  test('of the client: a pause lasts an hour at most', async () => {
    const secrets = testClient([throttledResponse(DAY_S), json(200, secret(1))], {
      retry: { maxRetryAfterMs: DAY_S * 1000 },
    });
    const first = secrets.get('first');
    const other = secrets.get('other');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(await Promise.all([first, other])).toMatchObject([{ id: 'se-1' }, { id: 'se-1' }]);
  });
});

describe('a probe without a response', () => {
  test('lets the next call try after 5 s, and so on', async () => {
    const begin = performance.now();
    const sentAt: [string, number][] = [];
    const secrets = testClient(
      [
        ({ url }) => {
          sentAt.push([tagOf(url), performance.now() - begin]);
          if (sentAt.length === 1) return throttledResponse(1);
          return sentAt.length <= 3 ? new Promise<Response>(() => {}) : json(200, secret(1));
        },
      ],
      { timeoutMs: 60_000, retry: { limit: 1 } },
    );
    const first = rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(0);
    const hanging = secrets.get('b');
    const rest = ['c', 'd'].map((tag) => secrets.get(tag));
    await vi.advanceTimersByTimeAsync(11_000);
    expect(await Promise.all(rest)).toHaveLength(2);
    expect(sentAt.slice(0, 5)).toEqual([
      ['a', 0],
      ['a', 1000],
      ['b', 6000],
      ['c', 11_000],
      ['d', 11_000],
    ]);
    await vi.runAllTimersAsync();
    expect(await first).toMatchObject({ name: 'ConnectionError', timedOut: true });
    expect(await hanging).toMatchObject({ id: 'se-1' }); // by a retry
  });
});

describe('an absurd Retry-After', () => {
  const absurd = ['1780000000', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT', '86400', '61'];

  test.each(absurd)(
    '%s: the call fails, and after maxRetryAfterMs one call probes and succeeds',
    async (retryAfter) => {
      const secrets = testClient([throttledFor(retryAfter), good]);
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
            return sentAt.length === 1 ? throttledFor(retryAfter) : good();
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
    const secrets = testClient([throttledFor('999999')], { retry: { maxRetryAfterMs: 1000 } });
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
        return sentAt.length === 1 ? throttledFor('120') : good();
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
        return sentAt.length === 1 ? throttledFor('5') : good();
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
    const secrets = testClient([throttledFor('90'), throttledFor('2'), good]);
    const both = [rejectionOf(secrets.get('a')), rejectionOf(secrets.get('b'))];
    expect(await Promise.all(both)).toMatchObject([{ retryAfterMs: 90_000 }, { retryAfterMs: 90_000 }]);
    expect(await rejectionOf(secrets.get('c'))).toMatchObject({ outcome: 'not-sent', retryAfterMs: 90_000 });
    expect(secrets.sent).toHaveLength(2);
  });

  test('an absurd Retry-After is forgotten once the probe gets a shorter one', async () => {
    const secrets = testClient([throttledFor('9999999'), throttledFor('5'), good]);
    await rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(60_000);
    const probe = secrets.get('b');
    await vi.advanceTimersByTimeAsync(1000);
    const next = secrets.get('c');
    await vi.advanceTimersByTimeAsync(4000);
    expect(await Promise.all([probe, next])).toMatchObject([{ id: 'se-1' }, { id: 'se-1' }]);
  });

  test('after a successful probe the old Retry-After fails no call', async () => {
    const secrets = testClient([throttledFor('9999999'), good]);
    await rejectionOf(secrets.get('a'));
    await vi.advanceTimersByTimeAsync(60_000);
    await secrets.get('b');
    expect(await secrets.get('c', { retry: { maxRetryAfterMs: 0 } })).toMatchObject({ id: 'se-1' });
  });
});
