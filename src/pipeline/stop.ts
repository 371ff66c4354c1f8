/** Ends calls without leaving open what they did: no attempt starts any more, and those in flight go on to their end. */
import { ConnectionError } from '../errors.js';
import { abortController, onAbort, throwIfAborted } from '../util/abort.js';
import { errorContext, outcomeWithoutResponse, withSignal } from './call.js';
import type { AddedMiddleware, CallProgress, SendRequest } from './types.js';

/**
 * When `stop` is aborted, calls end as soon as no attempt of theirs is in flight, with a ConnectionError whose cause is the
 * reason of `stop`. A signal of the call itself would end the attempts as well.
 */
export function stoppedBy(stop: AbortSignal): AddedMiddleware {
  /** The signals of the calls as they were given: the attempts keep them. */
  const signals = new WeakMap<CallProgress, AbortSignal | undefined>();

  return {
    aroundCall(next: SendRequest): SendRequest {
      return async (request, call) => {
        signals.set(call.progress, call.signal);
        const waits = abortController();
        const follow = (signal: AbortSignal) => onAbort(signal, waits.abort);
        const removeListeners = [stop, ...(call.signal ? [call.signal] : [])].map(follow);
        try {
          throwIfAborted(stop);
          return await next(request, withSignal(call, waits.signal));
        } catch (error) {
          if (!stop.aborted || error !== stop.reason) throw error;
          const context = errorContext(request, call, [{ own: 'stopped' }]);
          throw new ConnectionError(context, outcomeWithoutResponse(call), {
            kind: 'caller',
            timedOut: false,
            cause: error,
          });
        } finally {
          for (const removeListener of removeListeners) removeListener();
        }
      };
    },

    aroundAttempt(next: SendRequest): SendRequest {
      return async (request, call) => {
        throwIfAborted(stop);
        return next(request, withSignal(call, signals.get(call.progress)));
      };
    },
  };
}
