/** Bounds one attempt, and one call as a whole. */
import { ConnectionError } from '../errors.js';
import { MAX_TIMER_MS, onAbort } from '../util/abort.js';
import { changesNothing, outcomeUnsent, type Send } from './send-with-fetch.js';

const limitReached = Symbol('limit reached');

/**
 * Runs `work` with a signal that follows `outer`, and is aborted with {@link limitReached} after `ms` milliseconds.
 * Rejects in that moment, since a custom fetch may not listen to its signal.
 */
function bounded<T>(ms: number, outer: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    outer?.throwIfAborted();
    const inner = new AbortController();
    const end = (reason: unknown) => {
      settle();
      reject(reason);
      inner.abort(reason);
    };
    const timer = ms <= MAX_TIMER_MS ? setTimeout(end, ms, limitReached) : undefined;
    const forget = outer && onAbort(outer, () => end(outer.reason));
    const settle = () => {
      clearTimeout(timer);
      forget?.();
    };
    work(inner.signal).finally(settle).then(resolve, reject);
  });
}

/** Ends an attempt after `timeoutMs`, its body included, or when the call is aborted; tells `fetch` to stop. */
export function withTimeout(next: Send): Send {
  return async ({ url, init }, call) => {
    const { timeoutMs } = call.limits;
    try {
      return await bounded(timeoutMs, call.signal, (signal) => next({ url, init: { ...init, signal } }, call));
    } catch (thrown) {
      if (thrown !== limitReached) throw thrown;
      const error = new ConnectionError(`no whole answer within ${timeoutMs} ms`, call, 'unknown', true);
      call.failure = { error, kind: 'broken' };
      throw error;
    }
  };
}

/** Ends a call after `deadlineMs`, its waits included. The steps of one call share the deadline that the first one set. */
export function withDeadline(next: Send): Send {
  return async (draft, call) => {
    const { signal: outer } = call;
    const { deadlineMs } = call.limits;
    outer?.throwIfAborted();
    if (deadlineMs > MAX_TIMER_MS) return next(draft, call);
    const now = performance.now();
    if (call.deadlineAt === Number.POSITIVE_INFINITY) call.deadlineAt = now + deadlineMs;
    try {
      return await bounded(call.deadlineAt - now, outer, (signal) => {
        call.signal = signal;
        return next(draft, call);
      });
    } catch (thrown) {
      if (thrown !== limitReached) throw thrown;
      const reading = changesNothing(draft.init.method) && call.attempts > 0;
      const outcome = reading ? 'unknown' : outcomeUnsent(call);
      throw new ConnectionError(`not done within its deadline of ${deadlineMs} ms`, call, outcome, true);
    } finally {
      call.signal = outer;
    }
  };
}
