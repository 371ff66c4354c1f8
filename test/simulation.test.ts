/**
 * Whatever goes wrong, and however the clock goes: every call settles, nothing is sent before its time, nothing is left
 * behind. Random calls of one client at once, in virtual time. `CORTEX_SECRETS_RUNS` says how many clients.
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

const RUNS = Number(process.env.CORTEX_SECRETS_RUNS ?? 200);
const VALUE = 'canary of a value';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A server that does everything right. */
function good(url: string, { method, body }: FetchInit): Response {
  const { pathname, searchParams } = new URL(url);
  if (method === 'DELETE') return new Response(null);
  if (method !== 'GET' || !pathname.endsWith('/secrets'))
    return json(200, { id: 'x', tag: (body && JSON.parse(body).tag) ?? pathname.split('/').at(-1) });
  const page = Number(searchParams.get('page'));
  return json(200, { page, secrets: page < 3 ? [{ id: `${page}`, tag: `t${page}` }] : [], total: 3, totalPages: 3 });
}

const errorOf = (code: string, syscall: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, syscall }) });
const body = (then: (controller: ReadableStreamDefaultController) => void) =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{'));
        then(controller);
      },
    }),
  );

/** A network on which anything may happen until it is `calm`. */
class Storm {
  calm = false;
  /** The server's own time for the next request: told at, and until. */
  readonly pauses: { at: number; until: number }[] = [];
  readonly early: string[] = [];
  readonly #time: VirtualTime;
  readonly #maxPauseMs: number;

  constructor(time: VirtualTime, maxPauseMs: number) {
    this.#time = time;
    this.#maxPauseMs = maxPauseMs;
  }

  readonly fetch = (url: string, init: FetchInit): Promise<Response> => {
    const now = this.#time.now();
    // An answer takes a moment to be read: what is sent meanwhile is not sent too early.
    const pause = this.pauses.find(({ at, until }) => now > at + 5 && now < until);
    if (pause) this.early.push(`sent at ${now}, between ${pause.at} and ${pause.until}`);
    if (this.calm) return Promise.resolve(good(url, init));
    const dice = this.#time.random();
    if (dice < 0.02) throw new Error('a fetch that throws');
    return this.#answer(url, init, dice);
  };

  async #answer(url: string, init: FetchInit, dice: number): Promise<Response> {
    const { random } = this.#time;
    const signal = init.signal as AbortSignal;
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
    });
    aborted.catch(() => {});
    signal.addEventListener('abort', abort);
    try {
      if (dice < 0.05) return await aborted; // no answer
      if (dice < 0.07) await new Promise(() => {}); // it doesn't even listen to its signal
      await Promise.race([this.#time.wait(1 + random() * 60), aborted]);
      if (dice < 0.25) return this.#refuse(random() < 0.8 ? Math.floor(random() * 4) : undefined, signal);
      if (dice < 0.32) return json(503, {}, random() < 0.3 ? { 'retry-after': '1' } : {});
      if (dice < 0.38) throw errorOf('ECONNRESET', 'read');
      if (dice < 0.41) throw errorOf('ECONNREFUSED', 'connect');
      if (dice < 0.44) return json(404, {});
      if (dice < 0.46) return body(() => {}); // it never ends
      if (dice < 0.48) return body((controller) => controller.error(errorOf('ECONNRESET', 'read')));
      if (dice < 0.5) return json(401, {});
      return good(url, init);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #refuse(seconds: number | undefined, signal: AbortSignal): Response {
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

/** What was wrong with one client and its calls. */
async function wrongWith(seed: number): Promise<string[]> {
  const time = new VirtualTime(seed);
  const { random } = time;
  const one = <T>(...of: T[]) => of[Math.floor(random() * of.length)] as T;
  const slowKey = async () => {
    if (random() < 0.05) throw new Error('no key today');
    if (random() < 0.3) await time.wait(random() * 30);
    return one('k1', 'k1', 'k2');
  };
  const apiKey = one<string | typeof slowKey>('k', slowKey);
  const maxConcurrency = one(1, 2, 5, 16, Number.POSITIVE_INFINITY);
  const some = { baseDelayMs: random() * 100, maxDelayMs: random() * 1000, maxRetryAfterMs: one(0, 500, 2000, 60_000) };
  const retry = random() < 0.2 ? (false as const) : { limit: Math.floor(random() * 6), ...some };
  const storm = new Storm(time, retry ? retry.maxRetryAfterMs : 60_000);
  const wrong = storm.early;
  const common = { apiKey, baseUrl: 'https://cortex.test', fetch: storm.fetch, maxConcurrency, retry };
  const secrets = createSecretsClient({ ...common, timeoutMs: 200, onAttempt: () => {} });

  const shared = new AbortController();
  const controllers = [shared];
  const known = (error: Error) => isCortexError(error) || ['left', 'no key today'].includes(error.message);
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
    const call = one(...CALLS);
    const leaveAfter = random() * 5;
    time
      .wait(random() < 0.5 ? 1 : random() * 3000)
      .then(() => call(secrets, options, leaveAfter))
      .catch((error: Error) => {
        if (!known(error)) wrong.push(`an error of another kind: ${error.stack}`);
        if (error.message.includes('canary')) wrong.push('a value in a message');
      })
      .finally(() => settled++);
  }
  await time.goOn(() => settled === count, 600_000);
  if (settled !== count) wrong.push(`${count - settled} of ${count} calls never settled`);
  storm.calm = true;
  await time.goOn(() => false, 60_000);
  if (time.timers > 0) wrong.push(`${time.timers} timers were left`);
  for (const { signal } of controllers)
    if (getEventListeners(signal, 'abort').length > 0) wrong.push('a listener was left');

  // Whatever was, the client is as good as new once the last pause is over.
  time.skip(70_000);
  const fresh = Math.min(20, maxConcurrency) + 1;
  let served = 0;
  for (let i = 0; i < fresh; i++)
    secrets.get('a').then(
      () => served++,
      (error: Error) => (known(error) && error.message === 'no key today' ? served++ : wrong.push(`then: ${error}`)),
    );
  await time.goOn(() => served === fresh, 10_000);
  if (served !== fresh) wrong.push(`afterwards ${served} of ${fresh} calls were served`);
  return wrong;
}

test(`${RUNS} clients in a storm`, { timeout: 20_000 + RUNS * 50 }, async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    expect(await wrongWith(seed), `seed ${seed}`).toEqual([]);
    vi.unstubAllGlobals();
  }
});
