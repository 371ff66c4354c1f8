/** What a file of secrets holds, what is wrong with it, and where. */
/** One secret of a file. */
export interface Entry {
  readonly tag: string;
  /** Undefined if the file has no name for it. */
  readonly name: string | undefined;
  readonly secret: string;
  /** Where it begins in the text. */
  readonly at: number;
}

/** What is wrong with a file, and where in the text. Never quotes the file. */
export interface FileProblem {
  readonly at: number;
  readonly text: string;
}

/** A file of these many secrets takes Cortex hours. */
export const MAX_ENTRIES = 200_000;
const TOO_MANY = `the file has more than ${MAX_ENTRIES} secrets, which is the limit`;
/** A file of more is no file of secrets. */
export const MAX_PROBLEMS = 1000;

/** Problems in the order of the text. */
export class Problems {
  readonly all: FileProblem[] = [];

  add(at: number, text: string): void {
    if (!this.isFull) this.all.push({ at, text });
  }

  get count(): number {
    return this.all.length;
  }

  /** Whether it takes no more. */
  get isFull(): boolean {
    return this.all.length === MAX_PROBLEMS;
  }
}

/** A file that was parsed. */
export class ParsedFile {
  /** The text that positions refer to. */
  readonly text: string;
  readonly entries: Entry[] = [];
  readonly problems = new Problems();
  /** Whether it has more secrets than it may have. */
  isFull = false;

  /** The keys that are left out. */
  readonly leftOut: string[] = [];
  readonly #takes: (key: string) => boolean;

  constructor(text: string, takes: (key: string) => boolean) {
    this.text = text;
    this.#takes = takes;
  }

  /** Whether a key is none of those to import. What is wrong with its value does not matter then. */
  leavesOut(key: string): boolean {
    if (this.#takes(key)) return false;
    if (this.leftOut.length < MAX_ENTRIES) this.leftOut.push(key);
    return true;
  }

  add(entry: Entry): void {
    if (this.entries.length < MAX_ENTRIES) this.entries.push(entry);
    else if (!this.isFull) {
      this.isFull = true;
      this.problems.add(entry.at, TOO_MANY);
    }
  }
}

interface Pair {
  readonly key: string;
  readonly at: number;
  readonly value: LocatedValue;
}

/** A value that knows where it begins. `wrong` is what no secret has, such as a number, and what to say of it. */
export type LocatedValue =
  | { readonly kind: 'string'; readonly at: number; readonly text: string }
  | { readonly kind: 'map'; readonly at: number; readonly pairs: readonly Pair[] }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly LocatedValue[] }
  | { readonly kind: 'wrong'; readonly at: number; readonly problem: string };

export interface Position {
  readonly line: number;
  /** In characters. */
  readonly column: number;
}

/** The lines and columns of places in a text, counted from 1. */
export function positionsOf(text: string, places: readonly number[]): Map<number, Position> {
  const positions = new Map<number, Position>();
  let at = 0;
  let line = 1;
  let column = 1;
  for (const place of [...places].sort((a, b) => a - b)) {
    for (; at < place; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 0x0a) {
        line++;
        column = 1;
      } else if (unit < 0xdc00 || unit > 0xdfff) column++; // not the second half of a character
    }
    positions.set(place, { line, column });
  }
  return positions;
}
