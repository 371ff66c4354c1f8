/** What `import` and `delete` have in common: plan, dry run, limit, question, report, progress, interruption, summary. */
import type { SecretsClient } from '../../client.js';
import type { AttemptEvent, Context } from '../context.js';
import { describeError } from '../describe-error.js';
import { CliError, EXIT, exitCodeOfMany } from '../exit.js';
import { writeRows } from '../output.js';
import { limiterOptions } from '../rate-limit.js';
import { addFailure, addPlan, addResults } from './markdown.js';
import type { BulkOptions } from './options.js';
import { createProgress, type Progress } from './progress.js';
import {
  type Command,
  contentId,
  finishedTags,
  NO_REPORT,
  openReport,
  type ReportLine,
  readReport,
  refuseOtherFile,
} from './report.js';
import { type StepResult, StepsRun } from './run-steps.js';
import { checkLimit, confirmDeletes, isIdle, isPending, planText, type Step } from './step.js';
import { summaryText } from './summary.js';
import { untilSignal } from './until-signal.js';

const MAX_SHOWN = 20;

/** What one command does with many secrets. */
export interface Job<S extends Step> {
  /** Identifies what is to be done. */
  readonly content: unknown;
  readonly maxDeletes: number;
  /** Whether a line says so for each secret that is done, instead of progress and a summary. */
  readonly showsEach?: boolean;
  /** Called first; `fail` stops the run, since what it does could not be recorded any more. */
  open?(fail: (error: CliError) => void): void;
  plan(secrets: SecretsClient): Promise<readonly S[]>;
  /** Called in a dry run, before the summary of the plan. */
  notePlan?(): void;
  /** Called before the first step. */
  begin?(steps: readonly S[]): void;
  apply(secrets: SecretsClient, step: S): Promise<StepResult>;
  /** Called after the last step. */
  end?(lines: readonly ReportLine[]): void;
}

/**
 * @param makeJob reads what the job needs
 * @throws CliError with the summary unless all is done
 */
export async function runBulk<S extends Step>(
  command: Command,
  options: BulkOptions,
  context: Context,
  makeJob: () => Promise<Job<S>>,
): Promise<void> {
  let run: BulkRun<S> | undefined;
  try {
    run = new BulkRun(command, options, context, await makeJob());
    await run.run();
  } catch (error) {
    const described = describeError(error);
    if (options.summary !== undefined && described && !run?.hasSummary) addFailure(options.summary, described);
    throw error;
  }
}

class BulkRun<S extends Step> {
  readonly #command: Command;
  readonly #options: BulkOptions;
  readonly #context: Context;
  readonly #job: Job<S>;
  readonly #lines: ReportLine[] = [];
  readonly #failures: { error: unknown; exitCode: number }[] = [];
  #progress: Progress | undefined;
  #steps: StepsRun<S> | undefined;
  #fileError: CliError | undefined;
  /** Whether the file of --summary says how it ended. */
  hasSummary = false;

  constructor(command: Command, options: BulkOptions, context: Context, job: Job<S>) {
    this.#command = command;
    this.#options = options;
    this.#context = context;
    this.#job = job;
  }

