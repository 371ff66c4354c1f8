/** Does the steps of a plan, several at once, and goes on if one fails. */
import type { SecretsClient } from '../../client.js';
import { isCortexError } from '../../errors.js';
import { describeError } from '../describe-error.js';
import { EXIT } from '../exit.js';
import { applyStep, type StepResult, UnknownCreate } from './apply-step.js';
import type { Entry } from './entry.js';
import { isIdle, type OnExisting, type Step } from './plan.js';
import type { ReportLine } from './report.js';

/** As many as the client sends at once. */
const CONCURRENCY = 16;

export interface RunOptions {
  readonly secrets: SecretsClient;
  /** Ends the calls of `secrets` without leaving open what they did. */
  readonly stop: AbortController;
  readonly onExisting: OnExisting;
  readonly failFast: boolean;
  readonly allowEmptyValue: boolean;
  /** Called as each step ends; a failed one with the exit code that it stands for. */
  readonly onResult: (line: ReportLine, exitCode: number) => void;
  /** Called before `onResult` for a secret that was stored. */
  readonly onStored: (entry: Entry, id: string) => void;
}

/** A plan that runs. */
export class PlanRun {
  readonly #options: RunOptions;
  #isStopped = false;
  #hasFailed = false;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Starts no more steps, and no more requests of those that run; requests in flight go on. */
  stop(): void {
    this.#isStopped = true;
    this.#options.stop.abort();
  }

  /** Resolves when every step has ended, or is known not to be tried. */
  async run(steps: readonly Step[]): Promise<void> {
    const writes = steps.filter((step) => step.action !== 'delete' && !isIdle(step));
    const deletes = steps.filter(({ action }) => action === 'delete');
    for (const step of steps.filter(isIdle)) await this.#runOne(step);
    // The first alone: a key that may not write is sent once, not 16 times.
    await this.#runAll(writes.slice(0, 1));
    await this.#runAll(writes.slice(1));
    // A secret may have been renamed: the old one goes only if the new one is there.
    if (this.#hasFailed) this.#isStopped = true;
    await this.#runAll(deletes);
  }

  async #runAll(steps: readonly Step[]): Promise<void> {
    const queue = steps.values();
    // The workers share the iterator: each takes the next step.
    const worker = async () => {
      for (const step of queue) await this.#runOne(step);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, steps.length) }, worker));
  }

  async #runOne(step: Step): Promise<void> {
    const { secrets, onExisting, failFast, allowEmptyValue, onResult } = this.#options;
    const { action, tag } = step;
    if (this.#isStopped) return onResult({ tag, action, status: 'not tried', outcome: 'not-sent' }, EXIT.done);
    let result: StepResult;
    try {
      result = await applyStep(secrets, step, onExisting, { allowEmptyValue });
    } catch (thrown) {
      this.#hasFailed = true;
      const { line, exitCode } = this.#failure(step, thrown);
      onResult(line, exitCode);
      if (line.status === 'failed' && (failFast || exitCode === EXIT.key || exitCode === EXIT.rateLimit)) this.stop();
      return;
    }
    const { status, id } = result;
    const outcome = isIdle(step) ? 'not-sent' : status === 'skipped' ? 'rejected' : 'processed';
    if (id !== undefined && step.entry) this.#options.onStored(step.entry, id);
    onResult({ tag, action, status, outcome }, EXIT.done);
  }

  #failure({ action, tag }: Step, thrown: unknown): { line: ReportLine; exitCode: number } {
    const { signal } = this.#options.stop;
    const isUnknown = thrown instanceof UnknownCreate;
    const error = isUnknown ? thrown.next : thrown;
    const outcome = isCortexError(error) && !isUnknown ? error.outcome : 'unknown';
    if (signal.aborted && isCortexError(error) && error.cause === signal.reason)
      return { line: { tag, action, status: 'interrupted', outcome }, exitCode: EXIT.done };
    const described = describeError(error);
    // Any other error is a fault of this program; what it says may quote anything.
    const text = described?.message ?? `${action}("${tag}"): internal error (${(error as Error)?.name})`;
    return {
      line: { tag, action, status: 'failed', outcome, error: text },
      exitCode: described?.exitCode ?? EXIT.failed,
    };
  }
}
