/** The bookkeeping of a call, and the outcome that follows from it. */
import type { ErrorContext } from '../errors.js';
import { type Piece, redactAll, type Text } from '../redaction/redact.js';
import type { AttemptOutcome, Call, CallProgress, HttpRequest } from './types.js';

type MutableProgress = { -readonly [name in keyof CallProgress]: CallProgress[name] };

let callCount = 0;

/** Starts the bookkeeping of one call. Field by field: a copy of an object takes longer than all else that a call needs. */
export function newCall(settings: Omit<Call, 'id' | 'retryCount' | 'progress'>): Call {
  const { operation, tagOrId, limits, signal, deadline, idempotent, sensitiveValues } = settings;
  return {
    operation,
    id: ++callCount,
    tagOrId,
    limits,
    signal,
    deadline,
    idempotent,
    sensitiveValues,
    retryCount: 0,
    progress: {
      attempts: 0,
      attemptStartedAt: 0,
      attemptDurationMs: 0,
      maybeProcessed: false,
      lastOutcome: 'not-sent',
    },
  };
}

/** A copy of the call with another signal, and the same progress. */
export const withSignal = (call: Call, signal: AbortSignal | undefined): Call => ({
  operation: call.operation,
  id: call.id,
  tagOrId: call.tagOrId,
  limits: call.limits,
  signal,
  deadline: call.deadline,
  idempotent: call.idempotent,
  sensitiveValues: call.sensitiveValues,
  retryCount: call.retryCount,
  progress: call.progress,
});

/**
 * Records that an attempt starts. Its outcome is unknown until the returned function settles it, once.
 */
export function startAttempt({ method }: HttpRequest, call: Call): (outcome: AttemptOutcome) => void {
  const progress: MutableProgress = call.progress;
  const { maybeProcessed } = progress;
  progress.attempts++;
  progress.attemptStartedAt = performance.now();
  progress.maybeProcessed ||= !isSafe(method);
  progress.lastOutcome = 'unknown';
  return (outcome) => {
    progress.lastOutcome = outcome;
    if (outcome !== 'unknown') progress.maybeProcessed = maybeProcessed;
  };
}

/** Records how long the attempt took: what follows, such as a wait for a newer key, is not part of it. */
export function endAttempt(call: Call): void {
  const progress: MutableProgress = call.progress;
  progress.attemptDurationMs = performance.now() - progress.attemptStartedAt;
}

/** Whether a method changes nothing on the server (RFC 9110, section 9.2.1). */
const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

/**
 * Whether a response leaves open whether the server has processed the request. 307 and 308 ask for the same request at
 * another place (RFC 9110, section 15.4), so it was not processed; other redirects may follow a request that was, as 303
 * does. Browsers hide the status of a redirect: it is 0.
 */
export function isAmbiguous(status: number, method: string): boolean {
  // 460 and 499: load balancers say that their client has left, perhaps after the request was passed on.
  if (status === 408 || status === 460 || status === 499 || status >= 500) return true;
  return !isSafe(method) && (status < 200 || (status >= 300 && status < 400 && status !== 307 && status !== 308));
}

/** The outcome of a call that ends now with an error: that of its last attempt, unless an earlier one may have been processed. */
export function outcome({ progress }: Call): AttemptOutcome {
  return progress.maybeProcessed ? 'unknown' : progress.lastOutcome;
}

/** The outcome of a call that ends without a response: what was rejected before does not count as sent. */
export function outcomeWithoutResponse(call: Call): 'not-sent' | 'unknown' {
  return outcome(call) === 'unknown' ? 'unknown' : 'not-sent';
}

/**
 * What an error says of its call: the message, which says `what` happened, and the tag. The tag is the caller's own, and
 * hidden only if it is a value.
 */
export function errorTexts({ operation, progress, sensitiveValues, tagOrId }: Call, what: readonly Piece[]): Text[] {
  const end = { own: progress.attempts > 1 ? ` (${progress.attempts} attempts)` : '' };
  if (tagOrId === undefined) return [[{ own: `${operation}: ` }, ...what, end]];
  const isSecret = sensitiveValues.isIn(tagOrId);
  const [tag, quoted] = [tagOrId, JSON.stringify(tagOrId).slice(1, -1)].map((text): Piece => {
    const shown = text.slice(0, MAX_TAG_LENGTH);
    return isSecret ? shown : { own: shown };
  }) as [Piece, Piece];
  return [[{ own: `${operation}("` }, quoted, { own: '"): ' }, ...what, end], [tag]];
}

const MAX_TAG_LENGTH = 4000;

/** What an error says of its call and its request; `texts` are those of `errorTexts`, redacted. */
export const errorContext = (
  { method, path }: HttpRequest,
  call: Call,
  what: readonly Piece[],
  [message, tagOrId] = redactAll(errorTexts(call, what), call.sensitiveValues),
): ErrorContext => ({
  message: message as string,
  operation: call.operation,
  attempts: call.progress.attempts,
  method,
  path,
  tagOrId,
});