  readonly #fail = (error: CliError): void => {
    this.#fileError ??= error;
    this.#steps?.stop();
  };

  async run(): Promise<void> {
    const { report: reportPath, resume, dryRun, yes, failFast, rateLimit } = this.#options;
    const { io, settings, client } = this.#context;
    const id = contentId(this.#job.content, settings().apiKey);
    if (reportPath !== undefined) refuseOtherFile(reportPath);
    const earlier = resume === undefined ? [] : readReport(resume, this.#command, id);
    const done = finishedTags(earlier, this.#command);
    this.#job.open?.(this.#fail);

    const stop = new AbortController();
    const onAttempt = ({ status, retryInMs }: AttemptEvent) => {
      if (status === 429 && retryInMs !== undefined) this.#progress?.paused(retryInMs);
    };
    // A bulk meets a rate limit again and again: that alone must not fail a secret.
    const secrets = await client({ onAttempt, ...limiterOptions(rateLimit), retry: { limit: 8 } }, stop.signal);
    const steps = (await this.#job.plan(secrets)).filter(({ tag }) => !done.has(tag));
    if (dryRun) return this.#showPlan(steps);
    checkLimit(this.#command, steps, this.#job.maxDeletes);
    await confirmDeletes(this.#command, steps, yes, io);

    const path = reportPath ?? resume;
    const header = { [this.#command]: { id, secrets: steps.length + done.size } };
    const report = path === undefined ? NO_REPORT : openReport(path, header, earlier, path === resume, this.#fail);
    const apply = (step: S) => this.#job.apply(secrets, step);
    const onResult = (line: ReportLine, exitCode: number, error: unknown) => {
      report.add(line);
      this.#show(line, steps.length);
      if (line.status === 'failed') this.#failures.push({ error, exitCode });
      this.#lines.push(line);
    };
    this.#steps = new StepsRun({ apply, stop, failFast, onResult });
    this.#job.begin?.(steps);
    const interrupted = await this.#runSteps(this.#steps, steps);
    report.close();
    this.#job.end?.(this.#lines);
    await this.#end(interrupted, done.size, path);
  }

  async #showPlan(steps: readonly S[]): Promise<void> {
    const { io, format } = this.#context;
    const rows = steps.map(({ action, tag }) => ({ action, tag }));
    await writeRows(io, format, ['action', 'tag'], rows);
    this.#job.notePlan?.();
    checkLimit(this.#command, steps, this.#job.maxDeletes);
    io.note(`plan: ${planText(steps)}; nothing was changed`);
    if (this.#options.summary !== undefined) addPlan(this.#options.summary, steps);
    process.exitCode = isPending(steps) && this.#options.exitCode ? EXIT.changesPending : EXIT.done;
  }

  /** Returns the exit code of a signal that has ended it. */
  #runSteps(run: StepsRun<S>, steps: readonly S[]): Promise<number | undefined> {
    const { io } = this.#context;
    const onSignal = (isFirst: boolean) => {
      if (isFirst) {
        this.#progress?.stopping();
        run.stop();
        return;
      }
      this.#progress?.end();
      io.error(`${this.#command}: stopped at once; requests in flight may have been processed`);
    };
    return untilSignal(onSignal, async () => {
      const { length } = steps.filter((step) => !isIdle(step));
      if (!this.#job.showsEach) this.#progress = createProgress(io, this.#command, length);
      await run.run(steps).finally(() => this.#progress?.end());
    });
  }

  #show(line: ReportLine, total: number): void {
    const { io } = this.#context;
    const { status, tag, error } = line;
    if (status === 'failed') {
      const count = this.#failures.length;
      // Of one secret there is no more to say than the error that ends the command.
      if (count < MAX_SHOWN && total > 1) io.error(String(error));
      if (count === MAX_SHOWN) io.error('more failed; --report FILE lists them all');
    } else if (this.#job.showsEach && status === 'done') io.note(`deleted ${tag}`);
    else if (this.#job.showsEach && status === 'skipped') io.note(`${tag} does not exist`);
    if (status !== 'not tried' && !isIdle(line)) this.#progress?.add(status === 'failed');
  }

  async #end(interrupted: number | undefined, finishedBefore: number, path: string | undefined): Promise<void> {
    const { io, format, hasFormat } = this.#context;
    const [lines, failures, command] = [this.#lines, this.#failures, this.#command];
    const rows = lines.map((line) => ({ ...line }));
    if (hasFormat) await writeRows(io, format, ['tag', 'action', 'status', 'outcome'], rows);
    const isInterrupted = interrupted !== undefined;
    if (this.#options.summary !== undefined) addResults(this.#options.summary, lines, isInterrupted);
    this.hasSummary = true;
    if (this.#fileError) io.error(`${this.#fileError.message}; the ${command} was stopped`);
    const codes = failures.map(({ exitCode }) => exitCode);
    const exitCode = interrupted ?? (this.#fileError ? EXIT.failed : exitCodeOfMany(lines.length, codes));
    const summary = summaryText(lines, { command, interrupted: isInterrupted, finishedBefore, path });
    if (lines.length === 1 && exitCode === codes[0]) throw failures[0]?.error;
    if (exitCode !== EXIT.done) throw new CliError(summary, exitCode);
    if (!this.#job.showsEach) io.note(summary);
  }
}
