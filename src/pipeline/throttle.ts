/** Limits the number of attempts at once, and pauses the whole client after a 429. */
import { MAX_TIMER_MS, untilAborted } from '../util/abort.js';
import type { SharedLimit } from './limiter.js';
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

/** How long an attempt keeps its slot while it waits for the limiter: longer waits must not hold up other calls. */
const MAX_HELD_MS = 1000;

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
export function withThrottle(
  next: SendRequest,
  maxConcurrency: number,
  maxRetryAfterMs: number,
  limiter?: SharedLimit,
): SendRequest {
  const permittedQueue: QueuedCall[] = []; // calls with the limiter's permission: it is for now
  const throttledQueue: QueuedCall[] = []; // calls that were sent before: they go first
  const queue: QueuedCall[] = [];
  const queues = [permittedQueue, throttledQueue, queue];
  let active = 0;
  let activeSincePause = 0;
  let asking = 0; // those of the active that wait for the limiter, and hold up no call that has its permission
  let askingSincePause = 0;
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
  const hasSlotForPermitted = () =>
    active - asking < maxConcurrency && !(isProbing && activeSincePause - askingSincePause > 0);

  function takeSlot(): Slot {
    active++;
    activeSincePause++;
    return pauseCount;
  }

  function release(slot: Slot, wasSent: boolean): void {
    active--;
    // An attempt that was sent before the pause began says nothing about its end.
    if (slot === pauseCount) {
      activeSincePause--;
      if (wasSent) isProbing = false;
    }
    processQueue();
  }

  /** Gives free slots to the calls that wait. */
  function processQueue(): void {
    // One look at the clock: if the pause ended between two, neither a slot nor a timer would be given.
    const left = pauseLeft();
    while (left <= 0) {
      const permitted = hasSlotForPermitted() ? permittedQueue.shift() : undefined;
      const first = permitted ?? (hasSlot() ? (throttledQueue.shift() ?? queue.shift()) : undefined);
      if (!first) break;
      first.settle(takeSlot());
    }
    clearTimeout(timer);
    const isWaiting = left > 0 && queues.some(({ length }) => length > 0);
    timer = isWaiting ? setTimeout(processQueue, Math.min(left, MAX_TIMER_MS)) : undefined;
  }

  /** Starts or prolongs the pause; calls with a shorter maxRetryAfterMs fail now. */
  function pause(retryAfterMs: number, call: Call): void {
    pauseCount++;
    activeSincePause = 0;
    askingSincePause = 0;
    isProbing = true;
    const now = performance.now();
    const longest = Math.max(maxRetryAfterMs, call.limits.maxRetryAfterMs);
    const maxPauseMs = longest === Number.POSITIVE_INFINITY ? MAX_PAUSE_MS : longest;
    retryAfterUntil = Math.max(pausedUntil > now ? retryAfterUntil : 0, now + retryAfterMs);
    const pauseMs = Math.min(retryAfterMs, maxPauseMs);
    pausedUntil = Math.max(pausedUntil, now + pauseMs);
    limiter?.pause(pauseMs, call);
    for (const each of queues) {
      for (const queued of each.splice(0)) {
        const left = tooLong(queued.call);
        if (left === undefined) each.push(queued);
        else queued.settle(throttledResponse(queued.request, left));
      }
    }
  }

  async function acquire(
    request: HttpRequest,
    call: Call,
    target = call.progress.attempts > 0 ? throttledQueue : queue,
  ): Promise<Slot | BufferedResponse> {
    if (pauseLeft() <= 0 && queue.length + throttledQueue.length === 0 && hasSlot()) return takeSlot();
    const left = tooLong(call);
    if (left !== undefined) return throttledResponse(request, left);
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
        if (typeof result === 'number') release(result, false);
      }
      throw reason;
    }
  }

  /** Counts a slot among those that ask. The returned function ends that, and must be called once. */
  function startAsking(slot: Slot): () => void {
    asking++;
    if (slot === pauseCount) askingSincePause++;
    return () => {
      asking--;
      if (slot === pauseCount) askingSincePause--;
    };
  }

  /**
   * A slot, and the limiter's permission to use it. In this order, so that a permission is used when it is given. While the
   * limiter is asked, the slot keeps other calls from asking too, for a while, but not from sending. If a pause began
   * meanwhile, the permission is out of date.
   */
  async function acquirePermitted(
    request: HttpRequest,
    call: Call,
    { acquire: permission }: SharedLimit,
  ): Promise<Slot | BufferedResponse> {
    let slot = await acquire(request, call);
    while (typeof slot === 'number') {
      const held = slot;
      const stopAsking = startAsking(held);
      let isHeld = true;
      const giveBack = () => {
        if (!isHeld) return;
        isHeld = false;
        stopAsking();
        release(held, false);
      };
      const timer = setTimeout(giveBack, MAX_HELD_MS);
      try {
        await permission(call);
      } catch (reason) {
        giveBack();
        throw reason;
      } finally {
        clearTimeout(timer);
      }
      if (isHeld && held === pauseCount && hasSlotForPermitted()) {
        stopAsking();
        return held;
      }
      giveBack();
      slot = await acquire(request, call, permittedQueue);
      if (slot === held) return slot; // no pause began
    }
    return slot;
  }

  return async (request, call) => {
    const slot = limiter ? await acquirePermitted(request, call, limiter) : await acquire(request, call);
    if (typeof slot !== 'number') return slot;
    try {
      const response = await next(request, call);
      if (response.status === 429 && response.retryAfterMs) pause(response.retryAfterMs, call);
      return response;
    } finally {
      release(slot, true);
    }
  };
}
