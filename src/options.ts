/** What users may set, its defaults and its bounds. Each value is checked once, before anything is sent. */
import type { Fetch } from './fetch.js';
import { MAX_TIMER_MS } from './wait.js';

/** How often, and after how long, a failed attempt is repeated. */
export interface RetryOptions {
  /** How many times a request is repeated at most; 0 means one request. @defaultValue 3 */
  limit?: number;
  /** The bound of the first random wait, in milliseconds; it doubles with each repetition. @defaultValue 250 */
  minDelayMs?: number;
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
  minDelayMs: 250,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 60_000,
};

const RETRY = ['limit', 'minDelayMs', 'maxDelayMs', 'maxRetryAfterMs'];
const LIMITS = ['timeoutMs', 'deadlineMs', 'retry'];

/** Refuses names that are not in `names`: a misspelt option must not go unnoticed. */
export function known(what: string, given: unknown, names: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${what}: give an object with ${names.join(', ')}`);
  }
  for (const name of Object.keys(given)) {
    if (!names.includes(name))
      throw new TypeError(`${what}: there is no ${JSON.stringify(name)}; it takes ${names.join(', ')}`);
  }
}

function milliseconds(name: string, value: unknown, least: number): void {
  if (typeof value === 'number' && ((value >= least && value <= MAX_TIMER_MS) || value === Number.POSITIVE_INFINITY))
    return;
  throw new RangeError(`${name}: give a number of milliseconds from ${least} to ${MAX_TIMER_MS}, or Infinity`);
}

/** `given` over `base`, checked. */
export function limitsOf(given: LimitOptions, base: Limits = DEFAULTS): Limits {
  const { timeoutMs, deadlineMs, retry } = given;
  if (timeoutMs === undefined && deadlineMs === undefined && retry === undefined) return base;
  if (retry !== undefined && retry !== false) known('retry', retry, RETRY);
  const set = Object.entries({ timeoutMs, deadlineMs, ...(retry === false ? { limit: 0 } : retry) });
  const limits: Limits = { ...base, ...Object.fromEntries(set.filter(([, value]) => value !== undefined)) };
  milliseconds('timeoutMs', limits.timeoutMs, 1);
  milliseconds('deadlineMs', limits.deadlineMs, 1);
  milliseconds('retry.minDelayMs', limits.minDelayMs, 0);
  milliseconds('retry.maxDelayMs', limits.maxDelayMs, 0);
  milliseconds('retry.maxRetryAfterMs', limits.maxRetryAfterMs, 0);
  if (!(limits.limit >= 0 && (Number.isInteger(limits.limit) || limits.limit === Number.POSITIVE_INFINITY))) {
    throw new RangeError('retry.limit: give a whole number from 0, or Infinity');
  }
  return limits;
}

/** The options of one call, checked. */
export function callOptions(given: CallOptions, base: Limits): { signal: AbortSignal | undefined; limits: Limits } {
  known('options', given, ['signal', ...LIMITS]);
  const { signal } = given;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError('signal: give an AbortSignal');
  return { signal, limits: limitsOf(given, base) };
}

/** The options of a client, checked and with their defaults. No message quotes the key. */
export function clientOptions(given: ClientOptions) {
  const names = ['apiKey', 'baseUrl', 'maxConcurrency', 'fetch', 'userAgent', 'onAttempt', ...LIMITS];
  known('createSecretsClient', given, names);
  const { maxConcurrency = 16, fetch, userAgent, onAttempt } = given;
  const apiKey = given.apiKey ?? environment('CORTEX_API_KEY');
  if (apiKey === undefined) throw new TypeError('apiKey: give one, or set CORTEX_API_KEY');
  if (typeof apiKey !== 'function') checkKey(apiKey);
  if (!(maxConcurrency >= 1 && (Number.isInteger(maxConcurrency) || maxConcurrency === Number.POSITIVE_INFINITY))) {
    throw new RangeError('maxConcurrency: give a whole number from 1, or Infinity');
  }
  for (const [name, value] of Object.entries({ fetch, onAttempt })) {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name}: give a function`);
  }
  if (
    userAgent !== undefined &&
    !(typeof userAgent === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(userAgent))
  ) {
    throw new TypeError('userAgent: give visible ASCII characters');
  }
  const baseUrl = checkedUrl(given.baseUrl ?? environment('CORTEX_BASE_URL') ?? 'https://api.getcortexapp.com');
  return { apiKey, baseUrl, maxConcurrency, fetch, userAgent, onAttempt, limits: limitsOf(given) };
}

/** An empty variable counts as one that is not set. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** Refuses what a header can't carry, without quoting it: Headers itself quotes what it refuses. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError('apiKey: give a text of visible ASCII characters, without spaces and line breaks');
  }
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** The address without a slash at its end. Not quoted when it is wrong: it may hold a password. */
function checkedUrl(given: unknown): string {
  let url: URL;
  try {
    url = new URL(given as string | URL);
  } catch {
    throw new TypeError('baseUrl: give an absolute URL, such as https://api.getcortexapp.com');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    throw new TypeError('baseUrl: give an https URL; http is for loopback hosts alone');
  }
  if (url.username || url.password)
    throw new TypeError('baseUrl: leave user and password out; the key goes into apiKey');
  if (url.search || url.hash || /[?#]$/.test(url.href)) throw new TypeError('baseUrl: leave query and fragment out');
  return url.href.replace(/\/+$/, '');
}
