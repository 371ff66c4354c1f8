/** The options of `import`, validated. */
import { UsageError } from '../exit.js';
import { parseRateLimit } from '../rate-limit.js';
import { problemOfTag, TAG_RULE } from '../values/check.js';
import { ON_EXISTING, type OnExisting } from './plan.js';
import { FILE_FORMATS, type FileFormat } from './read-file.js';

/** As the command line gives them. */
export interface ImportOptions {
  format?: string;
  prefix?: string;
  onExisting?: string;
  dryRun?: boolean;
  exitCode?: boolean;
  prune?: boolean;
  all?: boolean;
  yes?: boolean;
  maxDeletes?: string;
  failFast?: boolean;
  report?: string;
  resume?: string;
  allowEmpty?: boolean;
  allowEncrypted?: boolean;
  state?: string;
  force?: boolean;
  only?: string[];
  except?: string[];
  lowerCase?: boolean;
  replaceDashes?: boolean;
  pruneExcluded?: boolean;
  rateLimit?: string;
  summary?: string;
}

export function checkOptions(given: ImportOptions) {
  const { prefix = '', dryRun = false, exitCode = false, prune = false, all = false, maxDeletes = '10' } = given;
  if (given.prefix === '') throw new UsageError('--prefix: must not be empty');
  if (problemOfTag(prefix || '-') !== undefined) throw new UsageError(`--prefix: ${TAG_RULE}`);
  if (exitCode && !dryRun) throw new UsageError('--exit-code: applies to --dry-run only');
  if (dryRun && given.report !== undefined) throw new UsageError('--report: a dry run has nothing to report');
  if (all && !prune) throw new UsageError('--all: applies to --prune only');
  if (all && prefix !== '') throw new UsageError('use one of --prefix and --all');
  if (prune && !all && prefix === '') throw new UsageError('--prune: needs --prefix, or --all for every secret');
  if (given.force && given.state === undefined) throw new UsageError('--force: applies to --state only');
  if (given.pruneExcluded && !prune) throw new UsageError('--prune-excluded: applies to --prune only');
  if (given.pruneExcluded && !given.only && !given.except)
    throw new UsageError('--prune-excluded: applies to --only and --except');
  if (given.state !== undefined && [given.report, given.resume, given.summary].includes(given.state))
    throw new UsageError('--state: must be a file of its own');
  if (!/^\d{1,9}$/.test(maxDeletes)) throw new UsageError('--max-deletes: must be an integer');
  return {
    format: oneOf<FileFormat>('--format', given.format, FILE_FORMATS),
    prefix,
    onExisting: oneOf<OnExisting>('--on-existing', given.onExisting, ON_EXISTING) ?? 'update',
    pruneWithin: prune ? prefix : undefined,
    dryRun,
    exitCode,
    yes: given.yes ?? false,
    maxDeletes: Number(maxDeletes),
    failFast: given.failFast ?? false,
    report: given.report,
    resume: given.resume,
    allowEmpty: given.allowEmpty ?? false,
    allowEncrypted: given.allowEncrypted ?? false,
    state: given.state,
    force: given.force ?? false,
    only: given.only,
    except: given.except,
    lowerCase: given.lowerCase ?? false,
    replaceDashes: given.replaceDashes ?? false,
    pruneExcluded: given.pruneExcluded ?? false,
    rateLimit: parseRateLimit(given.rateLimit),
    summary: given.summary,
  };
}

function oneOf<T extends string>(option: string, given: string | undefined, names: readonly T[]): T | undefined {
  if (given === undefined) return undefined;
  const found = names.find((name) => name === given);
  if (found === undefined) throw new UsageError(`${option}: must be one of ${names.join(', ')}`);
  return found;
}

export type CheckedOptions = ReturnType<typeof checkOptions>;
