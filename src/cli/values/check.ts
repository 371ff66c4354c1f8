/** Checks of tags and values before anything is sent. No message quotes either: one may stand in the other's place. */
import { isNewTag } from '../../input.js';
import { hasLoneSurrogate } from '../../util/well-formed.js';
import { encryptedBy } from './encrypted.js';

/** The vendor documents "request bodies up to 2 MB". */
export const MAX_BODY_BYTES = 2_000_000;

/** What the options of a command allow in a value. */
export interface ValueRules {
  readonly allowEmpty?: boolean | undefined;
  readonly allowEncrypted?: boolean | undefined;
}

export const TAG_RULE = 'a tag may have letters, digits, "-" and "_" only';

/** What is wrong with the tag of a new secret. */
export function problemOfTag(tag: string): string | undefined {
  return isNewTag(tag) ? undefined : TAG_RULE;
}

/** What is wrong with a value. */
export function problemOfValue(
  secret: { tag: string; name: string; secret: string },
  { allowEmpty = false, allowEncrypted = false }: ValueRules,
): string | undefined {
  const { tag, name, secret: value } = secret;
  if (value === '' && !allowEmpty) return 'the value is empty; --allow-empty stores it';
  if (hasLoneSurrogate(value)) return 'the value is not well-formed Unicode';
  // A character needs at most six bytes in JSON: only a large value needs the exact length.
  const isLarge = (tag.length + name.length + value.length) * 6 > MAX_BODY_BYTES - 1000;
  if (isLarge && (value.length > MAX_BODY_BYTES || Buffer.byteLength(JSON.stringify(secret)) > MAX_BODY_BYTES))
    return 'the value is too large: the API takes requests of at most 2 MB';
  const what = allowEncrypted ? undefined : encryptedBy(value);
  return what === undefined ? undefined : `the value is ${what}; --allow-encrypted stores it as it is`;
}

/** Not seen on a screen, but part of the value: a zero-width or no-break space, a byte order mark, a control character. */
const INVISIBLE = /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Belongs to the emoji before it. */
const SELECTOR = /[\uFE00-\uFE0F]/u;
/** What is visible enough, or has a note of its own. */
const isAsciiSpace = (char: string | undefined) => char === ' ' || char === '\t' || char === '\n' || char === '\r';

/** What a user should know of a value that is stored as it is; undefined if nothing. Quotes nothing of it. */
export function noteOnValue(value: string): string | undefined {
  let start = 0;
  let end = value.length;
  while (start < end && isAsciiSpace(value[start])) start++;
  while (end > start && isAsciiSpace(value[end - 1])) end--;
  const [first = ''] = value.slice(start, Math.min(start + 2, end));
  const last = [...value.slice(Math.max(start, end - 2), end)].at(-1) ?? '';
  const edges = [
    ...(INVISIBLE.test(first) ? ['begins'] : []),
    ...(INVISIBLE.test(last) && !SELECTOR.test(last) ? ['ends'] : []),
  ];
  if (edges.length === 0) return undefined;
  return `the value ${edges.join(' and ')} with an invisible character, such as a no-break space or a byte order mark, which is stored`;
}
