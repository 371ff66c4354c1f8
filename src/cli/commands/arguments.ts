/** The arguments of commands. No message quotes them: a value may stand in the wrong place. */
import { UsageError } from '../exit.js';
import { isWellFormed, problemOfTag, problemOfValue } from '../values/check.js';

/** Any tag that a workspace may have, also one that could not be created today. */
export function checkTagOrId(tagOrId: string): void {
  if (tagOrId === '' || tagOrId === '.' || tagOrId === '..' || !isWellFormed(tagOrId))
    throw new UsageError('the tag or id must be a well-formed string that is not empty, "." or ".."');
}

/** The tag of a secret that may be created. */
export function checkTag(tag: string): void {
  const problem = problemOfTag(tag);
  if (problem) throw new UsageError(problem);
}

export function checkValue(secret: { tag: string; name: string; secret: string }, allowEmpty = false): void {
  const problem = problemOfValue(secret, allowEmpty);
  if (problem) throw new UsageError(problem);
}
