/** The bookkeeping of a call, and the outcome that follows from it. */
import type { Outcome } from '../errors.js';
import type { Call, CallProgress, HttpRequest, NetworkFailure } from './types.js';

type MutableProgress = { -readonly [name in keyof CallProgress]: CallProgress[name] };

/** Starts the bookkeeping of one call. */
export function startCall(settings: Omit<Call, 'progress' | 'deadline'>): Call {
  return {
    ...settings,
    deadline: performance.now() + settings.limits.deadlineMs,
    progress: { attempts: 0, attemptStartedAt: 0, maybeProcessed: false },
  };
}

/**
 * Records that an attempt starts. Until its response is known, the server may have processed it: the returned function
 * records that it surely has not, or that its response leaves no doubt.
 */
export function startAttempt({ method }: HttpRequest, call: Call): () => void {
  const progress: MutableProgress = call.progress;
  const { maybeProcessed } = progress;
  progress.attempts++;
  progress.attemptStartedAt = performance.now();
  progress.maybeProcessed ||= !isSafe(method);
  return () => {
    progress.maybeProcessed = maybeProcessed;
  };
}

/** Whether a method changes nothing on the server (RFC 9110, section 9.2.1). */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

/** Whether a response with this status leaves open whether the server has processed the request. */
export const isAmbiguous = (status: number): boolean => status === 408 || status >= 500;

/** The outcome of a call that ends with an error response. */
export function outcomeOfResponse(status: number, { progress }: Call): Outcome {
  if (progress.attempts === 0) return 'not-sent';
  return isAmbiguous(status) || progress.maybeProcessed ? 'unknown' : 'rejected';
}

/** The outcome of a call that ends without a response: an earlier attempt may have been processed. */
export function outcomeOfFailure({ kind }: Pick<NetworkFailure, 'kind'>, { progress }: Call): 'not-sent' | 'unknown' {
  return kind === 'interrupted' || progress.maybeProcessed ? 'unknown' : 'not-sent';
}

/** The outcome of a call whose deadline has passed. */
export function outcomeOfDeadline({ method }: HttpRequest, { progress }: Call): 'not-sent' | 'unknown' {
  const isReading = isSafe(method) && progress.attempts > 0;
  return isReading || progress.maybeProcessed ? 'unknown' : 'not-sent';
}
