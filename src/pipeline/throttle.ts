/** Limits the number of attempts at once, and pauses the whole client after a 429. */
import { MAX_TIMER_MS, untilAborted } from '../util/abort.js';
import type { BufferedResponse, Call, HttpRequest, SendRequest } from './types.js';

/** A slot for one attempt: the number of the last pause when it was acquired. */
type Slot = number;

interface QueuedCall {
  readonly request: HttpRequest;
  readonly call: Call;
  settle(result: Slot | BufferedResponse): void;
}

/** The longest pause if `maxRetryAfterMs` is Infinity: one absurd Retry-After must not end a client. */
const MAX_PAUSE_MS = 3_600_000;

/** The 429 that started the pause, for a call that won't wait as long. Without its body: it belongs to another call. */
const throttledResponse = (request: HttpRequest, retryAfterMs: number): BufferedResponse => ({
  request,
  status: 429,
  headers: new Headers(),
  text: '',
  truncated: false,
  retryAfterMs,
});

/** `maxRetryAfterMs` is the client's own: a call may have another. */
export function withThrottle(next: SendRequest, maxConcurrency: number, maxRetryAfterMs: number): SendRequest {
  const throttledQueue: QueuedCall[] = []; // calls that were sent before: they go first
  const queue: QueuedCall[] = [];
  let active = 0;
  let activeSincePause = 0;
  let pausedUntil = 0; // on the clock of performance.now()
  let retryAfterUntil = 0; // the end that the server asked for, which may be later
  let pauseCount = 0;
  let isProbing = false; // after a pause one attempt goes first: a burst would only be throttled again
  let timer: ReturnType<typeof setTimeout> | undefined;

  const pauseLeft = () => pausedUntil - performance.now();
  /** How long the server wants calls to wait, if that is longer than a call is willing to. */
  const tooLong = ({ limits }: Call) => {
    const left = retryAfterUntil - performance.now();
    return pauseLeft() > 0 && left > limits.maxRetryAfterMs ? left : undefined;
  };
  const hasSlot = () => active < maxConcurrency && !(isProbing && activeSincePause > 0);

  function takeSlot(): Slot {
    active++;
    activeSincePause++;
    return pauseCount;
  }

  function release(slot: Slot): void {
    active--;
    // An attempt that was sent before the pause began says nothing about its end.
    if (slot === pauseCount) {
      activeSincePause--;
      isProbing = false;
    }
    processQueue();
  }

  /** Gives free slots to the calls that wait. */
  function processQueue(): void {
    // One look at the clock: if the pause ended between two, neither a slot nor a timer would be given.
    const left = pauseLeft();
    while (left <= 0 && hasSlot()) {
      const first = throttledQueue.shift() ?? queue.shift();
      if (!first) break;
      first.settle(takeSlot());
    }
    clearTimeout(timer);
    const isWaiting = left > 0 && throttledQueue.length + queue.length > 0;
    timer = isWaiting ? setTimeout(processQueue, Math.min(left, MAX_TIMER_MS)) : undefined;
  }

  /** Starts or prolongs the pause; calls with a shorter maxRetryAfterMs fail now. */
  function pause(retryAfterMs: number, { limits }: Call): void {
    pauseCount++;
    activeSincePause = 0;
    isProbing = true;
    const now = performance.now();
    const longest = Math.max(maxRetryAfterMs, limits.maxRetryAfterMs);
    const maxPauseMs = longest === Number.POSITIVE_INFINITY ? MAX_PAUSE_MS : longest;
    retryAfterUntil = Math.max(pausedUntil > now ? retryAfterUntil : 0, now + retryAfterMs);
    pausedUntil = Math.max(pausedUntil, now + Math.min(retryAfterMs, maxPauseMs));
    for (const each of [throttledQueue, queue]) {
      for (const queued of each.splice(0)) {
        const left = tooLong(queued.call);
        if (left === undefined) each.push(queued);
        else queued.settle(throttledResponse(queued.request, left));
      }
    }
  }

  async function acquire(request: HttpRequest, call: Call): Promise<Slot | BufferedResponse> {
    if (pauseLeft() <= 0 && queue.length + throttledQueue.length === 0 && hasSlot()) return takeSlot();
    const left = tooLong(call);
    if (left !== undefined) return throttledResponse(request, left);
    const target = call.progress.attempts > 0 ? throttledQueue : queue;
    let queued!: QueuedCall;
    const acquired = new Promise<Slot | BufferedResponse>((settle) => {
      queued = { request, call, settle };
      target.push(queued);
    });
    processQueue();
    try {
      return await untilAborted(acquired, call.signal);
    } catch (reason) {
      const position = target.indexOf(queued);
      if (position >= 0) {
        target.splice(position, 1);
        processQueue();
      } else {
        const result = await acquired; // it was given in the moment of the abort
        if (typeof result === 'number') release(result);
      }
      throw reason;
    }
  }

  return async (request, call) => {
    const slot = await acquire(request, call);
    if (typeof slot !== 'number') return slot;
    try {
      const response = await next(request, call);
      if (response.status === 429 && response.retryAfterMs) pause(response.retryAfterMs, call);
      return response;
    } finally {
      release(slot);
    }
  };
}
