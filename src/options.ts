/** The options of a client and of a call: types, defaults, and validation before anything is sent. */
import { DEFAULT_BASE_URL, validBaseUrl } from './base-url.js';
import type { ApiKey } from './pipeline/auth.js';
import type { AttemptEvent } from './pipeline/events.js';
import type { HeadersOption } from './pipeline/headers.js';
import type { Limiter } from './pipeline/limiter.js';
import type { CallLimits, Fetch } from './pipeline/types.js';
import { headerFields, sensitiveFields } from './util/header-fields.js';
import { assertApiKey, assertInteger, assertKnownKeys, assertMilliseconds } from './util/validate.js';

/** How often, and after which delays, a failed attempt is retried. */
export interface RetryOptions {
  /** The maximum number of retries; 0 means one attempt. @defaultValue 3 */
  limit?: number | undefined;
  /** The upper bound of the first random delay, in milliseconds; it doubles with each retry. @defaultValue 250 */
  baseDelayMs?: number | undefined;
  /** The upper bound of every random delay, in milliseconds. @defaultValue 8_000 */
  maxDelayMs?: number | undefined;
  /**
   * The longest `Retry-After` that the client waits for, in milliseconds. A longer one ends the call at once with its error:
   * it gives up (as in got), and doesn't shorten the delay (as in ky).
   * @defaultValue 60_000
   */
  maxRetryAfterMs?: number | undefined;
  /**
   * The statuses after which an idempotent request is retried (all of `set`, and every method but `create`). 429 is always
   * retried, since a throttled request was not processed. 500 is not among the defaults: in Cortex it is mostly a lasting
   * fault; `[408, 500, 502, 503, 504]` adds it.
   * @defaultValue [408, 502, 503, 504]
   */
  statusCodes?: readonly number[] | undefined;
}

/** The limits that can be set for one call, and for all calls of a client. */
export interface LimitOptions {
  /**
   * The time limit of one attempt, its body included, in milliseconds; `Infinity` for none. The platform's `fetch` may have a
   * limit of its own, which this doesn't change: Node's gives up after 300 s without headers or without a byte of the body,
   * unless it has an `Agent` of undici with other limits.
   * @defaultValue 30_000
   */
  timeoutMs?: number | undefined;
  /** The time limit of the whole call, its delays included, in milliseconds. @defaultValue Infinity */
  deadlineMs?: number | undefined;
  /** How failed attempts are retried; `false` for no retries. */
  retry?: RetryOptions | false | undefined;
}

/** The last argument of every method. */
export interface CallOptions extends LimitOptions {
  /** Ends the call at once when aborted; the call then rejects with the signal's own reason. */
  signal?: AbortSignal | undefined;
}

/** The last argument of `create`, `update` and `set`. */
export interface WriteOptions extends CallOptions {
  /**
   * Sends an empty value too. Without it an empty `secret` is a TypeError and nothing is sent: it is usually an unset
   * variable, and would replace the value that is stored. No option of the client sets it for all calls. `secrets.api`
   * sends what it is given.
   * @defaultValue false
   */
  allowEmptyValue?: boolean | undefined;
}

/** The options of {@link createSecretsClient}. */
export interface ClientOptions extends LimitOptions {
  /**
   * The API key, or a function that returns it: called before every attempt, and once more after a 401. `null` sends no
   * `Authorization` header: a proxy, a gateway or the host of a Cortex plugin adds it.
   * @defaultValue the environment variable `CORTEX_API_KEY`
   */
  apiKey?: ApiKey | undefined;
  /**
   * The address of Cortex, with its path prefix if it has one. https only; http for loopback hosts, and for others with
   * `allowInsecureConnection`. Not to a loopback host for which the runtime would use the proxy of `HTTP_PROXY`, as Bun and
   * Deno do, and Node with `NODE_USE_ENV_PROXY=1`; whatever `fetch` is. `/api/v1` at its end is taken off: the context of a Cortex plugin gives the address with it.
   * @defaultValue the environment variable `CORTEX_BASE_URL`, or `https://api.getcortexapp.com`
   */
  baseUrl?: string | URL | undefined;
  /**
   * Allows http to any host. Everybody on the way can then read and change the API key and the values: only for networks
   * that you trust, such as the one of docker compose.
   * @defaultValue false
   */
  allowInsecureConnection?: boolean | undefined;
  /**
   * Headers of every request, for gateways and tracing; or a function that returns them: called before every attempt, within
   * `timeoutMs`. They can't be `Authorization`, `Content-Type`, `Accept`, `Host`, `Content-Length` or about the connection.
   * No error shows a value of at least 8 characters, unless it is a request id or a trace context.
   */
  headers?: HeadersOption | undefined;
  /** The maximum number of requests at once. @defaultValue 16 */
  maxConcurrency?: number | undefined;
  /**
   * A rate limit that several processes share, asked before every attempt. If it fails, the client goes on without it, and
   * the next event of `onAttempt` has `limiterError`. @defaultValue none
   */
  limiter?: Limiter | undefined;
  /**
   * Sends the requests. Its init has `cache: 'no-store'` where the runtime's `Request` has `cache`: Next.js, for one, keeps
   * responses otherwise. @defaultValue `globalThis.fetch`, looked up for each attempt
   */
  fetch?: Fetch | undefined;
  /** The `User-Agent` header. @defaultValue `cortex-secrets/VERSION`; none in browsers, which send their own */
  userAgent?: string | undefined;
  /**
   * Called after every attempt, for logs and telemetry. What it throws is ignored.
   *
   * @example
   * ```ts
   * createSecretsClient({
   *   onAttempt: ({ operation, attempt, status, durationMs }) => console.log(operation, attempt, status, durationMs),
   * });
   * ```
   */
  onAttempt?: ((event: AttemptEvent) => void) | undefined;
}

