/** Limits the time of a whole call. */
import { ConnectionError } from '../errors.js';
import { MAX_TIMER_MS, reasonOf } from '../util/abort.js';
import { withTimeLimit } from '../util/time-limit.js';
import { errorContext, outcomeWithoutResponse, withSignal } from './call.js';
import type { SendRequest } from './types.js';

/** Ends a call at its deadline, its waits included. The requests of one call (those of `set`) share the deadline. */
export function withDeadline(next: SendRequest): SendRequest {
  // Not async: most calls have no deadline.
  return (request, call) => {
    const { deadlineMs } = call.limits;
    if (call.signal?.aborted) return Promise.reject(reasonOf(call.signal));
    if (deadlineMs > MAX_TIMER_MS) return next(request, call);
    const exceeded = () => {
      const what = [{ own: `deadline of ${deadlineMs} ms exceeded` }];
      return new ConnectionError(errorContext(request, call, what), outcomeWithoutResponse(call), {
        timedOut: true,
      });
    };
    const left = call.deadline - performance.now();
    // A fetch that responds at once lets no timer fire between the pages of a list.
    if (left <= 0) return Promise.reject(exceeded());
    return withTimeLimit(left, call.signal, exceeded, (signal) => next(request, withSignal(call, signal)));
  };
}
