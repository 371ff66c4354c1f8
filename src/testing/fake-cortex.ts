/** Creates the in-memory Cortex from its modules. */
import { FaultPlan } from './fault-plan.js';
import type { FakeOperation, FakeRequest, Fault, FaultOptions } from './faults.js';
import { createFetch, type FakeFetch } from './fetch.js';
import { createRequestHandler, type RequestHandler } from './handle-request.js';
import { createOperations, type FakeState } from './operations.js';
import { API_KEY_WITHOUT_PERMISSION, copyOfSeed, type FakeCortexOptions, resolveOptions } from './options.js';
import { createRateLimiter } from './rate-limiter.js';
import { SecretStore, type SeedSecret } from './store.js';

/** The options of a client of the in-memory Cortex. */
export interface FakeClientOptions {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly fetch: FakeFetch;
}

/** An in-memory Cortex, for tests. */
export interface FakeCortex extends FakeClientOptions {
  /** The accepted API key. */
  readonly apiKey: string;
  /** A valid API key that lacks the `Create secrets` permission: its requests get a 403. */
  readonly apiKeyWithoutPermission: string;
  /** The only address that `fetch` serves. */
  readonly baseUrl: string;
  /** A standard `fetch`, for the client's `fetch` option. */
  readonly fetch: FakeFetch;
  /** `{ apiKey, baseUrl, fetch }`, to be spread into the options of a client. */
  readonly clientOptions: FakeClientOptions;
  /** The requests so far, in order: the newest `requestLogLimit`. Contains no API key and no value. */
  readonly requests: readonly FakeRequest[];
  /** Returns the stored value of a tag, for assertions; undefined if no secret has this tag. */
  storedValue(tag: string): string | undefined;
  /**
   * Injects a fault into the next request of an operation (or of `any`), into the next few, or into those that `when`
   * selects. If several faults apply to a request, it gets the oldest one. HEAD requests get the faults of `any` only.
   *
   * @example
   * ```ts
   * cortex.fail('create', 'reset after processing'); // the secret is created, but the response is lost
   * cortex.fail('any', { status: 503 }, { times: 2 });
   * const recover = cortex.fail('get', { status: 429, retryAfter: 1 }, { when: ({ tagOrId }) => tagOrId === 'a' });
   * recover(); // removes the fault
   * ```
   * @returns a function that removes the fault
   * @throws TypeError or RangeError if the operation, the fault or an option is wrong
   */
  fail(operation: FakeOperation | 'any', fault: Fault, options?: FaultOptions): () => void;
  /**
   * Restores the seed, and clears requests, faults and the rate limit. Requests in flight finish with their responses, but
   * don't change the new state.
   */
  reset(): void;
}

/**
 * Creates an in-memory Cortex: the five operations with real state, responses by the contract, and faults on demand.
 *
 * @example
 * ```ts
 * const cortex = createFakeCortex({ seed: [{ tag: 'my-secret', name: 'My secret', secret: 'old' }] });
 * const secrets = createSecretsClient({ ...cortex.clientOptions });
 * await secrets.update('my-secret', { secret: 'new' });
 * cortex.storedValue('my-secret'); // 'new'
 * ```
 * @throws TypeError or RangeError if an option is wrong; no message quotes a value
 */
export function createFakeCortex(options: FakeCortexOptions = {}): FakeCortex {
  return createFake(options).cortex;
}

/** What a control port needs beyond the public methods. */
export interface FakeControl {
  /** The faults that are still to come, the oldest first. */
  readonly plannedFaults: FaultPlan['planned'];
  /** Like {@link FakeCortex.fail}, but returns the id of the fault. */
  fail(...args: Parameters<FakeCortex['fail']>): number;
  /** Returns false if no fault has ever had this id. */
  removeFault(id: number): boolean;
  clearFaults(): void;
  /** All secrets with their values, as a seed. */
  snapshot(): SeedSecret[];
  /**
   * Replaces all secrets. Requests in flight don't change the new ones.
   *
   * @throws TypeError that names what is wrong, and quotes no value
   */
  restore(seed: unknown): void;
}

/** Also returns the request handler, for a server on a port, and what its control port needs. */
export function createFake(options: FakeCortexOptions): {
  cortex: FakeCortex;
  handleRequest: RequestHandler;
  control: FakeControl;
} {
  const { apiKey, seed, rateLimit, requestLogLimit, now, random, ...settings } = resolveOptions(options);
  const { allowEmptyValues } = settings;
  const keys = { apiKey, apiKeyWithoutPermission: API_KEY_WITHOUT_PERMISSION };
  const initialState = (): FakeState => ({
    store: new SecretStore(seed, random),
    rateLimiter: rateLimit && createRateLimiter(rateLimit, now),
  });
  let state = initialState();
  const plan = new FaultPlan();
  const requests: FakeRequest[] = [];
  const createRequestId = () => eightHexDigits(random());
  const handleRequest = createRequestHandler({
    currentState: () => state,
    runOperation: createOperations({ keys, createRequestId, conflictStatus: settings.conflictStatus }),
    plan,
    onRequest(record) {
      requests.push(record);
      if (requests.length > requestLogLimit) requests.shift();
    },
    createRequestId,
    latencyMs: settings.latencyMs,
    allowEmptyValues,
  });
  const baseUrl = 'https://cortex.test'; // a name that never resolves (RFC 6761, section 6.2)
  const fetch = createFetch(handleRequest, baseUrl);
  return {
    handleRequest,
    control: {
      get plannedFaults() {
        return plan.planned;
      },
      fail: (...args) => plan.add(...args),
      removeFault: (id) => plan.remove(id),
      clearFaults: () => plan.clear(),
      snapshot: () => state.store.snapshot(),
      restore(given) {
        state = { ...state, store: new SecretStore(copyOfSeed(given, { allowEmptyValues, option: 'state' }), random) };
      },
    },
    cortex: {
      ...keys,
      baseUrl,
      fetch,
      clientOptions: { apiKey, baseUrl, fetch },
      requests,
      storedValue: (tag) => state.store.storedValue(tag),
      fail(operation, fault, faultOptions) {
        const id = plan.add(operation, fault, faultOptions);
        return () => void plan.remove(id);
      },
      reset() {
        state = initialState();
        plan.clear();
        requests.length = 0;
      },
    },
  };
}

const eightHexDigits = (fraction: number) =>
  Math.floor(fraction * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
