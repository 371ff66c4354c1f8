/** The options of the in-memory Cortex, their defaults and their validation. No message quotes a value. */
import { MAX_TIMER_MS } from '../util/abort.js';
import { assertKnownKeys } from '../util/validate.js';
import type { RateLimit } from './rate-limiter.js';
import type { SeedSecret } from './store.js';

/** The options of `createFakeCortex`. */
export interface FakeCortexOptions {
  /** The accepted API key. @defaultValue `fake-api-key` */
  apiKey?: string | undefined;
  /** The initial secrets; `reset()` restores them. @defaultValue none */
  seed?: readonly SeedSecret[] | undefined;
  /** Responds with 429 and `Retry-After` to requests over this limit. @defaultValue no limit */
  rateLimit?: RateLimit | undefined;
  /** Delays every response by this many milliseconds. @defaultValue 0 */
  latencyMs?: number | undefined;
  /** The clock of the rate limit, in milliseconds. @defaultValue `Date.now`, looked up at each request */
  now?: (() => number) | undefined;
  /** Returns numbers from 0 to below 1, for ids. @defaultValue `Math.random` */
  random?: (() => number) | undefined;
}

export const API_KEY_WITHOUT_PERMISSION = 'fake-api-key-without-permission';

/** @throws TypeError or RangeError if an option is wrong */
export function resolveOptions(options: FakeCortexOptions) {
  assertKnownKeys('createFakeCortex', options, ['apiKey', 'seed', 'rateLimit', 'latencyMs', 'now', 'random']);
  const { apiKey = 'fake-api-key', seed = [], rateLimit, latencyMs = 0 } = options;
  const { now = () => Date.now(), random = () => Math.random() } = options;
  if (typeof apiKey !== 'string' || !/^[!-~]+$/.test(apiKey) || apiKey === API_KEY_WITHOUT_PERMISSION)
    throw new TypeError(
      `apiKey: must be a string of visible ASCII characters other than ${API_KEY_WITHOUT_PERMISSION}`,
    );
  if (!(typeof latencyMs === 'number' && latencyMs >= 0 && latencyMs <= MAX_TIMER_MS))
    throw new RangeError(`latencyMs: must be a number of milliseconds from 0 to ${MAX_TIMER_MS}`);
  for (const [name, value] of Object.entries({ now, random })) {
    if (typeof value !== 'function') throw new TypeError(`${name}: must be a function`);
  }
  if (rateLimit !== undefined) assertRateLimit(rateLimit);
  return { apiKey, seed: copyOfSeed(seed), rateLimit, latencyMs, now, random };
}

function assertRateLimit(rateLimit: RateLimit): void {
  assertKnownKeys('rateLimit', rateLimit, ['requests', 'perMs', 'window']);
  const { requests, perMs, window = 'fixed' } = rateLimit;
  if (!(Number.isInteger(requests) && requests >= 0 && Number.isFinite(perMs) && perMs > 0))
    throw new RangeError('rateLimit: requests must be an integer of at least 0, perMs a number above 0');
  if (window !== 'fixed' && window !== 'sliding') throw new TypeError('rateLimit: window must be fixed or sliding');
}

function copyOfSeed(seed: unknown): SeedSecret[] {
  if (!Array.isArray(seed)) throw new TypeError('seed: must be an array of { tag, name, secret }');
  const seen = new Set<string>();
  return seed.map((given: unknown, index) => {
    const what = `seed[${index}]`;
    assertKnownKeys(what, given, ['tag', 'name', 'secret', 'id']);
    const { tag, secret, ...optional } = given as Record<string, unknown>;
    // Other languages serialize an absent field as null.
    const { name, id } = { name: optional.name ?? undefined, id: optional.id ?? undefined };
    const isString = (value: unknown) => typeof value === 'string';
    if (!isString(tag) || !isString(secret) || !isString(name ?? '') || !isString(id ?? '') || tag === '' || id === '')
      throw new TypeError(`${what}: tag, secret, name and id must be strings; only name and id are optional`);
    for (const key of [`tag ${tag}`, ...(id === undefined ? [] : [`id ${id}`])]) {
      if (seen.has(key)) throw new TypeError(`${what}: another seed has the same tag or id`);
      seen.add(key);
    }
    return { tag, secret, name, id } as SeedSecret;
  });
}
