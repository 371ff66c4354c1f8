/** Calls with a limiter that waits, throws and hangs at random, in virtual time. `CORTEX_SECRETS_SEED` replays a run. */
import { isCortexError, type Limiter } from 'cortex-secrets';
import { afterEach, expect, test, vi } from 'vitest';
import { json, type SentRequest, secret, testClient } from '../support/helpers.js';
import { VirtualTime } from '../support/virtual-time.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

const SEED = process.env.CORTEX_SECRETS_SEED;
const SEEDS = SEED === undefined ? Array.from({ length: 100 }, (_, i) => i + 1) : [Number(SEED)];

test('with a limiter that waits, throws and hangs at random, every call settles, and nothing is left behind', async () => {
  for (const seed of SEEDS) {
    const replay = `seed ${seed}; replay with CORTEX_SECRETS_SEED=${seed}`;
    const time = new VirtualTime(seed);
    const { random } = time;
    const maxConcurrency = 1 + Math.floor(random() * 4);
    let active = 0;
    let most = 0;
    const limiter: Limiter = {
      async acquire() {
        const roll = random();
        if (roll < 0.1) throw new Error('down');
        if (roll < 0.15) await new Promise(() => {});
        if (roll < 0.6) await time.wait(random() * 3000);
      },
      async pause() {
        if (random() < 0.3) throw new Error('down');
      },
    };
    const reply = async ({ signal }: SentRequest) => {
      most = Math.max(most, ++active);
      let end = () => {
        active--;
        end = () => {};
      };
      // An aborted request is over.
      signal?.addEventListener('abort', () => end());
      if (random() < 0.7) await time.wait(random() * 100);
      end();
      const roll = random();
      return roll < 0.2 ? json(429, {}, { 'retry-after': '1' }) : roll < 0.3 ? json(503, {}) : json(200, secret(1));
    };
    const secrets = testClient([reply], { limiter, maxConcurrency, timeoutMs: 2000 });
    const count = 30;
    let settled = 0;
    const wrong: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const controller = new AbortController();
      if (random() < 0.2) time.wait(random() * 4000).then(() => controller.abort(new Error('left')));
      secrets
        .get('a', { signal: controller.signal, ...(random() < 0.2 && { deadlineMs: 1 + random() * 3000 }) })
        .catch((error) => isCortexError(error) || error.message === 'left' || wrong.push(error))
        .finally(() => settled++);
    }
    await time.runUntil(() => settled === count, 600_000);
    await time.runUntil(() => false, 60_000);
    expect({ settled, wrong, timers: time.timers, tooMany: most > maxConcurrency }, replay).toEqual({
      settled: count,
      wrong: [],
      timers: 0,
      tooMany: false,
    });
    vi.unstubAllGlobals();
  }
});
