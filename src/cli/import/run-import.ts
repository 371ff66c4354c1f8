/** `cortex-secrets import`: reads the file, plans, asks if needed, and runs the plan. */
import type { ClientOptions } from '../../options.js';
import type { Context } from '../context.js';
import { describeError } from '../describe-error.js';
import { CliError, EXIT, exitCodeOfMany } from '../exit.js';
import { printable } from '../io.js';
import { writeRows } from '../output.js';
import { limiterOptions } from '../rate-limit.js';
import { confirm } from '../values/prompt.js';
import { addFailure, addPlan, addResults } from './markdown.js';
import { type CheckedOptions, checkOptions, type ImportOptions } from './options.js';
import { isIdle, makePlan, planText, pruneText, type Step } from './plan.js';
import { createProgress, type Progress } from './progress.js';
import { readEntries } from './read-file.js';
import {
  finishedTags,
  importId,
  NO_REPORT,
  openReport,
  type ReportLine,
  readReport,
  refuseOtherFile,
} from './report.js';
import { PlanRun } from './run-plan.js';
import { summaryText } from './summary.js';
import { openState } from './use-state.js';

const MAX_SHOWN = 20;

export async function runImport(file: string, given: ImportOptions, context: Context): Promise<void> {
  const options = checkOptions(given);
  try {
    await importFile(file, options, context);
  } catch (error) {
    const described = describeError(error);
    if (options.summary !== undefined && described) addFailure(options.summary, described);
    throw error;
  }
}

async function importFile(file: string, options: CheckedOptions, context: Context): Promise<void> {
  const { io } = context;
  const { apiKey } = context.settings();
  const { entries, leftOut } = await readEntries(file, options, io);
  const id = importId(entries, apiKey);
  if (options.report !== undefined) refuseOtherFile(options.report);
  const earlier = options.resume === undefined ? [] : readReport(options.resume, id);

  let progress: Progress | undefined;
  const stop = new AbortController();
  let run: PlanRun | undefined;
  let fileFailure: CliError | undefined;
  const onFileFailure = (error: CliError) => {
    fileFailure ??= error;
    run?.stop(); // what is done from now on could not be recorded
  };
  const state = openState(options, context, onFileFailure);
  const onAttempt: ClientOptions['onAttempt'] = ({ status, retryInMs }) => {
    if (status === 429 && retryInMs !== undefined) progress?.paused(retryInMs);
  };
  // A bulk meets a rate limit again and again: that alone must not fail a secret.
  const secrets = await context.client(
    { onAttempt, ...limiterOptions(options.rateLimit), retry: { limit: 8 } },
    stop.signal,
  );
  const existing = new Map<string, string>();
  for await (const { tag, id } of secrets.listAll()) existing.set(tag, id);

  const done = finishedTags(earlier);
  const kept = new Set(options.pruneExcluded ? [] : leftOut);
  const steps = makePlan(entries, existing, { ...options, done, kept, isUnchanged: state.isUnchanged });
  refuseExisting(steps, options);
  if (options.dryRun) {
    await writeRows(
      io,
      context.format,
      ['action', 'tag'],
      steps.map(({ action, tag }) => ({ action, tag })),
    );
    if (options.pruneWithin !== undefined)
      io.note(pruneText(entries, existing, { pruneWithin: options.pruneWithin, kept }));
    io.note(`plan: ${planText(steps)}; nothing was changed`);
    if (options.summary !== undefined) addPlan(options.summary, steps);
    const isPending = !steps.every(isIdle);
    process.exitCode = isPending && options.exitCode ? EXIT.changesPending : EXIT.done;
    return;
  }
  await confirmDeletes(steps, options, context);

  const path = options.report ?? options.resume;
  const header = { import: { id, secrets: entries.length } };
  const report =
    path === undefined ? NO_REPORT : openReport(path, header, earlier, path === options.resume, onFileFailure);
  const lines: ReportLine[] = [];
  const codes: number[] = [];
  const running = new PlanRun({
    secrets,
    stop,
    onExisting: options.onExisting,
    failFast: options.failFast,
    allowEmptyValue: options.allowEmpty,
    onStored: state.stored,
    onResult(line, exitCode) {
      report.add(line);
      lines.push(line);
      if (line.status === 'failed') {
        codes.push(exitCode);
        if (codes.length <= MAX_SHOWN) io.error(String(line.error));
        if (codes.length === MAX_SHOWN + 1) io.error('more failed; --report FILE lists them all');
      }
      if (line.status !== 'not tried' && !isIdle(line)) progress?.add(line.status === 'failed');
    },
  });
  const onStop = () => {
    progress?.stopping();
    running.stop();
  };
  run = running;
  state.begin(steps);
  const interrupted = await untilSignal(onStop, async () => {
    progress = createProgress(io, steps.filter((step) => !isIdle(step)).length);
    await running.run(steps).finally(progress.end);
  });
  report.close();
  state.end(lines, existing);
  process.exitCode = interrupted ?? (fileFailure ? EXIT.failed : exitCodeOfMany(steps.length, codes));
  if (fileFailure) io.error(`${fileFailure.message}; the import was stopped`);
  if (options.summary !== undefined) addResults(options.summary, lines, interrupted !== undefined);
  io.note(summaryText(lines, { interrupted: interrupted !== undefined, finishedBefore: done.size, path }));
  if (context.hasFormat)
    await writeRows(
      io,
      context.format,
      ['tag', 'action', 'status', 'outcome'],
      lines.map((line) => ({ ...line })),
    );
}

function refuseExisting(steps: readonly Step[], { onExisting }: CheckedOptions): void {
  const tags = steps.filter(({ action }) => action === 'update').map(({ tag }) => tag);
  if (onExisting !== 'fail' || tags.length === 0) return;
  const message = `import: ${tags.length} of the tags exist already; nothing was changed`;
  throw new CliError(message, EXIT.exists, [listed(tags)]);
}

/** The first of many tags, one on each line. */
function listed(tags: readonly string[]): string {
  const lines = tags.slice(0, MAX_SHOWN).map((tag) => `  ${printable(tag)}`);
  const more = tags.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

/** @throws CliError unless the plan has no deletes, or few enough that are agreed to */
async function confirmDeletes(steps: readonly Step[], options: CheckedOptions, { io }: Context): Promise<void> {
  const tags = steps.filter(({ action }) => action === 'delete').map(({ tag }) => tag);
  if (tags.length === 0) return;
  const { maxDeletes, yes } = options;
  const count = tags.length === 1 ? '1 secret' : `${tags.length} secrets`;
  if (tags.length > maxDeletes)
    throw new CliError(
      `import: --prune would delete ${count}, more than --max-deletes ${maxDeletes}; nothing was changed`,
    );
  if (yes) return;
  if (!io.canAsk) throw new CliError('import: --prune needs --yes without a terminal', EXIT.needsTerminal);
  const what = tags.length === 1 ? 'this secret' : `these ${tags.length} secrets`;
  if (!(await confirm(`${listed(tags)}\nDelete ${what} for good?`))) throw new CliError('import: nothing was changed');
}

/** Runs until the work ends. The first signal stops it gently, the second at once. Returns the exit code of the signal. */
async function untilSignal(onStop: () => void, work: () => Promise<void>): Promise<number | undefined> {
  let exitCode: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    onStop();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await work();
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  return exitCode;
}
