/** Waiting that ends at once on abort, and leaves no timer and no listener behind. */

/** The longest time that a timer holds: from 2^31 ms on, setTimeout fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** What is to be run when a signal is aborted. One listener serves all: Node warns of more than ten on one signal. */
const waiting = new WeakMap<AbortSignal, { run: Set<() => void>; tell: () => void }>();

/** Runs `stop` when `signal` is aborted, until the function that it gives is called. */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  let hub = waiting.get(signal);
  if (!hub) {
    const run = new Set<() => void>();
    const tell = () => {
      for (const each of run) each();
    };
    hub = { run, tell };
    waiting.set(signal, hub);
  }
  const { run, tell } = hub;
  if (run.size === 0) signal.addEventListener('abort', tell);
  run.add(stop);
  return () => {
    run.delete(stop);
    if (run.size === 0) signal.removeEventListener('abort', tell);
  };
}

/**
 * Settles as `work` does, unless `signal` is aborted first: then rejects with the signal's own reason.
 * Not `AbortSignal.any`, which leaks on long-lived signals, nor `timers/promises`, which makes up a reason.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => {
      forget(); // the work may never settle
      reject(signal.reason);
    };
    const forget = onAbort(signal, stop);
    work.then(resolve, reject).finally(forget);
    if (signal.aborted) stop();
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
