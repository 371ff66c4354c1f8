/** Limits the number of attempts at once, and pauses the whole client after a 429. */
import { ApiError } from '../errors.js';
import { MAX_TIMER_MS } from '../util/abort.js';
import { errorContext, outcome } from './call.js';
import type { SharedLimiter } from './limiter.js';
import { type Pass, Pause } from './pause.js';
import { Slots } from './slots.js';
import { type Call, type HttpRequest, type SendRequest, THROTTLED } from './types.js';

interface Waiting {
  readonly request: HttpRequest;
  readonly call: Call;
}

export function withThrottle(
  next: SendRequest,
  { maxConcurrency, maxPauseMs }: { maxConcurrency: number; maxPauseMs: number },
  limiter: SharedLimiter | undefined,
): SendRequest {
  const slots = new Slots<Waiting, Pass>(maxConcurrency);
  const pause = new Pause(maxPauseMs);
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Gives free slots to the calls that wait; after a pause, to one. */
  function serve(): void {
    clearTimeout(timer);
    const now = performance.now();
    while (slots.isFree && slots.hasWaiters) {
      const opensIn = pause.opensIn(now);
      if (opensIn > 0) {
        timer = setTimeout(serve, Math.min(opensIn, MAX_TIMER_MS));
        return;
      }
      slots.give(pause.start(now));
    }
  }

  function release(pass: Pass, wasSent: boolean): void {
    pause.end(pass, wasSent);
    slots.release();
    serve();
  }

  async function acquire(request: HttpRequest, call: Call): Promise<Pass> {
    const now = performance.now();
    // Stryker disable next-line ConditionalExpression,EqualityOperator,BlockStatement: saves the promise of the queue
    if (slots.isFree && !slots.hasWaiters && pause.opensIn(now) <= 0) {
      slots.take();
      return pause.start(now);
    }
    const error = throttledError(request, call, pause, now);
    if (error) throw error;
    // Calls that were sent before go first.
    const isFirst = call.progress.attempts > 0;
    const waiting = slots.wait({ request, call }, { isFirst, signal: call.signal }, (pass) => release(pass, false));
    serve();
    try {
      return await waiting;
    } catch (reason) {
      serve(); // without a waiter no timer is needed
      throw reason;
    }
  }

  function beginPause(retryAfterMs: number, pass: Pass, call: Call): void {
    const now = performance.now();
    const pauseMs = pause.begin(retryAfterMs, now, pass, call.progress);
    limiter?.pause(pauseMs, call);
    slots.rejectWaiters((waiting) => throttledError(waiting.request, waiting.call, pause, now));
  }

  return async (request, call) => {
    for (;;) {
      const pass = await acquire(request, call);
      const attemptsBefore = call.progress.attempts;
      try {
        // With the slot, so that a permission is used when it is given.
        await limiter?.acquire(call);
        // The permission is out of date if a pause began meanwhile.
        if (pause.hasBegunSince(pass)) continue;
        const response = await next(request, call);
        if (response.status === THROTTLED && response.retryAfterMs) beginPause(response.retryAfterMs, pass, call);
        return response;
      } finally {
        // Nothing was sent if the call ended meanwhile.
        release(pass, call.progress.attempts > attemptsBefore);
      }
    }
  };
}

/** The error of a call that would wait longer, or more often, than it is willing to. */
function throttledError(request: HttpRequest, call: Call, pause: Pause, now: number): ApiError | undefined {
  const { limits, progress, retryCount } = call;
  const leftMs = pause.retryAfterLeft(now);
  const failedProbes = pause.failedProbes(progress);
  const isTooLong = leftMs > limits.maxRetryAfterMs;
  if (!isTooLong && retryCount + failedProbes <= limits.maxRetries) return undefined;
  const what = progress.attempts === 0 ? 'this call was not sent' : 'this call was not sent again';
  const why = isTooLong
    ? `Cortex asked the client to wait ${until(leftMs)}, and maxRetryAfterMs is ${limits.maxRetryAfterMs}`
    : `Cortex throttled the client again after ${failedProbes === 1 ? 'a pause' : `${failedProbes} pauses in a row`}. Wait ${until(leftMs)}`;
  const context = errorContext(request, call, [{ own: `${THROTTLED} Too many requests: ${what}. ${why}` }]);
  // Stryker disable next-line StringLiteral: a 429 is of one kind, whoever wrote it
  return new ApiError(context, outcome(call), THROTTLED, 'cortex', { retryAfterMs: leftMs });
}

const DAY_MS = 86_400_000;

function until(leftMs: number): string {
  if (leftMs > DAY_MS) return 'for over a day';
  return `until ${new Date(Date.now() + leftMs).toISOString()} (${Math.ceil(leftMs / 1000)} s)`;
}
