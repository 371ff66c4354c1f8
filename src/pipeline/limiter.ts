/** A rate limit that several clients share: asks the user's `limiter` before each attempt, and does without it if it fails. */
import { redact, type SensitiveValues } from '../redaction/redact.js';
import { throwIfAborted } from '../util/abort.js';
import { settled } from '../util/foreign.js';
import { withTimeLimit } from '../util/time-limit.js';
import type { Call } from './types.js';

/**
 * A rate limit that several processes share, such as one in Redis. The client keeps its own limits beside it:
 * `maxConcurrency`, and the pause after a 429.
 */
export interface Limiter {
  /**
   * Resolves when one request may be sent. Called before every attempt, when the attempt has got a slot of
   * `maxConcurrency`. If it rejects, or takes longer than `timeoutMs`, the attempt is sent without it. Stop waiting if
   * `signal` is aborted: the call has ended.
   */
  acquire(options: { signal?: AbortSignal }): Promise<void>;
  /**
   * Keeps all users of the limit from sending for `ms` milliseconds. Called after a 429 with `Retry-After`; the client does
   * not wait for it. `ms` is at most the longest pause of the client.
   */
  pause?(ms: number, options: { signal?: AbortSignal }): Promise<void>;
}

/** Why the limiter was not used. Without the message: it may hold the address and the password of a server. */
export interface LimiterError {
  /** The name of the error that the limiter threw, or `TimeoutError`. */
  readonly name: string;
  /** Its code, such as `ECONNREFUSED`, if it has one. */
  readonly code?: string;
}

/** The limiter as the pipeline uses it. */
export interface SharedLimiter {
  /** Rejects only if the call is aborted, with its reason. */
  acquire(call: Call): Promise<void>;
  pause(ms: number, call: Call): void;
  /** The error since the last time that the limiter worked; reported once. */
  takeError(): LimiterError | undefined;
}

class LimiterTimeout extends Error {}

/** @param ownTimeoutMs the client's own `timeoutMs`: a shorter one of a call says nothing about the limiter */
export function sharedLimiter(limiter: Limiter, ownTimeoutMs: number): SharedLimiter {
  let hasFailed = false;
  let unreported: LimiterError | undefined;
  /** After an acquire that hung no attempt waits for the limiter, on the clock of performance.now(). */
  let skippedUntil = 0;

  const succeed = () => {
    hasFailed = false;
  };
  const fail = (error: unknown, { sensitiveValues }: Call) => {
    if (!hasFailed) unreported = describe(error, sensitiveValues);
    hasFailed = true;
  };
  return {
    async acquire(call) {
      const { signal } = call;
      const { timeoutMs } = call.limits;
      if (performance.now() < skippedUntil) return;
      try {
        await withTimeLimit(
          timeoutMs,
          signal,
          () => new LimiterTimeout(),
          (inner) => settled(() => limiter.acquire({ signal: inner })),
        );
        succeed();
      } catch (error) {
        throwIfAborted(signal);
        if (isTimeout(error) && timeoutMs >= ownTimeoutMs) skippedUntil = performance.now() + ownTimeoutMs;
        fail(error, call);
      }
    },

    pause(ms, call) {
      const work = (signal: AbortSignal) => settled(() => limiter.pause?.(ms, { signal }));
      // Not the call's signal: the pause is for all. Nobody waits for it, so it must not keep the process alive.
      withTimeLimit(call.limits.timeoutMs, undefined, () => new LimiterTimeout(), work, { keepsAlive: false }).catch(
        (error) => fail(error, call),
      );
    },

    takeError() {
      const error = unreported;
      unreported = undefined;
      return error;
    },
  };
}

/** A word, as names and codes are; anything else may be part of an address. */
const wordOf = (text: unknown) => (typeof text === 'string' && /^\w{1,40}$/.test(text) ? text : undefined);

/** What a limiter throws may be a Proxy whose traps throw. */
function isTimeout(error: unknown): boolean {
  try {
    return error instanceof LimiterTimeout;
  } catch {
    return false;
  }
}

/** A getter of an error may throw. */
function describe(error: unknown, sensitiveValues: SensitiveValues): LimiterError {
  if (isTimeout(error)) return { name: 'TimeoutError' };
  try {
    const { name, code } = Object(error) as { name?: unknown; code?: unknown };
    const [safeName, word] = [name, code].map((text) => {
      const each = wordOf(text);
      return each !== undefined && redact(each, sensitiveValues) === each ? each : undefined;
    });
    return { name: safeName ?? 'Error', ...(word !== undefined && { code: word }) };
  } catch {
    return { name: 'Error' };
  }
}
