/** The values and keys of a call, prepared for being looked for in texts. */
import { expanded } from './decoded-views.js';
import { type Form, formsOf } from './forms.js';
import { forEachBatch, WINDOW, WindowSet } from './windows.js';

/** A value with fewer characters can't be blanked without showing what it is. */
export const SHORT = 4;

/** A value of fewer characters than a window has, as a window of that size. */
export interface ShortValue {
  readonly size: number;
  readonly windows: WindowSet;
}

function lengthOf(text: string): number {
  let sum = 0;
  const count = ({ length }: { length: number }) => {
    sum += length;
  };
  forEachBatch(text, 'spaced', count, 1);
  return sum;
}

/** What is looked for whole: the value without quotes around it, or only without white space if it is too short then. */
function shortValue(value: string): ShortValue[] {
  const trimmed = value.trim();
  // Nearly all of it would have to be white space.
  if (trimmed.length > 200) return [];
  const unquoted = trimmed.replace(/^[\s\p{C}"'`]+|[\s\p{C}"'`]+$/gu, '');
  const text = lengthOf(unquoted) < SHORT ? trimmed : unquoted;
  const size = lengthOf(text);
  if (size === 0 || size >= WINDOW) return [];
  const windows = new WindowSet();
  windows.addAll(text, 'spaced', undefined, size);
  return [{ size, windows }];
}

/** A text without what doesn't distinguish it from another one. */
const essenceOf = (text: string) =>
  text
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[\s\p{C}\p{M}"'`]/gu, '');

/** The values and keys of one call that no error, event or message may show. */
export class SensitiveValues {
  readonly #values: string[] = [];
  /** What follows is made when there is a text to redact: most calls succeed. */
  #forms: readonly (readonly [string, Form])[] | undefined;
  #short: readonly ShortValue[] = [];

  constructor(...values: readonly (string | undefined)[]) {
    for (const value of values) this.add(value);
  }

  add(value: string | undefined): void {
    if (!value || this.#values.includes(value)) return;
    this.#values.push(value);
    this.#forms = undefined;
  }

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  /** Whether a text of the caller is one of the values, or holds a whole one of at least 8 characters. */
  isIn(text: string): boolean {
    const essence = essenceOf(text);
    return this.#values.some((value) => {
      // Most of a longer value would have to be white space.
      if (value.length > 4 * text.length + 100) return false;
      const sought = essenceOf(value);
      return sought.length < WINDOW ? sought === essence : essence.includes(sought);
    });
  }

  /** The forms in which the values have windows of their own. */
  get forms(): ReadonlySet<Form> {
    return new Set(this.#prepare().map(([, form]) => form));
  }

  get hasBackslash(): boolean {
    return this.#values.some((value) => value.includes('\\'));
  }

  /** The values that have no window. */
  get short(): readonly ShortValue[] {
    this.#prepare();
    return this.#short;
  }

  #prepare(): readonly (readonly [string, Form])[] {
    if (this.#forms) return this.#forms;
    const values = this.#values.map(expanded);
    this.#short = values.flatMap(shortValue);
    this.#forms = values.flatMap((value) => formsOf(value).map((form) => [value, form] as const));
    return this.#forms;
  }

  /** Those windows of the values that are among `wanted`: one pass over each value, whatever its length. */
  windows(wanted: WindowSet): WindowSet {
    const found = new WindowSet();
    if (wanted.size > 0) for (const [value, form] of this.#prepare()) found.addAll(value, form, wanted);
    return found;
  }
}
