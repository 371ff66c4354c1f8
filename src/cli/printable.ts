/** Text of others, such as a name or a path, as a terminal may show it. */
import { escaped } from '../util/escape-controls.js';

/** Control characters, separators, marks that reorder text, and characters that nobody sees. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
/** A joiner belongs to an emoji of several, and to words of scripts that join their letters. */
const KEPT = String.raw`\p{RGI_Emoji}|(?<=[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]])[\u200c\u200d](?=[\p{L}--\p{Script=Latin}])`;
let pattern: RegExp | undefined;

/** With the characters that could move the cursor, reverse what is read, or hide, as escapes. */
export function printable(text: string): string {
  if (!HIDDEN.test(text)) return text;
  pattern ??= new RegExp(`(${KEPT})|${HIDDEN.source}`, 'gv');
  return text.replace(pattern, (found, kept?: string) => kept ?? found.split('').map(escaped).join(''));
}