const DEFAULTS: CallLimits = {
  timeoutMs: 30_000,
  deadlineMs: Number.POSITIVE_INFINITY,
  maxRetries: 3,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 60_000,
  statusCodes: [408, 502, 503, 504],
};

const LIMIT_NAMES = ['timeoutMs', 'deadlineMs', 'retry'];
const CALL_NAMES = ['signal', ...LIMIT_NAMES];
const WRITE_NAMES = [...CALL_NAMES, 'allowEmptyValue'];
const CLIENT_NAMES = [
  ...['apiKey', 'baseUrl', 'allowInsecureConnection', 'headers', 'maxConcurrency', 'limiter', 'fetch', 'userAgent'],
  ...['onAttempt', ...LIMIT_NAMES],
];
const RETRY_TIMES = ['baseDelayMs', 'maxDelayMs', 'maxRetryAfterMs'] as const;
const RETRY_NAMES = ['limit', ...RETRY_TIMES, 'statusCodes'];

/** `given` over `base`, validated. */
function limitsOf({ timeoutMs, deadlineMs, retry }: LimitOptions, base: CallLimits): CallLimits {
  if (timeoutMs === undefined && deadlineMs === undefined && retry === undefined) return base;
  if (retry !== undefined && retry !== false) assertKnownKeys('retry', retry, RETRY_NAMES);
  const { limit: maxRetries, ...delays } = retry === false ? { limit: 0 } : (retry ?? {});
  const given = Object.entries({ timeoutMs, deadlineMs, maxRetries, ...delays });
  const limits: CallLimits = { ...base, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
  assertMilliseconds('timeoutMs', limits.timeoutMs, 1);
  assertMilliseconds('deadlineMs', limits.deadlineMs, 1);
  assertInteger('retry.limit', limits.maxRetries, 0);
  for (const name of RETRY_TIMES) assertMilliseconds(`retry.${name}`, limits[name], 0);
  const { statusCodes } = limits;
  if (!Array.isArray(statusCodes) || !statusCodes.every((code) => Number.isInteger(code) && code >= 400 && code <= 599))
    throw new RangeError('retry.statusCodes: must be an array of statuses from 400 to 599');
  return { ...limits, statusCodes: [...statusCodes] };
}

/** The options of one call, validated; `isWrite` for those of a call that sends a value. */
export function callOptions(
  given: WriteOptions,
  base: CallLimits,
  isWrite: boolean,
): { signal: AbortSignal | undefined; limits: CallLimits } {
  assertKnownKeys('options', given, isWrite ? WRITE_NAMES : CALL_NAMES);
  const { signal, allowEmptyValue } = given;
  if (allowEmptyValue !== undefined && typeof allowEmptyValue !== 'boolean')
    throw new TypeError('allowEmptyValue: must be true or false');
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError('signal: must be an AbortSignal');
  return { signal, limits: limitsOf(given, base) };
}

/** The options of a client, validated and with their defaults. No message quotes the key. */
export function clientOptions(given: ClientOptions) {
  assertKnownKeys('createSecretsClient', given, CLIENT_NAMES);
  const { maxConcurrency = 16, fetch, userAgent, onAttempt, headers, limiter, allowInsecureConnection = false } = given;
  const apiKey = given.apiKey === undefined ? environment('CORTEX_API_KEY') : given.apiKey;
  if (apiKey === undefined || (given.apiKey === undefined && apiKey === ''))
    throw new TypeError('apiKey: missing; pass it, or set CORTEX_API_KEY');
  if (apiKey !== null && typeof apiKey !== 'function')
    assertApiKey(apiKey, given.apiKey === undefined ? 'CORTEX_API_KEY' : 'apiKey');
  assertInteger('maxConcurrency', maxConcurrency, 1);
  for (const [name, value] of Object.entries({ fetch, onAttempt })) {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name}: must be a function`);
  }
  if (userAgent !== undefined && !(typeof userAgent === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(userAgent)))
    throw new TypeError('userAgent: must be a string of visible ASCII characters');
  // A string from the environment, such as "false", must not allow it.
  if (typeof allowInsecureConnection !== 'boolean') throw new TypeError('allowInsecureConnection: must be a boolean');
  const baseUrl =
    given.baseUrl === undefined
      ? validBaseUrl(environment('CORTEX_BASE_URL') ?? DEFAULT_BASE_URL, 'CORTEX_BASE_URL', allowInsecureConnection)
      : validBaseUrl(given.baseUrl, 'baseUrl', allowInsecureConnection);
  assertLimiter(limiter);
  const fields = headers === undefined || typeof headers === 'function' ? {} : headerFields(headers);
  const limits = limitsOf(given, DEFAULTS);
  return {
    ...{ apiKey, baseUrl, maxConcurrency, limiter, fetch, userAgent, onAttempt, limits, headers },
    /** The headers that are the same for each request, and those of their values that no error may show. */
    fields,
    sensitiveTexts: sensitiveFields(fields),
  };
}

function assertLimiter(limiter: unknown): asserts limiter is Limiter | undefined {
  if (limiter === undefined) return;
  const { acquire, pause = assertLimiter } = Object(limiter) as Record<string, unknown>;
  if (typeof acquire !== 'function' || typeof pause !== 'function')
    throw new TypeError('limiter: must be an object with a function acquire, and pause if it has one');
}

function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name];
}
