/** "Throttle" with a limiter that several processes share: a limiter that waits, throws, hangs or lies loses no call. */
import { inspect } from 'node:util';
import type { ClientOptions, Limiter } from 'cortex-secrets';
import { describe, expect, test, vi } from 'vitest';
import { fakeClock } from '../support/fake-clock.js';
import { json, KEY, rejectionOf, secret, testClient, VALUE } from '../support/helpers.js';

fakeClock();

/** A value that looks like the code of an error. */
const WORD = 'Value_0a1b2c3d4e5f';

const good = () => json(200, secret(1));
const throttled = (retryAfter: string) => json(429, {}, { 'retry-after': retryAfter });
const hangs = () => new Promise<never>(() => {});
const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A limiter whose acquire runs `acquire` with the number of the call, and what it was given. */
function limiterOf(acquire: (n: number) => unknown) {
  const signals: (AbortSignal | undefined)[] = [];
  const pauses: number[] = [];
  const limiter: Limiter = {
    acquire: ({ signal }) => acquire(signals.push(signal)) as Promise<void>,
    pause: async (ms) => {
      pauses.push(ms);
    },
  };
  return { limiter, signals, pauses };
}

const many = (secrets: ReturnType<typeof testClient>, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => secrets.get(`${i}`)));

describe('acquire', () => {
  test('is called once before every attempt, retries and api included', async () => {
    const { limiter, signals } = limiterOf(async () => {});
    const secrets = testClient([json(503, {}), json(429, {}), good], { limiter });
    await secrets.get('a');
    await secrets.api.GET('/api/v1/secrets');
    expect([signals.length, secrets.sent.length]).toEqual([4, 4]);
    expect(signals.every((signal) => signal instanceof AbortSignal)).toBe(true);
  });

  test('nothing is sent before it resolves', async () => {
    const { limiter } = limiterOf(() => delay(900));
    const secrets = testClient([good], { limiter });
    const call = secrets.get('a');
    await vi.advanceTimersByTimeAsync(899);
    expect(secrets.sent).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toMatchObject({ id: 'se-1' });
  });

  test('is called when a slot is free, not for calls that wait for one', async () => {
    const { limiter, signals } = limiterOf(async () => {});
    const answers: (() => void)[] = [];
    const slow = () => new Promise<Response>((resolve) => answers.push(() => resolve(good())));
    const secrets = testClient([slow], { limiter, maxConcurrency: 2 });
    const calls = many(secrets, 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(signals).toHaveLength(2);
    for (let i = 0; i < 5; i++) {
      answers[i]?.();
      await vi.advanceTimersByTimeAsync(0);
      expect(signals).toHaveLength(Math.min(5, 3 + i));
    }
    await calls;
  });

  test('waits outside timeoutMs of the attempt, and is no part of durationMs', async () => {
    const events: number[] = [];
    const { limiter } = limiterOf(() => delay(900));
    const slow = async () => {
      await delay(900);
      return good();
    };
    const secrets = testClient([slow], {
      limiter,
      timeoutMs: 1000,
      onAttempt: ({ durationMs }) => events.push(durationMs),
    });
    const call = secrets.get('a');
    await vi.advanceTimersByTimeAsync(1800);
    await call;
    expect(events).toEqual([900]);
  });

  test('one that hangs keeps its slot for at most timeoutMs, and so does a probe', async () => {
    const { limiter } = limiterOf((n) => (n === 2 ? hangs() : undefined));
    const sentAt: number[] = [];
    const start = performance.now();
    const reply = () => {
      sentAt.push(performance.now() - start);
      return sentAt.length === 1 ? throttled('1') : good();
    };
    const secrets = testClient([reply], { limiter, maxConcurrency: 1, timeoutMs: 3000 });
    const calls = many(secrets, 2);
    await vi.advanceTimersByTimeAsync(10_000);
    await calls;
    expect(sentAt).toEqual([0, 4000, 4000]);
  });

  test('one that is slower than a single call’s timeoutMs is asked by the others all the same', async () => {
    const { limiter, signals } = limiterOf(() => delay(100));
    const secrets = testClient([good], { limiter, timeoutMs: 5000 });
    const impatient = secrets.get('a', { timeoutMs: 20 });
    await vi.advanceTimersByTimeAsync(20);
    await impatient;
    const others = many(secrets, 3);
    await vi.advanceTimersByTimeAsync(1000);
    await others;
    expect(signals).toHaveLength(4);
  });

  test('after a slow acquire there are never more requests at once than maxConcurrency', async () => {
    let active = 0;
    let most = 0;
    const slow = async () => {
      most = Math.max(most, ++active);
      await delay(300);
      active--;
      return good();
    };
    // All of them get their permission in the same moment.
    const { limiter } = limiterOf(() => delay(10_000 - performance.now()));
    const start = performance.now();
    const secrets = testClient([slow], { limiter, maxConcurrency: 3 });
    const calls = many(secrets, 20);
    await vi.advanceTimersByTimeAsync(start + 40_000);
    await calls;
    expect(most).toBe(3);
  });
});

describe('a pause of the client', () => {
  test('stays: no attempt is sent during it, though the limiter permits it', async () => {
    const sentAt: number[] = [];
    const { limiter } = limiterOf(async () => {});
    const secrets = testClient(
      [
        () => {
          sentAt.push(performance.now());
          return sentAt.length === 1 ? throttled('3') : good();
        },
      ],
      { limiter },
    );
    const first = secrets.get('a');
    await vi.advanceTimersByTimeAsync(0);
    const second = secrets.get('b');
    await vi.advanceTimersByTimeAsync(3000);
    await Promise.all([first, second]);
    expect(sentAt.slice(1).every((at) => at >= (sentAt[0] as number) + 3000)).toBe(true);
  });

  test('that begins while the limiter is asked is waited out, and the limiter is asked again', async () => {
    const acquired: number[] = [];
    const sentAt: number[] = [];
    const { limiter } = limiterOf((n) => {
      acquired.push(performance.now());
      return n === 2 ? delay(500) : undefined;
    });
    const start = performance.now();
    const secrets = testClient(
      [
        async () => {
          sentAt.push(performance.now() - start);
          if (sentAt.length > 1) return good();
          await delay(100);
          return throttled('5');
        },
      ],
      { limiter },
    );
    const both = Promise.all([secrets.get('a'), secrets.get('b')]);
    await vi.advanceTimersByTimeAsync(6000);
    await both;
    expect(sentAt.every((at) => at === 0 || at >= 5100)).toBe(true);
    expect(acquired.map((at) => at - start).filter((at) => at >= 5100)).toHaveLength(2);
  });

  test('is passed on to the limiter once for each 429 with Retry-After, and only for these', async () => {
    const { limiter, pauses } = limiterOf(async () => {});
    const secrets = testClient(
      [json(503, {}, { 'retry-after': '1' }), json(429, {}), throttled('0'), throttled('2'), good],
      {
        limiter,
        retry: { limit: 5 },
      },
    );
    const call = secrets.get('a');
    await vi.advanceTimersByTimeAsync(5000);
    await call;
    expect(pauses).toEqual([2000]);
  });

  test('that a server asks for is shortened to the longest one of the client', async () => {
    const { limiter, pauses } = limiterOf(async () => {});
    const secrets = testClient([throttled('99999999')], { limiter, retry: { maxRetryAfterMs: 7000 } });
    await rejectionOf(secrets.get('a'));
    expect(pauses).toEqual([7000]);
  });

  test.each<[string, () => Promise<void>, string]>([
    ['hangs', hangs, 'TimeoutError'],
    ['rejects', () => Promise.reject(new Error('no')), 'Error'],
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'Error',
    ],
  ])('a pause function that %s keeps no call waiting, and no process alive', async (_, pause, name) => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const errors: unknown[] = [];
    const secrets = testClient([throttled('1'), good], {
      limiter: { acquire: async () => {}, pause },
      timeoutMs: 5000,
      onAttempt: ({ limiterError }) => errors.push(limiterError),
    });
    const call = secrets.get('a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await call).toMatchObject({ id: 'se-1' });
    await vi.advanceTimersByTimeAsync(4000);
    await secrets.get('later');
    expect(errors.filter((error) => error !== undefined)).toEqual([{ name }]);
    const detached = timers.mock.results.filter(({ value }) => !value.hasRef());
    expect(detached).toHaveLength(1);
  });

  test('a limiter without a pause function has not failed', async () => {
    const errors: unknown[] = [];
    const secrets = testClient([throttled('1'), good], {
      limiter: { acquire: async () => {} },
      onAttempt: ({ limiterError }) => errors.push(limiterError),
    });
    const call = secrets.get('a');
    await vi.advanceTimersByTimeAsync(1000);
    await call;
    expect(errors).toEqual([undefined, undefined]);
  });

  test('its signal does not end with the call: the pause is for all', async () => {
    let signal: AbortSignal | undefined;
    const pause: Limiter['pause'] = async (_, options) => {
      signal = options.signal;
      await delay(100);
    };
    const controller = new AbortController();
    const secrets = testClient([throttled('1'), good], { limiter: { acquire: async () => {}, pause } });
    const failed = rejectionOf(secrets.get('a', { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(10);
    controller.abort(new Error('left'));
    await failed;
    await vi.advanceTimersByTimeAsync(200);
    expect(signal?.aborted).toBe(false);
  });
});

const FAILING: [string, (n: number) => unknown, string][] = [
  ['rejects', () => Promise.reject(new Error('down')), 'Error'],
  [
    'throws',
    () => {
      throw new RangeError('down');
    },
    'RangeError',
  ],
  ['rejects with a string', () => Promise.reject('down'), 'Error'],
  ['rejects with nothing', () => Promise.reject(), 'Error'],
  ['hangs', hangs, 'TimeoutError'],
];

describe.each(FAILING)('a limiter that %s', (_, acquire, name) => {
  test('loses no call, and is told once', async () => {
    const events: unknown[] = [];
    const { limiter } = limiterOf(acquire);
    const options: ClientOptions = { limiter, timeoutMs: 500, maxConcurrency: 4 };
    const secrets = testClient([good], { ...options, onAttempt: (event) => events.push(event.limiterError) });
    const calls = many(secrets, 50);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await calls).toHaveLength(50);
    expect(events.filter((error) => error !== undefined)).toEqual([{ name }]);
    expect(events).toHaveLength(50);
  });

  test('fails open to the local pause', async () => {
    const sentAt: number[] = [];
    const { limiter } = limiterOf(acquire);
    const reply = () => {
      sentAt.push(performance.now());
      return sentAt.length === 1 ? throttled('10') : good();
    };
    const secrets = testClient([reply], { limiter, timeoutMs: 500 });
    const first = secrets.get('a');
    await vi.advanceTimersByTimeAsync(600);
    const second = secrets.get('b');
    await vi.advanceTimersByTimeAsync(20_000);
    await Promise.all([first, second]);
    expect(sentAt.slice(1).every((at) => at >= (sentAt[0] as number) + 10_000)).toBe(true);
  });

  test('is told again if it fails after it has worked', async () => {
    const errors: unknown[] = [];
    const { limiter } = limiterOf((n) => (n === 2 ? undefined : acquire(n)));
    const secrets = testClient([good], {
      limiter,
      timeoutMs: 500,
      onAttempt: ({ limiterError }) => errors.push(limiterError?.name),
    });
    for (let i = 0; i < 3; i++) {
      const call = secrets.get('a');
      await vi.advanceTimersByTimeAsync(1100); // also the time in which a limiter that hung is not asked
      await call;
    }
    expect(errors).toEqual([name, undefined, name]);
  });
});

test('a limiter that hangs delays a burst once, not once for each slot', async () => {
  const { limiter } = limiterOf(hangs);
  const secrets = testClient([good], { limiter, timeoutMs: 2000, maxConcurrency: 2 });
  const start = performance.now();
  const calls = many(secrets, 100).then(() => performance.now() - start);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await calls).toBeLessThanOrEqual(4000);
});

test('what a limiter throws is told without its message, which may hold a password', async () => {
  const password = 'redis://:hunter2-battery@cache:6379';
  const hostile = [
    Object.assign(new Error(`connect ${password}`), { code: 'ECONNREFUSED' }),
    Object.assign(new Error(password), { name: password, code: password }),
    new Proxy(
      {},
      {
        get() {
          throw new Error(password);
        },
      },
    ),
    { name: 5, code: { toString: () => password } },
    new Error(`${KEY} ${VALUE}`),
  ];
  for (const thrown of hostile) {
    const events: unknown[] = [];
    const { limiter } = limiterOf(() => Promise.reject(thrown));
    const secrets = testClient([json(400, {})], { limiter, onAttempt: (event) => events.push(event) });
    const error = await rejectionOf(secrets.create({ tag: 't', name: 'n', secret: VALUE }));
    const text = inspect([events, error], { depth: 9, showHidden: true }) + JSON.stringify([events, error]);
    expect(text).not.toMatch(/hunter2|redis:/);
    expect(text).not.toContain(KEY);
    expect(events).toHaveLength(1);
  }
  for (const thrown of [hostile[0], { name: 5, code: 'ECONNREFUSED' }]) {
    const { limiter } = limiterOf(() => Promise.reject(thrown));
    const events: unknown[] = [];
    await testClient([good], { limiter, onAttempt: ({ limiterError }) => events.push(limiterError) }).get('a');
    expect(events).toEqual([{ name: 'Error', code: 'ECONNREFUSED' }]);
  }
});

describe('while the limiter is asked', () => {
  test('an abort ends the call at once with its reason, and nothing is sent', async () => {
    for (const reason of [new Error('left'), 'a string', null]) {
      const { limiter, signals } = limiterOf(hangs);
      const secrets = testClient([good], { limiter, maxConcurrency: 1 });
      const controller = new AbortController();
      const failed = secrets.get('a', { signal: controller.signal }).catch((error) => ({ error }));
      await vi.advanceTimersByTimeAsync(5);
      controller.abort(reason);
      expect(await failed).toEqual({ error: reason });
      expect(signals[0]?.aborted).toBe(true);
      expect(secrets.sent).toHaveLength(0);
    }
  });

  test('an abort frees the slot at once', async () => {
    const { limiter } = limiterOf((n) => (n === 1 ? hangs() : undefined));
    const secrets = testClient([good], { limiter, maxConcurrency: 1 });
    const controller = new AbortController();
    const failed = rejectionOf(secrets.get('a', { signal: controller.signal }));
    const next = secrets.get('b');
    await vi.advanceTimersByTimeAsync(5);
    controller.abort(new Error('left'));
    await failed;
    expect(await next).toMatchObject({ id: 'se-1' });
  });

  test('an abort that the limiter answers with an error of its own is still the abort, and no limiterError', async () => {
    const events: unknown[] = [];
    const limiter: Limiter = {
      acquire: ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('limiter aborted')))),
    };
    const secrets = testClient([good], { limiter, onAttempt: (event) => events.push(event) });
    const controller = new AbortController();
    const reason = new Error('left');
    const failed = rejectionOf(secrets.get('a', { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(5);
    controller.abort(reason);
    expect(await failed).toBe(reason);
    limiter.acquire = async () => {};
    await secrets.get('b');
    expect(events).toHaveLength(1);
    expect(events[0]).not.toHaveProperty('limiterError');
  });

  test('the deadline of the call ends it: not-sent', async () => {
    const { limiter } = limiterOf(hangs);
    const secrets = testClient([good], { limiter });
    const failed = rejectionOf(secrets.create({ tag: 't', name: 'n', secret: VALUE }, { deadlineMs: 300 }));
    await vi.advanceTimersByTimeAsync(300);
    expect(await failed).toMatchObject({ name: 'ConnectionError', timedOut: true, outcome: 'not-sent', attempts: 0 });
    expect(secrets.sent).toHaveLength(0);
  });

  test('an acquire that resolves after its call has ended sends nothing', async () => {
    const { limiter } = limiterOf(() => delay(1000));
    const secrets = testClient([good], { limiter });
    const failed = rejectionOf(secrets.get('a', { deadlineMs: 300 }));
    await vi.advanceTimersByTimeAsync(2000);
    await failed;
    expect(secrets.sent).toHaveLength(0);
  });
});

test.each<[string, unknown]>([
  ['a function', async () => {}],
  ['null', null],
  ['without acquire', { pause: async () => {} }],
  ['a pause that is no function', { acquire: async () => {}, pause: true }],
])('an invalid limiter is a TypeError: %s', (_, limiter) => {
  expect(() => testClient([good], { limiter: limiter as never })).toThrow(/^limiter: must be an object/);
});

test('a limiter that is an instance of a class keeps its this', async () => {
  class Counting {
    #count = 0;
    async acquire() {
      this.#count++;
    }
    get count() {
      return this.#count;
    }
  }
  const limiter = new Counting();
  await testClient([good], { limiter }).get('a');
  expect(limiter.count).toBe(1);
});

test.each(['acquire', 'pause'] as const)(
  'what %s throws may be a Proxy whose traps throw: the call goes on',
  async (name) => {
    const trap = () => {
      throw new Error('trap');
    };
    const thrown = () => Promise.reject(new Proxy({}, { getPrototypeOf: trap, get: trap }));
    const limiter: Limiter = { acquire: async () => {}, [name]: thrown };
    const errors: unknown[] = [];
    const onAttempt: ClientOptions['onAttempt'] = ({ limiterError }) => errors.push(limiterError);
    const secrets = testClient([throttled('1'), good], { limiter, onAttempt });
    const call = secrets.get('a');
    await vi.runAllTimersAsync();
    expect(await call).toMatchObject({ id: 'se-1' });
    expect(errors.filter((error) => error !== undefined)).toEqual([{ name: 'Error' }]);
  },
);

test('a key or a value as the name or the code of its error is not told', async () => {
  const events: unknown[] = [];
  const limiter: Limiter = {
    acquire: () => Promise.reject(Object.assign(new Error('m'), { name: KEY.replace(/\W/g, '_'), code: WORD })),
  };
  const secrets = testClient([good], { limiter, onAttempt: ({ limiterError }) => events.push(limiterError) });
  await secrets.update('a', { secret: WORD });
  expect(events).toStrictEqual([{ name: 'Error' }]);
});
