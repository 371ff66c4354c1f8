/** Which failed attempts are retried, when, and how often. */
import { ConnectionError, CortexError } from '../errors.js';
import { sleep } from '../util/abort.js';
import { errorContext, outcomeWithoutResponse } from './call.js';
import type { AttemptResult, ReportAttempt } from './events.js';
import { type Call, type HttpRequest, NetworkFailure, type SendRequest, THROTTLED } from './types.js';

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether an attempt that ended in this way may be sent again. */
function isRetryable(method: string, result: AttemptResult, call: Call): boolean {
  const isIdempotent = call.idempotent || IDEMPOTENT.has(method);
  if (result instanceof NetworkFailure)
    return result.kind === 'not-connected' || (result.kind === 'interrupted' && isIdempotent);
  return result.status === THROTTLED || (isIdempotent && call.limits.statusCodes.includes(result.status));
}

/** The next attempt: after which delay in milliseconds, and whether the throttle's pause is that delay. */
interface Retry {
  readonly delayMs: number;
  readonly isPause: boolean;
}

/**
 * The retry of an attempt that ended in this way, if there is one. Full jitter spreads clients that failed together; the
 * delay is never below Retry-After; a delay that would pass the deadline is not started.
 */
function nextRetry(
  retryCount: number,
  method: string,
  result: AttemptResult,
  call: Call,
  maxPauseMs: number,
): Retry | undefined {
  const { maxRetries, baseDelayMs, maxDelayMs, maxRetryAfterMs } = call.limits;
  const { status, retryAfterMs = 0 } = result instanceof NetworkFailure ? {} : result;
  if (retryCount >= maxRetries || retryAfterMs > maxRetryAfterMs || !isRetryable(method, result, call))
    return undefined;
  const jitterMs = Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** retryCount);
  const delayMs = Math.max(retryAfterMs, jitterMs);
  if (performance.now() + delayMs >= call.deadline) return undefined;
  const isPause = status === THROTTLED && jitterMs <= retryAfterMs && retryAfterMs <= maxPauseMs;
  return { delayMs, isPause };
}

/**
 * Retries what is retryable. Returns the last response, or throws the ConnectionError of the last failure. `maxPauseMs` is
 * the `maxRetryAfterMs` of the client: the throttle waits no longer, and a call may be willing to.
 */
export function withRetry(next: SendRequest, report: ReportAttempt, maxPauseMs: number): SendRequest {
  return async (request, call) => {
    for (let retryCount = 0; ; retryCount++) {
      const { attempts } = call.progress;
      // Stryker disable next-line ConditionalExpression: saves the copy of a call without a retry
      const attempt = retryCount === 0 ? call : { ...call, retryCount };
      const reportIfSent = (result: AttemptResult | { reason: unknown }, retryInMs?: number) => {
        if (call.progress.attempts > attempts) report(request, attempt, result, retryInMs);
      };
      let result: AttemptResult;
      try {
        result = await next(request, attempt);
      } catch (thrown) {
        if (!(thrown instanceof NetworkFailure)) {
          // An abort, or an error of the caller's own: the network didn't fail.
          reportIfSent({ reason: thrown });
          throw thrown instanceof CortexError || call.signal?.aborted ? thrown : errorOfUser(thrown, request, call);
        }
        result = thrown;
      }
      const retry = nextRetry(retryCount, request.method, result, call, maxPauseMs);
      reportIfSent(result, retry?.delayMs);
      if (!retry) {
        if (result instanceof NetworkFailure) throw connectionError(result, request, call);
        return result;
      }
      // With a timer of its own a call that waits for the end of the pause would lose its place at the head of the queue.
      if (!retry.isPause) await sleep(retry.delayMs, call.signal);
    }
  };
}

function connectionError(failure: NetworkFailure, request: HttpRequest, call: Call): ConnectionError {
  const { kind, message, reason, timedOut, code } = failure;
  const what = reason === undefined ? [{ own: message }] : [{ own: `${message}: ` }, reason];
  const isCallers = kind === 'refused' || kind === 'unrecognized';
  return new ConnectionError(errorContext(request, call, what), outcomeWithoutResponse(call), {
    timedOut,
    code,
    ...(isCallers && { kind: 'caller' }),
  });
}

/** An error of a function of the user: as it is, unless an attempt was made, since it says nothing about that. */
function errorOfUser(cause: unknown, request: HttpRequest, call: Call): unknown {
  if (call.progress.attempts === 0) return cause;
  const what = [{ own: 'a function of the options failed after an attempt; its error is the cause' }];
  const context = errorContext(request, call, what);
  return new ConnectionError(context, outcomeWithoutResponse(call), { kind: 'caller', timedOut: false, cause });
}
