/**
 * Follows the attempts of each step, so that a stop can leave requests in flight alone and end the waits between them: an
 * abort in the middle of a request would leave open whether the server has processed it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientOptions } from '../../options.js';
import type { AttemptEvent } from '../context.js';

/** What the server did with a step that was stopped. */
type StopOutcome = 'not-sent' | 'rejected' | 'unknown';

/** The attempts of one step. */
class StepAttempts {
  readonly #controller = new AbortController();
  #isInFlight = false;
  #isStopping = false;
  #isAmbiguous = false;
  #sent = 0;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the server did, if the step is stopped now. */
  get outcome(): StopOutcome {
    if (this.#sent === 0) return 'not-sent';
    return this.#isAmbiguous ? 'unknown' : 'rejected';
  }

  stop(reason: unknown): void {
    this.#isStopping = true;
    if (!this.#isInFlight) this.#controller.abort(reason);
  }

  began(reason: unknown): void {
    if (this.#isStopping) this.#controller.abort(reason);
    this.#sent++;
    this.#isInFlight = true;
  }

  ended({ status, retryInMs }: AttemptEvent, reason: unknown): void {
    this.#isInFlight = false;
    this.#isAmbiguous ||= status === undefined || status === 408 || status >= 500;
    if (this.#isStopping && retryInMs !== undefined) this.#controller.abort(reason);
  }
}

/** The attempts of all steps that run. */
export class Attempts {
  readonly #current = new AsyncLocalStorage<StepAttempts>();
  readonly #running = new Set<StepAttempts>();
  readonly #onAttempt: (event: AttemptEvent) => void;
  /** Why the signals of stopped steps are aborted. */
  readonly stopReason = new Error('stopped');

  constructor(onAttempt: (event: AttemptEvent) => void) {
    this.#onAttempt = onAttempt;
  }

  /** The options of a client whose attempts are followed. */
  clientOptions(): ClientOptions {
    return {
      fetch: (url, init) => {
        this.#current.getStore()?.began(this.stopReason);
        init.signal?.throwIfAborted();
        return globalThis.fetch(url, init);
      },
      onAttempt: (event) => {
        this.#current.getStore()?.ended(event, this.stopReason);
        this.#onAttempt(event);
      },
    };
  }

  /** Runs a step; `outcome` says what the server did if the step ends by the stop. */
  async run<T>(
    step: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ value: T } | { error: unknown; outcome: StopOutcome }> {
    const attempts = new StepAttempts();
    this.#running.add(attempts);
    try {
      return { value: await this.#current.run(attempts, () => step(attempts.signal)) };
    } catch (error) {
      return { error, outcome: attempts.outcome };
    } finally {
      this.#running.delete(attempts);
    }
  }

  /** Ends the waits; what is in flight goes on to the end of its request. */
  stop(): void {
    for (const attempts of this.#running) attempts.stop(this.stopReason);
  }
}
