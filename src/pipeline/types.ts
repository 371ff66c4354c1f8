/** What passes between the middleware of the pipeline. */
import type { SensitiveValues } from '../redaction/redact.js';

/** The init that the client passes to `fetch`. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  redirect: 'manual';
  /** Not where `Request` has no `cache`. */
  cache?: 'no-store';
  body?: string;
  signal?: AbortSignal;
}

/** What the client uses of the response of `fetch`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null; forEach(each: (value: string, name: string) => void): void };
  // biome-ignore lint/suspicious/noExplicitAny: the streams of DOM, Node and undici have types that don't fit each other
  readonly body?: any;
  /** Read if `body` is no stream of bytes. */
  text?(): Promise<string>;
}

/** The part of the standard `fetch` that the client uses; `globalThis.fetch` and undici's are of this type. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** A request before it is sent. Its `Authorization` header is added for each attempt. */
export interface HttpRequest {
  readonly url: string;
  /** The path as the contract writes it, without the user's values: `/api/v1/secrets/{tagOrId}`. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The size limit of a successful response's body, in bytes. */
  readonly maxResponseBytes: number;
}

/** A copy of the request with more headers. Field by field: the spread of an object takes several times as long. */
export const withHeaders = (request: HttpRequest, headers: Readonly<Record<string, string>>): HttpRequest => ({
  url: request.url,
  path: request.path,
  method: request.method,
  headers: { ...request.headers, ...headers },
  body: request.body,
  maxResponseBytes: request.maxResponseBytes,
});

/** A response whose body has been read. */
export interface BufferedResponse {
  /** The request that it belongs to. */
  readonly request: HttpRequest;
  readonly status: number;
  readonly headers: FetchResponse['headers'];
  readonly text: string;
  /** Whether `text` is only the beginning of the body. */
  readonly truncated: boolean;
  readonly retryAfterMs: number | undefined;
}

/** Too Many Requests: not processed, and retried for every method (RFC 6585, section 4). */
export const THROTTLED = 429;

/** The time limits and the retries of a call; times in milliseconds. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly maxRetries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly statusCodes: readonly number[];
}

/** What the server did with one attempt, as far as the client can know. */
export type AttemptOutcome = 'not-sent' | 'rejected' | 'unknown';

/** How far a call has got. Only call.ts changes it. */
export interface CallProgress {
  /** How many requests were sent. */
  readonly attempts: number;
  /** When the last one was sent, on the clock of `performance.now()`. */
  readonly attemptStartedAt: number;
  /** The duration of the last one, in milliseconds. */
  readonly attemptDurationMs: number;
  /** Whether the server may have processed an attempt that changes something, and whose response is not known. */
  readonly maybeProcessed: boolean;
  /** The outcome of the last attempt: `not-sent` before the first one, `unknown` while it is in flight. */
  readonly lastOutcome: AttemptOutcome;
}

/** One call of a user, from its first attempt to its last. */
export interface Call {
  /** The method that was called, such as `secrets.create`. */
  readonly operation: string;
  /** Distinguishes the calls of one process. */
  readonly id: number;
  /** The tag or the id that the user gave; may hold sensitive text. */
  readonly tagOrId: string | undefined;
  readonly limits: CallLimits;
  /** Ends the call: the caller's signal, or one that is narrowed to a deadline. */
  readonly signal: AbortSignal | undefined;
  /** When the whole call must be over, on the clock of `performance.now()`. */
  readonly deadline: number;
  /** Whether everything that the call sends may be sent twice, whatever its HTTP method. */
  readonly idempotent: boolean;
  /** The values and the keys that no error and no event may show. */
  readonly sensitiveValues: SensitiveValues;
  /** The number of retries of the request that is being sent. */
  readonly retryCount: number;
  readonly progress: CallProgress;
}

/** The one type between the middleware: each takes a `SendRequest` and returns a `SendRequest`. */
export type SendRequest = (request: HttpRequest, call: Call) => Promise<BufferedResponse>;

/** Middleware that a program of this package adds to those of the client. */
export interface AddedMiddleware {
  /** Around a whole call, within its deadline. */
  aroundCall(next: SendRequest): SendRequest;
  /** Around an attempt that may be sent now. */
  aroundAttempt(next: SendRequest): SendRequest;
}

/**
 * - `not-connected`: no connection was made, nothing was sent
 * - `interrupted`: the server may have processed the request
 * - `permanent`: nothing was sent, and another attempt would fail in the same way
 * - `refused`: fetch, or an error in a custom one, ended the attempt before anything was sent
 * - `unrecognized`: the error is not known to come from the network, and the server may have processed the request
 */
export type FailureKind = 'not-connected' | 'interrupted' | 'permanent' | 'refused' | 'unrecognized';

/** An attempt without a complete response. Never reaches the user: see retry.ts. */
export class NetworkFailure extends Error {
  readonly kind: FailureKind;
  readonly timedOut: boolean;
  readonly code: string | undefined;
  /** What the platform or a custom fetch says of it. Not redacted; the message has only words of our own. */
  readonly reason: string | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    { code, reason, timedOut = false }: { code?: string; reason?: string; timedOut?: boolean },
  ) {
    super(message);
    this.kind = kind;
    this.timedOut = timedOut;
    this.code = code;
    this.reason = reason;
  }
}
