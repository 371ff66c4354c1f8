/** Waiting that ends at once on abort, and leaves no timer and no listener. */

/** The longest delay of a timer, in milliseconds: from 2^31 on, setTimeout fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

type Callback = (reason: unknown) => void;

interface Entry {
  callbacks: Set<Callback>;
  listener?: () => void;
}

/** The callbacks of each signal. One listener calls them all: Node warns of more than ten on one signal. */
const callbacksOf = new WeakMap<AbortSignal, Entry>();

function callAll(callbacks: Set<Callback>, reason: unknown): void {
  for (const callback of callbacks) callback(reason);
}

/** The signal may be an object of the user: without a reason, as a polyfill's, or one whose getter throws. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    const { reason = Object.assign(new Error('The call was aborted'), { name: 'AbortError' }) } = signal;
    return reason;
  } catch (error) {
    return error;
  }
}

/**
 * Not within `onAbort`: closures of one function share its variables, and the listener lives as long as the signal. It would
 * keep the first callback, and with it the value of that call.
 */
function newEntry(signal: AbortSignal): Entry {
  const callbacks = new Set<Callback>();
  const entry = { callbacks, listener: () => callAll(callbacks, reasonOf(signal)) };
  callbacksOf.set(signal, entry);
  return entry;
}

/** As the signal's own method, which jsdom lacks in Jest 29. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** Calls `callback` with the reason when `signal` is aborted. Returns a function that removes it, and throws nothing. */
export function onAbort(signal: AbortSignal, callback: Callback): () => void {
  const { callbacks, listener } = callbacksOf.get(signal) ?? newEntry(signal);
  // Stryker disable next-line ConditionalExpression,LogicalOperator: a signal adds the same listener only once
  if (listener && callbacks.size === 0) signal.addEventListener('abort', listener);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    try {
      if (listener && callbacks.size === 0) signal.removeEventListener('abort', listener);
    } catch {
      // The user's signal keeps a listener without callbacks.
    }
  };
}

/** An AbortController whose signal needs no listener for {@link onAbort}: a listener costs as much as the signal itself. */
export function abortController(): { readonly signal: AbortSignal; abort(reason: unknown): void } {
  const controller = new AbortController();
  const { signal } = controller;
  const callbacks = new Set<Callback>();
  callbacksOf.set(signal, { callbacks });
  return {
    signal,
    abort(reason) {
      controller.abort(reason);
      callAll(callbacks, reason);
    },
  };
}

/**
 * Settles as `work` does, unless `signal` is aborted first: then rejects with the signal's own reason.
 * Not `AbortSignal.any`, which leaks on long-lived signals in Node 20, nor `timers/promises`, which has a reason of its own.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (reason: unknown) => {
      removeListener(); // the work may never settle
      reject(reason);
    };
    const removeListener = onAbort(signal, abort);
    work.then(resolve, reject).finally(removeListener);
    if (signal.aborted) abort(reasonOf(signal));
  });
}

/** Resolves after `ms` milliseconds, which may be more than one timer can wait. */
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
