/** Arguments and options that several commands have. No message quotes them: a value may stand in the wrong place. */
import type { Command } from 'commander';
import { hasLoneSurrogate } from '../../util/well-formed.js';
import { UsageError } from '../exit.js';
import { problemOfTag, problemOfValue, type ValueRules } from '../values/check.js';

/** Any tag that a workspace may have, also one that could not be created today. */
export function checkTagOrId(tagOrId: string): void {
  if (tagOrId === '' || tagOrId === '.' || tagOrId === '..' || hasLoneSurrogate(tagOrId))
    throw new UsageError('the tag or id must be a well-formed string that is not empty, "." or ".."');
}

/** The tag of a secret that may be created. */
export function checkTag(tag: string): void {
  const problem = problemOfTag(tag);
  if (problem) throw new UsageError(problem);
}

export function checkValue(secret: { tag: string; name: string; secret: string }, rules: ValueRules): void {
  const problem = problemOfValue(secret, rules);
  if (problem) throw new UsageError(problem);
}

/** The beginning of tags that exist: they may have characters that a new tag may not have. */
export function checkPrefix(prefix: string | undefined): void {
  if (prefix === '' || (prefix !== undefined && hasLoneSurrogate(prefix)))
    throw new UsageError('--prefix: must be a well-formed string that is not empty');
}

/** The options of the commands that work on many secrets. */
export const addBulkOptions = (command: Command): Command =>
  command
    .option('--dry-run', 'prints the plan and changes nothing')
    .option('--exit-code', 'with --dry-run: exits with 10 if something would change')
    .option('-y, --yes', 'does not ask before it deletes; needed without a terminal')
    .option('--fail-fast', 'stops at the first secret that fails')
    .option('--report <file>', 'writes what became of each secret as NDJSON, without values')
    .option('--resume <file>', 'does only what is not done in this report, and continues it')
    .option('--summary <file>', 'appends a table in Markdown, without values')
    .option('--rate-limit <n/seconds>', 'starts no more requests, such as 500/60');
