/** Reports each attempt to the user's `onAttempt`: for logs and telemetry. */
import { redact } from '../redaction/redact.js';
import { readText, runDetached } from '../util/foreign.js';
import type { LimiterError, SharedLimiter } from './limiter.js';
import { type BufferedResponse, type Call, type HttpRequest, NetworkFailure } from './types.js';

/** How an attempt ended. Holds no value of a secret and no key. */
export interface AttemptEvent {
  /** The method that was called, such as `secrets.create`. */
  readonly operation: string;
  /** The same for all attempts of one call, and for no other call of this process. */
  readonly callId: number;
  /** The HTTP method. */
  readonly method: string;
  /** The path as the contract writes it, such as `/api/v1/secrets/{tagOrId}`. */
  readonly path: string;
  /** The number of this attempt within the call, counted from 1. */
  readonly attempt: number;
  /**
   * How often this request was retried before: 0 for its first attempt. Less than `attempt - 1` if a call sends several
   * requests, as `set` does, or if a 401 led to another key.
   */
  readonly retryCount: number;
  /** The HTTP status; none if no response was received, or a 2xx that is incomplete. */
  readonly status?: number;
  /** Why there is no status. */
  readonly error?: AttemptError;
  /** The duration of the attempt, until its body was read, in whole milliseconds. */
  readonly durationMs: number;
  /** The delay before the next attempt, in whole milliseconds; none if this was the last. */
  readonly retryInMs?: number;
  /** The id by which the vendor's support finds the request, if the response has one. */
  readonly requestId?: string;
  /** Why the `limiter` was not used; only once until it works again. This attempt, or one before it, went without it. */
  readonly limiterError?: LimiterError;
}

/** Why an attempt has no response. */
export interface AttemptError {
  /** `ConnectionError`, or the name of the reason that ended the call, such as `AbortError`. */
  readonly name: string;
  /** The platform's code, such as `ECONNRESET`, if it gives one. */
  readonly code?: string;
  /** Whether `timeoutMs` or `deadlineMs` ended the attempt. */
  readonly timedOut: boolean;
}

/** An attempt ends with a response or without one. */
export type AttemptResult = BufferedResponse | NetworkFailure;

/** Reports the attempt that has just ended; `retryInMs` is the delay before the next one, if there will be one. */
export type ReportAttempt = (
  request: HttpRequest,
  call: Call,
  result: AttemptResult | { reason: unknown },
  retryInMs: number | undefined,
) => void;

/** The request id of a response's headers. */
function requestIdOf(response: BufferedResponse, call: Call): string | undefined {
  const id = response.headers.get('x-request-id');
  return id ? redact(id, call.sensitiveValues) : undefined;
}

export function attemptReporter(
  onAttempt: ((event: AttemptEvent) => void) | undefined,
  limiter?: SharedLimiter,
): ReportAttempt {
  if (!onAttempt) return () => {};
  return (request, call, result, retryInMs) => {
    const response = 'status' in result ? result : undefined;
    const requestId = response && requestIdOf(response, call);
    const limiterError = limiter?.takeError();
    const event: AttemptEvent = {
      operation: call.operation,
      callId: call.id,
      method: request.method,
      path: request.path,
      attempt: call.progress.attempts,
      retryCount: call.retryCount,
      durationMs: Math.round(call.progress.attemptDurationMs),
      ...('status' in result ? { status: result.status } : { error: attemptError(result) }),
      ...(retryInMs !== undefined && { retryInMs: Math.round(retryInMs) }),
      ...(requestId && { requestId }),
      ...(limiterError && { limiterError }),
    };
    // A failing hook must not fail the call: a secret that was created stays created.
    runDetached(() => onAttempt(event));
  };
}

function attemptError(result: NetworkFailure | { reason: unknown }): AttemptError {
  if (result instanceof NetworkFailure) {
    const { code, timedOut } = result;
    return { name: 'ConnectionError', ...(code !== undefined && { code }), timedOut };
  }
  // The reason of an abort is the caller's. Not by DOMException: some runtimes have none, and jsdom has one of its own.
  const given = readText(() => (result.reason as Error).name);
  const name = given === 'AbortError' || given === 'TimeoutError' ? given : 'Error';
  return { name, timedOut: name === 'TimeoutError' };
}
