/** Waiting that ends at once on abort, and leaves no timer and no listener behind. */

/** The longest time that a timer holds: from 2^31 ms on, setTimeout fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Settles as `work` does, unless `signal` is aborted first: then rejects with the signal's own reason.
 * Listens itself since `AbortSignal.any` leaks on long-lived signals, and `timers/promises` makes up a reason.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}

/** Resolves after `ms` milliseconds, which may be more than one timer holds. */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (let left = ms; left > 0; left -= MAX_TIMER_MS) {
      const step = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(left, MAX_TIMER_MS));
      });
      await untilAborted(step, signal);
    }
  } finally {
    clearTimeout(timer);
  }
}
