/** The arguments of commands. No message quotes them: a value may stand in the wrong place. */
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
