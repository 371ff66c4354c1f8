/** The pause of a client after a 429 with Retry-After, and the probe that ends it. */
import type { CallProgress } from './types.js';

/** The longest pause, whatever `maxRetryAfterMs` is: one absurd Retry-After must not end a client. */
const MAX_PAUSE_MS = 3_600_000;

/** After this time without a response to the probe the next attempt may try. */
const PROBE_PATIENCE_MS = 5000;

/** What an attempt gets when it starts: the number of the last pause. An attempt from before it says nothing about its end. */
export type Pass = number;

/**
 * Times are on the clock of `performance.now()`, and callers pass the time: a second look at the clock may find that the
 * pause has ended meanwhile.
 */
export class Pause {
  readonly #maxMs: number;
  #until = 0;
  /** The end that the server asked for, which may be later. */
  #retryAfterUntil = 0;
  #count: Pass = 0;
  /** After a pause one attempt goes first: a burst would only be throttled again. */
  #isProbing = false;
  /** While probing: the probes without a response, and when the last one started. */
  #probes = 0;
  #probeStartedAt = 0;
  /** The probes that were throttled: since the last one that was not, and ever. */
  #failedInARow = 0;
  #failedEver = 0;
  /** `#failedEver` when a call waited for the first time. */
  readonly #failedBefore = new WeakMap<CallProgress, number>();

  /** `maxMs` is the longest pause that the client allows. */
  constructor(maxMs: number) {
    this.#maxMs = Math.min(maxMs, MAX_PAUSE_MS);
  }

  /** The time until an attempt may start; not positive if one may start now. */
  opensIn(now: number): number {
    if (!this.#isProbing || this.#probes === 0) return this.#until - now;
    return this.#probeStartedAt + PROBE_PATIENCE_MS - now;
  }

  /** The time that the server wants callers to wait, while the pause lasts. */
  retryAfterLeft(now: number): number {
    return this.#until > now ? this.#retryAfterUntil - now : 0;
  }

  /** Whether a pause has begun since the attempt started. */
  hasBegunSince(pass: Pass): boolean {
    return pass !== this.#count;
  }

  start(now: number): Pass {
    this.#probes++;
    this.#probeStartedAt = now;
    return this.#count;
  }

  /** Ends an attempt. If it was sent, and not throttled, its response ends the probe. */
  end(pass: Pass, wasSent: boolean): void {
    if (this.hasBegunSince(pass) || !this.#isProbing) return;
    this.#probes--;
    if (!wasSent) return;
    this.#isProbing = false;
    this.#failedInARow = 0;
  }

  /** Starts the pause, or prolongs it. Returns its length. */
  begin(retryAfterMs: number, now: number, pass: Pass, progress: CallProgress): number {
    if (this.#isProbing && !this.hasBegunSince(pass)) {
      this.#failedInARow++;
      this.#failedEver++;
      // The probe counts as a retry of its own call already.
      this.#failedBefore.set(progress, (this.#failedBefore.get(progress) ?? this.#failedEver - 1) + 1);
    }
    // Stryker disable next-line UpdateOperator: the number only distinguishes pauses
    this.#count++;
    this.#isProbing = true;
    this.#probes = 0;
    this.#retryAfterUntil = Math.max(this.#until > now ? this.#retryAfterUntil : 0, now + retryAfterMs);
    const ms = Math.min(retryAfterMs, this.#maxMs);
    this.#until = Math.max(this.#until, now + ms);
    return ms;
  }

  /** How many probes in a row were throttled while this call waited: each counts as a retry of the call. */
  failedProbes(progress: CallProgress): number {
    const before = this.#failedBefore.get(progress);
    if (before === undefined) this.#failedBefore.set(progress, this.#failedEver);
    return before === undefined ? 0 : Math.min(this.#failedInARow, this.#failedEver - before);
  }
}
