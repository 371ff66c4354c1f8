/** Work with a limit in time. */
import { abortController, MAX_TIMER_MS, onAbort, throwIfAborted } from './abort.js';

/** Named as the reason of `AbortSignal.timeout`, but no DOMException, which not all runtimes have. */
const TIMEOUT = Object.assign(new Error('The time limit was reached.'), { name: 'TimeoutError' });

/**
 * Runs `work` with a signal that follows `outer` and is aborted after `ms` milliseconds. Rejects in that moment, with the
 * error that `limitError` makes or with the reason of `outer`, since `work` may ignore its signal. Unless `keepsAlive`, a
 * process may end before the limit.
 */
export function withTimeLimit<T>(
  ms: number,
  outer: AbortSignal | undefined,
  limitError: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
  { keepsAlive = true } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    throwIfAborted(outer);
    const inner = abortController();
    const end = (error: unknown, reason: unknown) => {
      settle();
      reject(error);
      inner.abort(reason);
    };
    const expire = () => end(limitError(), TIMEOUT);
    // Before the timer: an object of the user may throw.
    const removeListener = outer && onAbort(outer, (reason) => end(reason, reason));
    const timer = ms <= MAX_TIMER_MS ? setTimeout(expire, ms) : undefined;
    if (!keepsAlive) (timer as { unref?(): void } | undefined)?.unref?.();
    const settle = () => {
      clearTimeout(timer);
      removeListener?.();
    };
    // Not by finally(), which makes two more promises.
    work(inner.signal).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}
