/** What is repeated, when, and how often. */

import { sleep } from '../util/abort.js';
import type { Report } from './events.js';
import type { Answer, Call, Send } from './send-with-fetch.js';

/** The server said that it did nothing: any method is repeated. */
const TURNED_AWAY: ReadonlySet<number> = new Set([429]);
/** The server may have acted: only what can be done twice is repeated. 500 is left out: here it is mostly lasting. */
const MAY_HAVE_ACTED: ReadonlySet<number> = new Set([408, 502, 503, 504]);
/** Idempotent (RFC 9110, section 9.2.2), so that twice is as good as once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether an attempt that ended so is worth another. */
function isRepeated(method: string, answer: Answer | undefined, call: Call): boolean {
  const twice = call.repeatable || IDEMPOTENT.has(method);
  if (answer) return TURNED_AWAY.has(answer.status) || (MAY_HAVE_ACTED.has(answer.status) && twice);
  const kind = call.failure?.kind;
  return kind === 'unmade' || (kind === 'broken' && twice);
}

/**
 * The wait before the next attempt, in milliseconds; undefined where there is none. Full jitter spreads clients that
 * failed together; the server's own time is never undercut; a wait that can't end in time is not begun.
 */
function waitBefore(repetition: number, method: string, answer: Answer | undefined, call: Call): number | undefined {
  const { limit, baseDelayMs, maxDelayMs, maxRetryAfterMs } = call.limits;
  const asked = answer?.retryAfterMs ?? 0;
  if (repetition >= limit || asked > maxRetryAfterMs || !isRepeated(method, answer, call)) return undefined;
  const wait = Math.max(asked, Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** repetition));
  return performance.now() + wait < call.deadlineAt ? wait : undefined;
}

/** Repeats what may be repeated. Ends with the last answer, or throws the last failure. */
export function withRetry(next: Send, report: Report): Send {
  return async (draft, call) => {
    for (let repetition = 0; ; repetition++) {
      const { attempts } = call;
      let answer: Answer | undefined;
      const told = (wait?: number) => call.attempts > attempts && report(draft, call, answer, wait);
      try {
        answer = await next(draft, call);
      } catch (thrown) {
        if (thrown !== call.failure?.error) {
          // An abort, or an error of the user's own: not this call's network.
          told();
          throw thrown;
        }
      }
      const wait = waitBefore(repetition, draft.init.method, answer, call);
      told(wait);
      if (wait === undefined) {
        if (answer) return answer;
        throw call.failure?.error;
      }
      // The pause that a 429 put on the whole client is the wait: with a timer of its own the call would lose its
      // place at the head of the queue.
      const paused = answer?.status === 429 ? answer.retryAfterMs : undefined;
      if (wait !== paused) await sleep(wait, call.signal);
    }
  };
}
