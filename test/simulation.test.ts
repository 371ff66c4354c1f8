/**
 * Random concurrent calls of one client over a network that fails at random, in virtual time: every call settles, no
 * request is sent during a pause, no timer or listener is left. `CORTEX_SECRETS_RUNS` sets the number of clients, each
 * with a seed of its own; `CORTEX_SECRETS_SEED` replays one of them.
 */
import { getEventListeners } from 'node:events';
import {
  type CallOptions,
  createSecretsClient,
  type FetchInit,
  isCortexError,
  type SecretsClient,
} from 'cortex-secrets';
import { afterEach, expect, test, vi } from 'vitest';
import { json } from './support/helpers.js';
import { VirtualTime } from './support/virtual-time.js';

const SEED = process.env.CORTEX_SECRETS_SEED;
const RUNS = Number(process.env.CORTEX_SECRETS_RUNS ?? 80);
const SEEDS = SEED === undefined ? Array.from({ length: RUNS }, (_, i) => i + 1) : [Number(SEED)];
const VALUE = 'canary of a value';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The response of a server without failures. */
function successful(url: string, { method, body }: FetchInit): Response {
  const { pathname, searchParams } = new URL(url);
  if (method === 'DELETE') return new Response(null);
  if (method !== 'GET' || !pathname.endsWith('/secrets'))
    return json(200, { id: 'x', tag: (body && JSON.parse(body).tag) ?? pathname.split('/').at(-1) });
  const page = Number(searchParams.get('page'));
  return json(200, { page, secrets: page < 3 ? [{ id: `${page}`, tag: `t${page}` }] : [], total: 3, totalPages: 3 });
}

const errorOf = (code: string, syscall: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, syscall }) });
const responseWithBody = (then: (controller: ReadableStreamDefaultController) => void) =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{'));
        then(controller);
      },
    }),
  );

/** A network and a server that fail at random until `isReliable` is set. */
class UnreliableNetwork {
  isReliable = false;
  /** The pauses that the server has asked for with Retry-After. */
  readonly pauses: { at: number; until: number }[] = [];
  /** The requests that were sent during a pause. */
  readonly early: string[] = [];
  /** Each request and its time: the same for the same seed. */
  readonly log: string[] = [];
  readonly #time: VirtualTime;
  readonly #maxPauseMs: number;

  constructor(time: VirtualTime, maxPauseMs: number) {
    this.#time = time;
    this.#maxPauseMs = maxPauseMs;
  }

  readonly fetch = (url: string, init: FetchInit): Promise<Response> => {
    const now = this.#time.now();
    this.log.push(`${now} ${init.method} ${url}`);
    // A request that is sent while the 429 is still being read is not too early.
    const pause = this.pauses.find(({ at, until }) => now > at + 5 && now < until);
    if (pause) this.early.push(`sent at ${now}, between ${pause.at} and ${pause.until}`);
    if (this.isReliable) return Promise.resolve(successful(url, init));
    const roll = this.#time.random();
    if (roll < 0.02) throw new Error('a fetch that throws');
    return this.#respond(url, init, roll);
  };

