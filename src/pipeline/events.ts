/** Tells the user's `onAttempt` of each attempt: the one window for logs and telemetry. */

import type { AttemptEvent, ClientOptions } from '../options.js';
import { redact, SensitiveValues } from '../util/redact.js';
import type { Answer, Call, Draft } from './send-with-fetch.js';

/** Tells of the attempt that has just ended; `retryInMs` is the wait before the next, if there will be one. */
export type Report = (draft: Draft, call: Call, answer: Answer | undefined, retryInMs: number | undefined) => void;

/** The id that names a request to the vendor's support, as far as a header tells it. */
export function requestIdOf(answer: Answer, call: Call): string | undefined {
  const id = answer.headers.get('x-request-id');
  return id ? redact(id, new SensitiveValues(...call.silent)) : undefined;
}

export function reporter(onAttempt: ClientOptions['onAttempt']): Report {
  if (!onAttempt) return () => {};
  return (draft, call, answer, retryInMs) => {
    const requestId = answer && requestIdOf(answer, call);
    const event: AttemptEvent = {
      operation: call.operation,
      method: draft.init.method,
      path: call.path,
      attempt: call.attempts,
      durationMs: performance.now() - call.sentAt,
      ...(answer && { status: answer.status }),
      ...(retryInMs !== undefined && { retryInMs }),
      ...(requestId && { requestId }),
    };
    try {
      const result: unknown = onAttempt(event);
      // A hook may be async against its type; its rejection must not end the program.
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // What is told must not change what it tells of: a create that was done stays done.
    }
  };
}
