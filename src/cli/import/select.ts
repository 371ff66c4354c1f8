/** Which keys of a file are imported, and under which tags. */
import { UsageError } from '../exit.js';
import { printable } from '../printable.js';

export interface SelectOptions {
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  readonly lowerCase?: boolean | undefined;
  readonly replaceDashes?: boolean | undefined;
  readonly prefix: string;
}

/** Keys as the file has them; globs are compared with these, before anything is changed in them. */
export class Selection {
  readonly #options: SelectOptions;
  readonly #unused: Set<string>;

  constructor(options: SelectOptions) {
    this.#options = options;
    const { only = [], except = [] } = options;
    this.#unused = new Set([...only, ...except]);
    if (this.#unused.has('')) throw new UsageError('--only, --except: a glob must not be empty');
  }

  takes(key: string): boolean {
    const { only, except = [] } = this.#options;
    // All of them are compared, so that one that matches nothing is found.
    const matches = (globs: readonly string[]) =>
      globs.filter((glob) => {
        const isMatch = matchesGlob(glob, key);
        if (isMatch) this.#unused.delete(glob);
        return isMatch;
      }).length > 0;
    const isExcepted = matches(except);
    return (only === undefined || matches(only)) && !isExcepted;
  }

  tagOf(key: string): string {
    const { lowerCase, replaceDashes, prefix } = this.#options;
    const replaced = replaceDashes ? key.replaceAll('-', '_') : key;
    return prefix + (lowerCase ? replaced.toLowerCase() : replaced);
  }

  /** Globs that no key matches: a mistake, most likely. */
  get unused(): string[] {
    return [...this.#unused].map(printable);
  }
}

/** `*` is any text, `?` one character, `[a-z]` and `[!a-z]` one of a set. In time glob x text, whatever the glob. */
export function matchesGlob(glob: string, text: string): boolean {
  const parts = partsOf(glob);
  let [part, at, starAt, textAt] = [0, 0, -1, 0];
  while (at < text.length) {
    const one = parts[part];
    if (one === '*') {
      starAt = part++;
      textAt = at;
    } else if (one?.(text[at] as string)) {
      part++;
      at++;
    } else if (starAt >= 0) {
      part = starAt + 1;
      at = ++textAt;
    } else return false;
  }
  while (parts[part] === '*') part++;
  return part === parts.length;
}

type Part = '*' | ((char: string) => boolean);

function partsOf(glob: string): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string;
    const set = char === '[' ? /^\[(!?)([^\]]+)\]/.exec(glob.slice(at)) : null;
    if (char === '*') parts.push('*');
    else if (char === '?') parts.push(() => true);
    else if (set) {
      const [whole, not, chars = ''] = set;
      parts.push((one) => isInSet(chars, one) !== (not === '!'));
      at += whole.length - 1;
    } else parts.push((one) => one === char);
  }
  return parts;
}

function isInSet(chars: string, char: string): boolean {
  for (let at = 0; at < chars.length; at++) {
    if (chars[at + 1] === '-' && at + 2 < chars.length) {
      if (char >= (chars[at] as string) && char <= (chars[at + 2] as string)) return true;
      at += 2;
    } else if (chars[at] === char) return true;
  }
  return false;
}