  async #respond(url: string, init: FetchInit, roll: number): Promise<Response> {
    const { random } = this.#time;
    const signal = init.signal as AbortSignal;
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
    });
    aborted.catch(() => {});
    signal.addEventListener('abort', abort);
    try {
      if (roll < 0.05) return await aborted; // no response
      if (roll < 0.07) await new Promise(() => {}); // ignores its signal
      await Promise.race([this.#time.wait(1 + random() * 60), aborted]);
      if (roll < 0.25) return this.#throttle(random() < 0.8 ? Math.floor(random() * 4) : undefined, signal);
      if (roll < 0.32) return json(503, {}, random() < 0.3 ? { 'retry-after': '1' } : {});
      if (roll < 0.38) throw errorOf('ECONNRESET', 'read');
      if (roll < 0.41) throw errorOf('ECONNREFUSED', 'connect');
      if (roll < 0.44) return json(404, {});
      if (roll < 0.46) return responseWithBody(() => {}); // never ends
      if (roll < 0.48) return responseWithBody((controller) => controller.error(errorOf('ECONNRESET', 'read')));
      if (roll < 0.5) return json(401, {});
      return successful(url, init);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #throttle(seconds: number | undefined, signal: AbortSignal): Response {
    if (seconds === undefined) return json(429, {});
    const at = this.#time.now();
    if (!signal.aborted) this.pauses.push({ at, until: at + Math.min(seconds * 1000, this.#maxPauseMs) });
    return json(429, {}, { 'retry-after': String(seconds) });
  }
}

const CALLS: ((secrets: SecretsClient, options: CallOptions, leaveAfter: number) => Promise<unknown>)[] = [
  (secrets, options) => secrets.list({}, options),
  (secrets, options) => secrets.get('a', options),
  (secrets, options) => secrets.create({ tag: 'a', name: 'n', secret: VALUE }, options),
  (secrets, options) => secrets.update('a', { secret: VALUE }, options),
  (secrets, options) => secrets.delete('a', options),
  (secrets, options) => secrets.set('a', { name: 'n', secret: VALUE }, options),
  (secrets, { signal, ...limits }) => secrets.api.GET('/api/v1/secrets', { ...limits, ...(signal && { signal }) }),
  async (secrets, options, leaveAfter) => {
    let seen = 0;
    for await (const _ of secrets.listAll(options)) if (++seen > leaveAfter) break;
  },
];

/** Runs one client and its calls: the promises that were broken, and the requests that were sent. */
async function simulate(seed: number): Promise<{ violations: string[]; log: string[] }> {
  const time = new VirtualTime(seed);
  const { random } = time;
  const oneOf = <T>(...of: T[]) => of[Math.floor(random() * of.length)] as T;
  const slowKey = async () => {
    if (random() < 0.05) throw new Error('no key today');
    if (random() < 0.3) await time.wait(random() * 30);
    return oneOf('k1', 'k1', 'k2');
  };
  const apiKey = oneOf<string | typeof slowKey>('k', slowKey);
  const maxConcurrency = oneOf(1, 2, 5, 16, Number.POSITIVE_INFINITY);
  const delays = {
    baseDelayMs: random() * 100,
    maxDelayMs: random() * 1000,
    maxRetryAfterMs: oneOf(0, 500, 2000, 60_000),
  };
  const retry = random() < 0.2 ? (false as const) : { limit: Math.floor(random() * 6), ...delays };
  const network = new UnreliableNetwork(time, retry ? retry.maxRetryAfterMs : 60_000);
  const violations = network.early;
  const common = { apiKey, baseUrl: 'https://cortex.test', fetch: network.fetch, maxConcurrency, retry };
  const secrets = createSecretsClient({ ...common, timeoutMs: 200, onAttempt: () => {} });

  const shared = new AbortController();
  const controllers = [shared];
  const isExpected = (error: Error) => isCortexError(error) || ['left', 'no key today'].includes(error.message);
  const count = 5 + Math.floor(random() * 60);
  let settled = 0;
  for (let i = 0; i < count; i++) {
    const options: CallOptions = {};
    if (random() < 0.3) {
      const controller = random() < 0.3 ? shared : new AbortController();
      controllers.push(controller);
      options.signal = controller.signal;
      setTimeout(() => controller.abort(new Error('left')), random() * 2000);
    }
    if (random() < 0.3) options.deadlineMs = 1 + random() * 3000;
    if (random() < 0.1) options.retry = false;
    const call = oneOf(...CALLS);
    const leaveAfter = random() * 5;
    time
      .wait(random() < 0.5 ? 1 : random() * 3000)
      .then(() => call(secrets, options, leaveAfter))
      .catch((error: Error) => {
        if (!isExpected(error)) violations.push(`an unexpected error: ${error.stack}`);
        if (error.message.includes('canary')) violations.push('a message contains the value');
      })
      .finally(() => settled++);
  }
  await time.runUntil(() => settled === count, 600_000);
  if (settled !== count) violations.push(`${count - settled} of ${count} calls never settled`);
  network.isReliable = true;
  await time.runUntil(() => false, 60_000);
  if (time.timers > 0) violations.push(`${time.timers} timers are left`);
  for (const { signal } of controllers)
    if (getEventListeners(signal, 'abort').length > 0) violations.push('a listener is left');

  // After the last pause the client serves calls as a new one does.
  time.skip(70_000);
  const fresh = Math.min(20, maxConcurrency) + 1;
  let served = 0;
  for (let i = 0; i < fresh; i++)
    secrets.get('a').then(
      () => served++,
      (error: Error) =>
        isExpected(error) && error.message === 'no key today'
          ? served++
          : violations.push(`a later call failed: ${error}`),
    );
  await time.runUntil(() => served === fresh, 10_000);
  if (served !== fresh) violations.push(`${served} of ${fresh} later calls were served`);
  return { violations, log: network.log };
}

// Ten times what it takes on a busy machine.
test(`${SEEDS.length} clients on an unreliable network: every call settles, in time, and leaves nothing behind`, {
  timeout: 60_000 + SEEDS.length * 300,
}, async () => {
  for (const seed of SEEDS) {
    const replay = `seed ${seed}; replay with CORTEX_SECRETS_SEED=${seed}`;
    const { violations } = await simulate(seed).catch((error) => ({ violations: [String(error?.stack)] }));
    expect(violations, replay).toEqual([]);
    vi.unstubAllGlobals();
  }
});

test('the same seed replays the same requests at the same times', async () => {
  for (const seed of SEEDS.slice(0, 10)) {
    const first = await simulate(seed);
    vi.unstubAllGlobals();
    const second = await simulate(seed);
    vi.unstubAllGlobals();
    expect(first.log.length, `seed ${seed}`).toBeGreaterThan(0);
    expect(second, `seed ${seed}`).toEqual(first);
  }
});
