/** What users may set, its defaults and its bounds. Each value is checked once, before anything is sent. */
import type { Fetch } from './pipeline/send-with-fetch.js';
import { MAX_TIMER_MS } from './util/abort.js';
import { assertKnownKeys } from './util/validate.js';

/** How often, and after how long, a failed attempt is repeated. */
export interface RetryOptions {
  /** How many times a request is repeated at most; 0 means one request. @defaultValue 3 */
  limit?: number;
  /** The bound of the first random wait, in milliseconds; it doubles with each repetition. @defaultValue 250 */
  baseDelayMs?: number;
  /** The bound of every random wait, in milliseconds. @defaultValue 8_000 */
  maxDelayMs?: number;
  /** A `Retry-After` that asks for more milliseconds than this ends the call at once, with its error. @defaultValue 60_000 */
  maxRetryAfterMs?: number;
}

/** What may be set for one call, and for all calls of a client. */
export interface LimitOptions {
  /** How long one attempt may take, until its body is read, in milliseconds; `Infinity` for no limit. @defaultValue 30_000 */
  timeoutMs?: number;
  /** How long the whole call may take, waits included, in milliseconds. @defaultValue Infinity */
  deadlineMs?: number;
  /** How failed attempts are repeated; `false` for not at all. */
  retry?: RetryOptions | false;
}

/** The last argument of every method. */
export interface CallOptions extends LimitOptions {
  /** Ends the call at once when aborted; the call then rejects with the signal's own reason. */
  signal?: AbortSignal;
}

/** What an attempt came to. Holds no value of a secret and no key. */
export interface AttemptEvent {
  /** The method that was called, such as `secrets.create`. */
  readonly operation: string;
  /** The HTTP method. */
  readonly method: string;
  /** The path as the contract writes it, such as `/api/v1/secrets/{tagOrId}`. */
  readonly path: string;
  /** Which attempt of the call this was, counted from 1. */
  readonly attempt: number;
  /** The HTTP status; none where no answer came. */
  readonly status?: number;
  /** How long the attempt took, until its body was read, in milliseconds. */
  readonly durationMs: number;
  /** After how many milliseconds the next attempt is due; none where this was the last. */
  readonly retryInMs?: number;
  /** Names the request to the vendor's support, where the answer says so. */
  readonly requestId?: string;
}

/** The options of {@link createSecretsClient}. */
export interface ClientOptions extends LimitOptions {
  /**
   * The API key, or a function that gives it: asked before every attempt, and once more after a 401.
   * @defaultValue the environment's `CORTEX_API_KEY`
   */
  apiKey?: string | (() => string | Promise<string>);
  /**
   * Where Cortex is, with a path prefix if it has one. https only, and http for loopback hosts.
   * @defaultValue the environment's `CORTEX_BASE_URL`, else `https://api.getcortexapp.com`
   */
  baseUrl?: string | URL;
  /** How many requests may be under way at once. @defaultValue 16 */
  maxConcurrency?: number;
  /** Sends the requests. @defaultValue `globalThis.fetch`, looked up at each call */
  fetch?: Fetch;
  /** The `User-Agent` header. @defaultValue `cortex-secrets/VERSION`; none in browsers, which send their own */
  userAgent?: string;
  /** Told of every attempt, for logs and telemetry. What it throws is ignored. */
  onAttempt?: (event: AttemptEvent) => void;
}

/** All limits of a call, with their defaults. */
export interface Limits extends Required<RetryOptions> {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
}

const DEFAULTS: Limits = {
  timeoutMs: 30_000,
  deadlineMs: Number.POSITIVE_INFINITY,
  limit: 3,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 60_000,
};

const LIMITS = ['timeoutMs', 'deadlineMs', 'retry'];
const CALL = ['signal', ...LIMITS];
const CLIENT = ['apiKey', 'baseUrl', 'maxConcurrency', 'fetch', 'userAgent', 'onAttempt', ...LIMITS];
const RETRY = ['limit', 'baseDelayMs', 'maxDelayMs', 'maxRetryAfterMs'];

