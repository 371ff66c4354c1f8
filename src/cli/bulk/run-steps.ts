/** Does the steps of a plan, several at once, and goes on if one fails. */
import { isCortexError } from '../../errors.js';
import { describeError } from '../describe-error.js';
import { EXIT } from '../exit.js';
import type { ReportLine } from './report.js';
import { isIdle, type Step } from './step.js';

/** As many as the client sends at once. */
const CONCURRENCY = 16;

/** What a step did. */
export type StepResult = 'done' | 'skipped';

/** An error after which it is unknown what the server did, whatever the error itself says. */
export class UnknownOutcome extends Error {
  readonly next: unknown;

  constructor(next: unknown) {
    super('unknown outcome');
    this.next = next;
  }
}

export interface RunOptions<S extends Step> {
  /** Does a step. */
  readonly apply: (step: S) => Promise<StepResult>;
  /** Ends the calls of the client without leaving open what they did. */
  readonly stop: AbortController;
  readonly failFast: boolean;
  /** Called as each step ends; for a failed one with its error and the exit code that it stands for. */
  readonly onResult: (line: ReportLine, exitCode: number, error?: unknown) => void;
}

/** A plan that runs. */
export class StepsRun<S extends Step> {
  readonly #options: RunOptions<S>;
  #isStopped = false;
  #hasFailed = false;

  constructor(options: RunOptions<S>) {
    this.#options = options;
  }

  /** Starts no more steps, and no more requests of those that run; requests in flight go on. */
  stop(): void {
    this.#isStopped = true;
    this.#options.stop.abort();
  }

  /** Resolves when every step has ended, or is known not to be tried. */
  async run(steps: readonly S[]): Promise<void> {
    const isDelete = ({ action }: Step) => action === 'delete' || action === 'missing';
    for (const step of steps.filter(isIdle)) await this.#runOne(step);
    await this.#runGroup(steps.filter((step) => !isDelete(step) && !isIdle(step)));
    // A secret may have been renamed: the old one goes only if the new one is there.
    if (this.#hasFailed) this.#isStopped = true;
    await this.#runGroup(steps.filter(isDelete));
  }

  async #runGroup(steps: readonly S[]): Promise<void> {
    // The first alone: a key that may not write is sent once, not 16 times.
    await this.#runAll(steps.slice(0, 1));
    await this.#runAll(steps.slice(1));
  }

  async #runAll(steps: readonly S[]): Promise<void> {
    const queue = steps.values();
    // The workers share the iterator: each takes the next step.
    const worker = async () => {
      for (const step of queue) await this.#runOne(step);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, steps.length) }, worker));
  }

  async #runOne(step: S): Promise<void> {
    const { apply, failFast, onResult } = this.#options;
    const { action, tag } = step;
    if (this.#isStopped) return onResult({ tag, action, status: 'not tried', outcome: 'not-sent' }, EXIT.done);
    let result: StepResult;
    try {
      result = await apply(step);
    } catch (thrown) {
      this.#hasFailed = true;
      const { line, exitCode, error } = this.#failure(step, thrown);
      onResult(line, exitCode, error);
      if (line.status === 'failed' && (failFast || exitCode === EXIT.auth || exitCode === EXIT.rateLimit)) this.stop();
      return;
    }
    const outcome = isIdle(step) ? 'not-sent' : result === 'skipped' ? 'rejected' : 'processed';
    onResult({ tag, action, status: result, outcome }, EXIT.done);
  }

  #failure({ action, tag }: Step, thrown: unknown): { line: ReportLine; exitCode: number; error: unknown } {
    const { signal } = this.#options.stop;
    const isUnknown = thrown instanceof UnknownOutcome;
    const error = isUnknown ? thrown.next : thrown;
    const outcome = isCortexError(error) && !isUnknown ? error.outcome : 'unknown';
    if (signal.aborted && isCortexError(error) && error.cause === signal.reason)
      return { line: { tag, action, status: 'interrupted', outcome }, exitCode: EXIT.done, error };
    const described = describeError(error);
    // Any other error is a fault of this program; what it says may quote anything.
    const text = described?.message ?? `${action}("${tag}"): internal error (${(error as Error)?.name})`;
    const line: ReportLine = { tag, action, status: 'failed', outcome, error: text };
    return { line, exitCode: described?.exitCode ?? EXIT.failed, error };
  }
}
