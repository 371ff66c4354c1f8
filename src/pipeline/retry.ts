/** Which failed attempts are retried, when, and how often. */
import { ConnectionError } from '../errors.js';
import { sleep } from '../util/abort.js';
import { errorContext, outcomeOfFailure } from './call.js';
import type { AttemptResult, ReportAttempt } from './events.js';
import { type Call, type HttpRequest, NetworkFailure, type SendRequest } from './types.js';

/** Not processed (RFC 6585, section 4): retried for every method. */
const THROTTLED = 429;
/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether an attempt that ended in this way may be sent again. */
function isRetryable(method: string, result: AttemptResult, call: Call): boolean {
  const isIdempotent = call.idempotent || IDEMPOTENT.has(method);
  if (result instanceof NetworkFailure)
    return result.kind === 'not-connected' || (result.kind === 'interrupted' && isIdempotent);
  return result.status === THROTTLED || (isIdempotent && call.limits.statusCodes.includes(result.status));
}

/**
 * The delay before the next attempt, in milliseconds; undefined if there is none. Full jitter spreads clients that failed
 * together; the delay is never below Retry-After; a delay that would pass the deadline is not started.
 */
function retryDelay(retryCount: number, method: string, result: AttemptResult, call: Call): number | undefined {
  const { limit, baseDelayMs, maxDelayMs, maxRetryAfterMs } = call.limits;
  const retryAfterMs = (result instanceof NetworkFailure ? undefined : result.retryAfterMs) ?? 0;
  if (retryCount >= limit || retryAfterMs > maxRetryAfterMs || !isRetryable(method, result, call)) return undefined;
  const delay = Math.max(retryAfterMs, Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** retryCount));
  return performance.now() + delay < call.deadline ? delay : undefined;
}

/** Retries what is retryable. Returns the last response, or throws the ConnectionError of the last failure. */
export function withRetry(next: SendRequest, report: ReportAttempt): SendRequest {
  return async (request, call) => {
    for (let retryCount = 0; ; retryCount++) {
      const { attempts } = call.progress;
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
          throw thrown;
        }
        result = thrown;
      }
      const delay = retryDelay(retryCount, request.method, result, call);
      reportIfSent(result, delay);
      if (delay === undefined) {
        if (result instanceof NetworkFailure) throw connectionError(result, request, call);
        return result;
      }
      // A 429 has paused the whole client until then: with a timer of its own the call would lose its place at the head
      // of the queue.
      const isPaused =
        !(result instanceof NetworkFailure) && result.status === THROTTLED && delay === result.retryAfterMs;
      if (!isPaused) await sleep(delay, call.signal);
    }
  };
}

function connectionError(failure: NetworkFailure, request: HttpRequest, call: Call): ConnectionError {
  const { message, reason, timedOut, code } = failure;
  const what = reason === undefined ? [{ own: message }] : [{ own: `${message}: ` }, reason];
  return new ConnectionError(errorContext(request, call, what), outcomeOfFailure(failure, call), { timedOut, code });
}
