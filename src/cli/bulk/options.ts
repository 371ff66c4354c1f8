/** The options that `import` and `delete` share, validated. */
import { resolve } from 'node:path';
import { UsageError } from '../exit.js';
import { parseRateLimit, type RateLimit } from '../rate-limit.js';

/** As the command line gives them. */
export interface GivenBulkOptions {
  dryRun?: boolean;
  exitCode?: boolean;
  yes?: boolean;
  maxDeletes?: string;
  failFast?: boolean;
  report?: string;
  resume?: string;
  rateLimit?: string;
  summary?: string;
}

export interface BulkOptions {
  readonly dryRun: boolean;
  readonly exitCode: boolean;
  readonly yes: boolean;
  /** Undefined if it was not given. */
  readonly maxDeletes: number | undefined;
  readonly failFast: boolean;
  readonly report: string | undefined;
  readonly resume: string | undefined;
  readonly rateLimit: RateLimit | undefined;
  readonly summary: string | undefined;
}

/** How many secrets a command deletes that does not name each of them. */
export const DEFAULT_MAX_DELETES = 10;

export function checkBulkOptions(given: GivenBulkOptions): BulkOptions {
  const { dryRun = false, exitCode = false, maxDeletes } = given;
  if (exitCode && !dryRun) throw new UsageError('--exit-code: applies to --dry-run only');
  if (dryRun && given.report !== undefined) throw new UsageError('--report: a dry run has nothing to report');
  assertOwnFile('--summary', given.summary, [given.report, given.resume]);
  if (maxDeletes !== undefined && !/^\d{1,9}$/.test(maxDeletes))
    throw new UsageError('--max-deletes: must be an integer');
  return {
    dryRun,
    exitCode,
    yes: given.yes ?? false,
    maxDeletes: maxDeletes === undefined ? undefined : Number(maxDeletes),
    failFast: given.failFast ?? false,
    report: given.report,
    resume: given.resume,
    rateLimit: parseRateLimit(given.rateLimit),
    summary: given.summary,
  };
}

/** @throws UsageError if a file that a run writes is one of the others */
export function assertOwnFile(option: string, path: string | undefined, others: readonly (string | undefined)[]): void {
  if (path === undefined) return;
  if (others.some((other) => other !== undefined && resolve(other) === resolve(path)))
    throw new UsageError(`${option}: must be a file of its own`);
}
