/**
 * Takes a call's values and keys out of text that others wrote, in whatever encoding it carries them.
 *
 * The text is decoded in each way that it may be encoded, and the windows of 8 characters of all these views are looked
 * up among those of the values. A window that occurs in a value is blanked in the text. The work is linear in the
 * length of the values, and a text costs a few passes over them or none.
 */
import { viewsOf } from './decoded-views.js';
import { type Form, formsOf, WINDOW, WindowSet, windowsOf } from './windows.js';

/** Stands in place of what was taken out. */
export const REDACTED = '[redacted]';
/** No error needs more of a text than this. */
const MAX_LENGTH = 4000;
/** A value with fewer characters can't be blanked without showing what it is. */
const SHORT = 4;
/** An index of all windows pays off after so many texts, or at once if a text is long: an error has up to 84 of them. */
const PASSES = 2;
const SHORT_TEXT = 200;
/** Values that are longer than this in all are not indexed: an index takes 16 to 32 bytes a character. */
const MAX_INDEXED = 8_000_000;

/** A value of fewer characters than a window has. */
interface ShortValue {
  readonly size: number;
  readonly low: number;
  readonly high: number;
}

const lengthOf = (text: string) => [...windowsOf(text, 'spaced', 1)].reduce((sum, { length }) => sum + length, 0);

/** What is looked for whole: the value without quotes around it, or only without white space if it is too short then. */
function shortValue(value: string): ShortValue[] {
  const trimmed = value.trim();
  // Nearly all of it would have to be white space.
  if (trimmed.length > 200) return [];
  const unquoted = trimmed.replace(/^[\s\p{C}"'`]+|[\s\p{C}"'`]+$/gu, '');
  const text = lengthOf(unquoted) < SHORT ? trimmed : unquoted;
  const size = lengthOf(text);
  if (size === 0 || size >= WINDOW) return [];
  return [...windowsOf(text, 'spaced', size)].map(({ low, high }) => ({
    size,
    low: low[0] as number,
    high: high[0] as number,
  }));
}

/** The values and keys of one call that no error, event or message may show. */
export class SensitiveValues {
  readonly #values = new Set<string>();
  /** What follows is made when there is a text to redact: most calls succeed. */
  #forms: readonly (readonly [string, Form])[] | undefined;
  #short: readonly ShortValue[] = [];
  #length = 0;
  #index: WindowSet | undefined;
  #passes = 0;

  constructor(...values: readonly (string | undefined)[]) {
    for (const value of values) this.add(value);
  }

  add(value: string | undefined): void {
    if (!value || this.#values.has(value)) return;
    this.#values.add(value);
    this.#forms = undefined;
    this.#index = undefined;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** The forms in which the values have windows of their own. */
  get forms(): ReadonlySet<Form> {
    return new Set(this.#prepare().map(([, form]) => form));
  }

  /** The values that have no window. */
  get short(): readonly ShortValue[] {
    this.#prepare();
    return this.#short;
  }

  #prepare(): readonly (readonly [string, Form])[] {
    if (this.#forms) return this.#forms;
    const values = [...this.#values];
    this.#short = values.flatMap(shortValue);
    this.#forms = values.flatMap((value) => formsOf(value).map((form) => [value, form] as const));
    this.#length = values.reduce((sum, { length }) => sum + length, 0);
    return this.#forms;
  }

  /** A set of windows of the values that holds at least those that are among `wanted`. */
  windows(isLong: boolean, wanted: () => WindowSet): WindowSet {
    if (this.#index) return this.#index;
    const forms = this.#prepare();
    const isIndex = (isLong || this.#passes++ >= PASSES) && this.#length <= MAX_INDEXED;
    const found = new WindowSet(isIndex ? this.#length / 2 : 0);
    const some = isIndex ? undefined : wanted();
    for (const [value, form] of forms) found.addAll(value, form, some);
    if (isIndex) this.#index = found;
    return found;
  }
}

/** The beginning of `text`, without half a character at its end. */
const cut = (text: string) =>
  text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH).replace(/[\ud800-\udbff]$/, '') : text;

/**
 * The text, at most 4000 characters of it, without the values: without any 8 consecutive characters of them, and
 * without values of 4 to 7 characters. Only `[redacted]` is left of a text that holds a value of fewer characters.
 *
 * Control characters stay: see `escapeControls`.
 */
export function redact(text: string, values: SensitiveValues): string {
  const shown = cut(text);
  if (values.isEmpty || shown === '') return shown;
  const { forms: known } = values;
  const views = viewsOf(shown).map((view) => ({
    ...view,
    forms: formsOf(view.text).filter((form) => known.has(form)),
  }));
  const isSecret = new Uint8Array(shown.length);

  for (const { size, low, high } of values.short) {
    let occurs = false;
    for (const { text, from, to, isDigits } of views) {
      if (size < SHORT && isDigits) continue;
      for (const batch of windowsOf(text, 'spaced', size)) {
        for (let i = 0; i < batch.length; i++) {
          if (batch.low[i] !== low || batch.high[i] !== high) continue;
          occurs = true;
          isSecret.fill(1, from[batch.first[i] as number], to[batch.last[i] as number]);
        }
      }
    }
    if (occurs && size < SHORT) return REDACTED;
  }

  const found = values.windows(shown.length > SHORT_TEXT, () => {
    const all = new WindowSet(shown.length);
    for (const { text, forms } of views) for (const form of forms) all.addAll(text, form);
    return all;
  });
  if (found.size > 0) {
    for (const { text, from, to, forms } of views) {
      for (const form of forms) {
        for (const batch of windowsOf(text, form))
          for (const i of found.matches(batch))
            isSecret.fill(1, from[batch.first[i] as number], to[batch.last[i] as number]);
      }
    }
  }

  let out = '';
  let end = 0;
  for (let at = isSecret.indexOf(1); at >= 0; at = isSecret.indexOf(1, end)) {
    out += shown.slice(end, at) + REDACTED;
    const next = isSecret.indexOf(0, at);
    end = next < 0 ? shown.length : next;
  }
  return out + shown.slice(end);
}
