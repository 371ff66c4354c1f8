/** Limits the time of one attempt. */
import { withTimeLimit } from '../util/time-limit.js';
import { endAttempt, withSignal } from './call.js';
import { NetworkFailure, type SendRequest } from './types.js';

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
