/** Checks of tags and values before anything is sent. No message quotes either: one may stand in the other's place. */
import { isNewTag } from '../../input.js';

/** The vendor documents "request bodies up to 2 MB". */
export const MAX_BODY_BYTES = 2_000_000;

/** Whether a text has UTF-8: a lone surrogate would be stored as another character. */
export const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text);

/** What is wrong with the tag of a new secret. */
export function problemOfTag(tag: string): string | undefined {
  return isNewTag(tag) ? undefined : 'a tag may have letters, digits, "-" and "_" only';
}

/** What is wrong with a value. */
export function problemOfValue(
  secret: { tag: string; name: string; secret: string },
  allowEmpty: boolean,
): string | undefined {
  if (secret.secret === '' && !allowEmpty) return 'the value is empty; --allow-empty stores it';
  if (!isWellFormed(secret.secret)) return 'the value is not well-formed Unicode';
  if (Buffer.byteLength(JSON.stringify(secret)) > MAX_BODY_BYTES)
    return 'the value is too large: the API takes requests of at most 2 MB';
  return undefined;
}
