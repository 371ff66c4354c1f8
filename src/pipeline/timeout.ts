/** Limits the time of one attempt, and of a function of the user. */
import { settled } from '../util/foreign.js';
import { withTimeLimit } from '../util/time-limit.js';
import { endAttempt, withSignal } from './call.js';
import { type Call, NetworkFailure, type SendRequest } from './types.js';

/** Ends an attempt after `timeoutMs`, its body included, or when the call is aborted; aborts the signal of `fetch`. */
export function withTimeout(next: SendRequest): SendRequest {
  return async (request, call) => {
    const { timeoutMs } = call.limits;
    const timedOut = () => new NetworkFailure('interrupted', `timed out after ${timeoutMs} ms`, { timedOut: true });
    try {
      return await withTimeLimit(timeoutMs, call.signal, timedOut, (signal) => next(request, withSignal(call, signal)));
    } finally {
      endAttempt(call);
    }
  };
}

/**
 * What a function of the user returns, which is called within `timeoutMs`. A time-out is not retried: another call of the
 * function would hang too, and nothing was sent.
 */
export function askUser<T>(
  option: string,
  ask: () => T | Promise<T>,
  { limits, signal }: Pick<Call, 'limits' | 'signal'>,
): Promise<T> {
  const { timeoutMs } = limits;
  const message = `the ${option} function did not return within ${timeoutMs} ms`;
  const timedOut = () => new NetworkFailure('permanent', message, { timedOut: true });
  return withTimeLimit(timeoutMs, signal, timedOut, () => settled(ask));
}