/** Milliseconds if the name says so, else a whole number; or Infinity. */
function checkNumber(name: string, value: unknown, least: number): void {
  const isTime = name.endsWith('Ms');
  const fits = isTime ? (value as number) <= MAX_TIMER_MS : Number.isInteger(value);
  if (typeof value === 'number' && value >= least && (fits || value === Number.POSITIVE_INFINITY)) return;
  const what = isTime ? `a number of milliseconds from ${least} to ${MAX_TIMER_MS}` : `a whole number from ${least}`;
  throw new RangeError(`${name}: give ${what}, or Infinity`);
}

/** `given` over `base`, checked. */
function limitsOf({ timeoutMs, deadlineMs, retry }: LimitOptions, base: Limits): Limits {
  if (timeoutMs === undefined && deadlineMs === undefined && retry === undefined) return base;
  if (retry !== undefined && retry !== false) assertKnownKeys('retry', retry, RETRY);
  const given = Object.entries({ timeoutMs, deadlineMs, ...(retry === false ? { limit: 0 } : retry) });
  const limits = { ...base, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
  checkNumber('timeoutMs', limits.timeoutMs, 1);
  checkNumber('deadlineMs', limits.deadlineMs, 1);
  for (const name of RETRY) checkNumber(`retry.${name}`, limits[name as keyof Limits], 0);
  return limits;
}

/** The options of one call, checked. */
export function callOptions(given: CallOptions, base: Limits): { signal: AbortSignal | undefined; limits: Limits } {
  assertKnownKeys('options', given, CALL);
  const { signal } = given;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError('signal: give an AbortSignal');
  return { signal, limits: limitsOf(given, base) };
}

/** The options of a client, checked and with their defaults. No message quotes the key. */
export function clientOptions(given: ClientOptions) {
  assertKnownKeys('createSecretsClient', given, CLIENT);
  const { maxConcurrency = 16, fetch, userAgent, onAttempt } = given;
  const apiKey = given.apiKey ?? environment('CORTEX_API_KEY');
  if (apiKey === undefined) throw new TypeError('apiKey: give one, or set CORTEX_API_KEY');
  if (typeof apiKey !== 'function') checkKey(apiKey);
  checkNumber('maxConcurrency', maxConcurrency, 1);
  for (const [name, value] of Object.entries({ fetch, onAttempt })) {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name}: give a function`);
  }
  if (userAgent !== undefined && !(typeof userAgent === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(userAgent))) {
    throw new TypeError('userAgent: give visible ASCII characters');
  }
  const baseUrl = checkedUrl(given.baseUrl ?? environment('CORTEX_BASE_URL') ?? 'https://api.getcortexapp.com');
  return { apiKey, baseUrl, maxConcurrency, fetch, userAgent, onAttempt, limits: limitsOf(given, DEFAULTS) };
}

/** An empty variable counts as one that is not set. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** Refuses what a header can't carry, without quoting it: Headers itself quotes what it refuses. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key === 'string' && /^[!-~]+$/.test(key)) return;
  throw new TypeError('apiKey: give a text of visible ASCII characters, without spaces and line breaks');
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** The address without a slash at its end. Not quoted when it is wrong: it may hold a password. */
function checkedUrl(given: string | URL): string {
  let problem = 'give an absolute URL, such as https://api.getcortexapp.com';
  if (URL.canParse(given)) {
    const { protocol, hostname, username, password, search, hash, href } = new URL(given);
    if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) {
      problem = 'give an https URL; http is for loopback hosts alone';
    } else if (username || password) problem = 'leave user and password out; the key goes into apiKey';
    else if (search || hash || /[?#]$/.test(href)) problem = 'leave query and fragment out';
    else return href.replace(/\/+$/, '');
  }
  throw new TypeError(`baseUrl: ${problem}`);
}
