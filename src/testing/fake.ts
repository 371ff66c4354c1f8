/** Makes an in-memory Cortex out of its rooms. */

import { MAX_TIMER_MS } from '../util/abort.js';
import { assertKnownKeys } from '../util/validate.js';
import { cortex, type State } from './cortex.js';
import { type FakeOperation, type FakeRequest, type Fault, type FaultOptions, FaultPlan } from './faults.js';
import { asFetch, type FakeFetch } from './fetch.js';
import { limiter, type RateLimit } from './limiter.js';
import { type Server, server } from './server.js';
import { SecretStore, type SeedSecret } from './store.js';

/** The options of {@link createFakeCortex}. */
export interface FakeCortexOptions {
  /** The key that is let in. @defaultValue `fake-api-key` */
  apiKey?: string;
  /** The secrets to begin with, and after every `reset()`. @defaultValue none */
  seed?: readonly SeedSecret[];
  /** Requests over it are answered with 429 and `Retry-After`. @defaultValue none */
  rateLimit?: RateLimit;
  /** How long every answer takes at least, in milliseconds. @defaultValue 0 */
  latencyMs?: number;
  /** The clock of the rate limit, in milliseconds. @defaultValue `Date.now`, looked up at each request */
  now?: () => number;
  /** Numbers from 0 to below 1, for ids. @defaultValue `Math.random` */
  random?: () => number;
}

/** A Cortex in memory, for tests. */
export interface FakeCortex {
  /** The key that is let in. */
  readonly apiKey: string;
  /** A key that is known, but lacks the `Create secrets` permission: its requests are answered with 403. */
  readonly apiKeyWithoutPermission: string;
  /** Where it answers; `fetch` knows no other host. */
  readonly baseUrl: string;
  /** The standard `fetch`, to be given to a client. */
  readonly fetch: FakeFetch;
  /** What it was asked, in order. Holds no key and no value. */
  readonly requests: readonly FakeRequest[];
  /** The value that is kept under a tag, for assertions; undefined where there is no such secret. */
  valueOf(tag: string): string | undefined;
  /**
   * Lets something go wrong: with the next request of an operation (or of `any`), with the next few, or while a predicate
   * holds. Of several faults for a request the oldest happens.
   *
   * @returns takes the fault back
   * @throws TypeError or RangeError for a fault that there is not
   */
  fail(operation: FakeOperation | 'any', fault: Fault, options?: FaultOptions): () => void;
  /**
   * Back to the seed: no request, no fault, a new window of the rate limit. Calls that are still under way end as they
   * would have, and change nothing of what comes after.
   */
  reset(): void;
}

const DEFAULT_KEY = 'fake-api-key';
const WITHOUT_PERMISSION = 'fake-api-key-without-permission';

/**
 * A Cortex in memory: the five operations with real state, answers as the contract has them, and faults on demand.
 *
 * @throws TypeError or RangeError where an option is wrong; no message quotes a value
 */
export function createFakeCortex(options: FakeCortexOptions = {}): FakeCortex {
  return fakeCortex(options).cortex;
}

/**
 * The same, with what is below `fetch`: for a server on a port. A server that runs for long, and that nobody asks for its
 * requests, must not keep them.
 */
export function fakeCortex(options: FakeCortexOptions, keepRequests = true): { cortex: FakeCortex; handle: Server } {
  assertKnownKeys('createFakeCortex', options, ['apiKey', 'seed', 'rateLimit', 'latencyMs', 'now', 'random']);
  const { apiKey = DEFAULT_KEY, seed = [], rateLimit, latencyMs = 0 } = options;
  const { now = () => Date.now(), random = () => Math.random() } = options;
  check(apiKey, rateLimit, latencyMs, { now, random });
  checkSeed(seed);
  const keys = { apiKey, apiKeyWithoutPermission: WITHOUT_PERMISSION };
  const first = seed.map(copyOf);
  const fresh = (): State => ({
    store: new SecretStore(first, random),
    limit: rateLimit && limiter(rateLimit, now),
  });
  let state = fresh();
  const plan = new FaultPlan();
  const requests: FakeRequest[] = [];
  const requestId = () => hex(random());
  const baseUrl = 'https://cortex.test'; // a name that never exists (RFC 6761, section 6.2)
  const remember = (request: FakeRequest) => requests.push(request);
  const handle = server(
    cortex(keys, requestId),
    () => state,
    plan,
    keepRequests ? remember : () => {},
    requestId,
    latencyMs,
  );
  return {
    handle,
    cortex: {
      ...keys,
      baseUrl,
      requests,
      fetch: asFetch(handle, baseUrl),
      valueOf: (tag) => state.store.valueOf(tag),
      fail: (operation, fault, how) => plan.add(operation, fault, how),
      reset() {
        state = fresh();
        plan.clear();
        requests.length = 0;
      },
    },
  };
}

/** Eight digits. */
const hex = (share: number) =>
  Math.floor(share * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

function check(apiKey: unknown, rateLimit: RateLimit | undefined, latencyMs: number, functions: object): void {
  if (typeof apiKey !== 'string' || !/^[!-~]+$/.test(apiKey) || apiKey === WITHOUT_PERMISSION)
    throw new TypeError(`apiKey: give a text of visible ASCII characters, and not ${WITHOUT_PERMISSION}`);
  if (!(typeof latencyMs === 'number' && latencyMs >= 0 && latencyMs <= MAX_TIMER_MS))
    throw new RangeError(`latencyMs: give a number of milliseconds from 0 to ${MAX_TIMER_MS}`);
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value !== 'function') throw new TypeError(`${name}: give a function`);
  }
  if (rateLimit === undefined) return;
  assertKnownKeys('rateLimit', rateLimit, ['requests', 'perMs']);
  const { requests, perMs } = rateLimit;
  if (!(Number.isInteger(requests) && requests >= 0 && Number.isFinite(perMs) && perMs > 0))
    throw new RangeError('rateLimit: give { requests: a whole number, perMs: milliseconds over 0 }');
}

/** What a seed may leave out is `null` in the JSON of other languages. */
const copyOf = ({ tag, name, secret, id }: SeedSecret): SeedSecret => ({
  tag,
  secret,
  ...(typeof name === 'string' && { name }),
  ...(typeof id === 'string' && { id }),
});

function checkSeed(seed: unknown): asserts seed is SeedSecret[] {
  if (!Array.isArray(seed)) throw new TypeError('seed: give a list of { tag, name, secret }');
  const seen = new Set<unknown>();
  for (const [i, one] of seed.entries()) {
    assertKnownKeys(`seed[${i}]`, one, ['tag', 'name', 'secret', 'id']);
    const { tag, name, secret, id } = one ?? {};
    const areTexts = [tag, secret, name ?? '', id ?? ''].every((text) => typeof text === 'string');
    if (!areTexts || tag === '' || id === '')
      throw new TypeError(`seed[${i}]: give tag and secret, and name and id if you like, as texts`);
    for (const key of [`tag ${tag}`, ...(typeof id === 'string' ? [`id ${id}`] : [])]) {
      if (seen.has(key)) throw new TypeError(`seed[${i}]: its tag or its id stands there already`);
      seen.add(key);
    }
  }
}
