/** How many attempts are under way at once, and the pause that a 429 puts on the whole client. */

import { MAX_TIMER_MS, untilAborted } from '../util/abort.js';
import type { Answer, Call, Send } from './send-with-fetch.js';

/** A place in the queue. */
interface Turn {
  readonly call: Call;
  settle(admission: Admission): void;
}

/** The number of the last pause, for a call whose turn has come; or the answer that it gets unsent. */
type Admission = number | Answer;

/** The answer that opened the pause, for a call that won't wait so long. Its body stays out: it answered another call. */
const stillPaused = (retryAfterMs: number): Answer => ({
  status: 429,
  headers: new Headers(),
  text: '',
  cut: false,
  retryAfterMs,
});

export function withPace(next: Send, maxConcurrency: number): Send {
  const refused: Turn[] = []; // calls that were sent before: they go first
  const fresh: Turn[] = [];
  let running = 0;
  let pausedUntil = 0; // on the clock of performance.now()
  let pauses = 0;
  let probing = false; // after a pause one attempt goes first: a burst into a closed door would only be refused
  let since = 0; // attempts under way that began after the last pause
  let timer: ReturnType<typeof setTimeout> | undefined;

  const pauseLeft = () => pausedUntil - performance.now();
  const hasRoom = () => running < maxConcurrency && !(probing && since > 0);

  function admit(): number {
    running++;
    since++;
    return pauses;
  }

  function leave(admitted: number): void {
    running--;
    // An attempt that was under way when the pause began says nothing about its end.
    if (admitted === pauses) {
      since--;
      probing = false;
    }
    wake();
  }

  /** Gives turns to those who wait, as far as there is room. */
  function wake(): void {
    // One look at the clock: were the pause over in between two, neither a turn nor a timer would be given.
    const left = pauseLeft();
    while (left <= 0 && hasRoom()) {
      const turn = refused.shift() ?? fresh.shift();
      if (!turn) break;
      turn.settle(admit());
    }
    clearTimeout(timer);
    const waits = left > 0 && refused.length + fresh.length > 0;
    timer = waits ? setTimeout(wake, Math.min(left, MAX_TIMER_MS)) : undefined;
  }

  /** Opens or prolongs the pause; who won't wait so long gets its answer now. */
  function pause(ms: number): void {
    pauses++;
    since = 0;
    probing = true;
    pausedUntil = Math.max(pausedUntil, performance.now() + ms);
    const left = pauseLeft();
    for (const queue of [refused, fresh]) {
      const all = queue.splice(0);
      for (const turn of all) {
        if (turn.call.limits.maxRetryAfterMs < left) turn.settle(stillPaused(left));
        else queue.push(turn);
      }
    }
  }

  async function admission(call: Call): Promise<Admission> {
    const left = pauseLeft();
    if (left <= 0 && fresh.length + refused.length === 0 && hasRoom()) return admit();
    if (left > call.limits.maxRetryAfterMs) return stillPaused(left);
    const queue = call.attempts > 0 ? refused : fresh;
    let mine!: Turn;
    const turn = new Promise<Admission>((settle) => {
      mine = { call, settle };
      queue.push(mine);
    });
    wake();
    try {
      return await untilAborted(turn, call.signal);
    } catch (reason) {
      const place = queue.indexOf(mine);
      if (place >= 0) {
        queue.splice(place, 1);
        wake();
      } else {
        const admitted = await turn; // its turn came in the moment of the abort
        if (typeof admitted === 'number') leave(admitted);
      }
      throw reason;
    }
  }

  return async (draft, call) => {
    const admitted = await admission(call);
    if (typeof admitted !== 'number') return admitted;
    try {
      const answer = await next(draft, call);
      if (answer.status === 429 && answer.retryAfterMs) pause(answer.retryAfterMs);
      return answer;
    } finally {
      leave(admitted);
    }
  };
}
