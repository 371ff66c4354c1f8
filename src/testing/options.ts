/** The options of the in-memory Cortex, their defaults and their validation. No message quotes a value. */
import { MAX_TIMER_MS } from '../util/abort.js';
import { assertInteger, assertKnownKeys } from '../util/validate.js';
import { hasLoneSurrogate } from '../util/well-formed.js';
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
  /**
   * The status of a create of a tag that exists: the vendor doesn't document it. 409 has the type `CONFLICT`, 400 the type
   * `ILLEGAL_ARGUMENT_ERROR`, as in the contract's examples. @defaultValue 409
   */
  conflictStatus?: 400 | 409 | undefined;
  /**
   * Stores empty values. Whether Cortex does is not documented; the contract assumes that it responds with 400.
   * @defaultValue false
   */
  allowEmptyValues?: boolean | undefined;
  /** The maximum number of records in `requests`: the oldest ones are dropped. @defaultValue 10_000 */
  requestLogLimit?: number | undefined;
  /** The clock of the rate limit, in milliseconds. @defaultValue `Date.now`, looked up at each request */
  now?: (() => number) | undefined;
  /** Returns numbers from 0 to below 1, for ids. @defaultValue `Math.random` */
  random?: (() => number) | undefined;
}

// Without a word of the error's message, which would be redacted as a part of the key.
export const API_KEY_WITHOUT_PERMISSION = 'fake-api-key-403';

const NAMES = [
  'apiKey',
  'seed',
  'rateLimit',
  'latencyMs',
  'conflictStatus',
  'allowEmptyValues',
  'requestLogLimit',
  'now',
  'random',
];

/** @throws TypeError or RangeError if an option is wrong */
export function resolveOptions(options: FakeCortexOptions) {
  assertKnownKeys('createFakeCortex', options, NAMES);
  const { apiKey = 'fake-api-key', seed = [], rateLimit, latencyMs = 0 } = options;
  const { conflictStatus = 409, allowEmptyValues = false, requestLogLimit = 10_000 } = options;
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
  if (conflictStatus !== 400 && conflictStatus !== 409) throw new RangeError('conflictStatus: must be 400 or 409');
  if (typeof allowEmptyValues !== 'boolean') throw new TypeError('allowEmptyValues: must be true or false');
  assertInteger('requestLogLimit', requestLogLimit, 0);
  const copy = copyOfSeed(seed, { allowEmptyValues });
  return { apiKey, seed: copy, rateLimit, latencyMs, conflictStatus, allowEmptyValues, requestLogLimit, now, random };
}

function assertRateLimit(rateLimit: RateLimit): void {
  assertKnownKeys('rateLimit', rateLimit, ['requests', 'perMs', 'window']);
  const { requests, perMs, window = 'fixed' } = rateLimit;
  if (!(Number.isInteger(requests) && requests >= 0 && Number.isFinite(perMs) && perMs > 0))
    throw new RangeError('rateLimit: requests must be an integer of at least 0, perMs a number above 0');
  if (window !== 'fixed' && window !== 'sliding') throw new TypeError('rateLimit: window must be fixed or sliding');
}

/**
 * A tag may be any string: those of responses are, in the contract. A value must be one that a request could store.
 *
 * @throws TypeError if the secrets of `option` are wrong
 */
export function copyOfSeed(
  seed: unknown,
  { allowEmptyValues, option = 'seed' }: { allowEmptyValues: boolean; option?: string },
): SeedSecret[] {
  if (!Array.isArray(seed)) throw new TypeError(`${option}: must be an array of { tag, name, secret }`);
  const seen = new Set<string>();
  return seed.map((given: unknown, index) => {
    const what = `${option}[${index}]`;
    assertKnownKeys(what, given, ['tag', 'name', 'secret', 'id']);
    const { tag, secret, ...optional } = given as Record<string, unknown>;
    // Other languages serialize an absent field as null.
    const { name, id } = { name: optional.name ?? undefined, id: optional.id ?? undefined };
    const isString = (value: unknown) => typeof value === 'string';
    if (!isString(tag) || !isString(secret) || !isString(name ?? '') || !isString(id ?? '') || tag === '' || id === '')
      throw new TypeError(`${what}: tag, secret, name and id must be strings; only name and id are optional`);
    if (secret === '' && !allowEmptyValues)
      throw new TypeError(`${what}: secret must not be empty, unless empty values are allowed`);
    for (const [key, text] of Object.entries({ tag, secret, name, id })) {
      if (typeof text === 'string' && hasLoneSurrogate(text))
        throw new TypeError(`${what}: ${key} must not contain a lone surrogate`);
    }
    for (const key of [`tag ${tag}`, ...(id === undefined ? [] : [`id ${id}`])]) {
      if (seen.has(key)) throw new TypeError(`${what}: another seed has the same tag or id`);
      seen.add(key);
    }
    return { tag, secret, name, id } as SeedSecret;
  });
}
