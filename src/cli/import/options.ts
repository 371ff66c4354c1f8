/** The options of `import`, validated. */
import { assertOwnFile, checkBulkOptions, DEFAULT_MAX_DELETES, type GivenBulkOptions } from '../bulk/options.js';
import { UsageError } from '../exit.js';
import { problemOfTag, TAG_RULE } from '../values/check.js';
import { ON_EXISTING, type OnExisting } from './plan.js';
import { FILE_FORMATS, type FileFormat } from './read-file.js';

/** As the command line gives them. */
export interface ImportOptions extends GivenBulkOptions {
  format?: string;
  prefix?: string;
  onExisting?: string;
  prune?: boolean;
  all?: boolean;
  allowEmpty?: boolean;
  allowEncrypted?: boolean;
  state?: string;
  force?: boolean;
  only?: string[];
  except?: string[];
  lowerCase?: boolean;
  replaceDashes?: boolean;
  pruneExcluded?: boolean;
}

export function checkOptions(given: ImportOptions) {
  const { prefix = '', prune = false, all = false } = given;
  const bulk = checkBulkOptions(given);
  if (given.prefix === '') throw new UsageError('--prefix: must not be empty');
  if (problemOfTag(prefix || '-') !== undefined) throw new UsageError(`--prefix: ${TAG_RULE}`);
  if (bulk.maxDeletes !== undefined && !prune) throw new UsageError('--max-deletes: applies to --prune only');
  if (all && !prune) throw new UsageError('--all: applies to --prune only');
  if (all && prefix !== '') throw new UsageError('use one of --prefix and --all');
  if (prune && !all && prefix === '') throw new UsageError('--prune: needs --prefix, or --all for every secret');
  if (given.force && given.state === undefined) throw new UsageError('--force: applies to --state only');
  if (given.pruneExcluded && !prune) throw new UsageError('--prune-excluded: applies to --prune only');
  if (given.pruneExcluded && !given.only && !given.except)
    throw new UsageError('--prune-excluded: applies to --only and --except');
  assertOwnFile('--state', given.state, [given.report, given.resume, given.summary]);
  return {
    format: oneOf<FileFormat>('--format', given.format, FILE_FORMATS),
    prefix,
    onExisting: oneOf<OnExisting>('--on-existing', given.onExisting, ON_EXISTING) ?? 'update',
    pruneWithin: prune ? prefix : undefined,
    bulk,
    maxDeletes: bulk.maxDeletes ?? DEFAULT_MAX_DELETES,
    allowEmpty: given.allowEmpty ?? false,
    allowEncrypted: given.allowEncrypted ?? false,
    state: given.state,
    force: given.force ?? false,
    only: given.only,
    except: given.except,
    lowerCase: given.lowerCase ?? false,
    replaceDashes: given.replaceDashes ?? false,
    pruneExcluded: given.pruneExcluded ?? false,
  };
}

function oneOf<T extends string>(option: string, given: string | undefined, names: readonly T[]): T | undefined {
  if (given === undefined) return undefined;
  const found = names.find((name) => name === given);
  if (found === undefined) throw new UsageError(`${option}: must be one of ${names.join(', ')}`);
  return found;
}

export type CheckedOptions = ReturnType<typeof checkOptions>;
