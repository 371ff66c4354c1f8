/**
 * Takes a call's values and keys out of text that others wrote, in whatever encoding it carries them.
 *
 * The text is decoded in each way that it may be encoded, and the windows of 8 characters of all these views are looked
 * up among those of the values. A window that occurs in a value is blanked in the text. The work is linear in the
 * length of the values, and a text costs a few passes over them or none.
 */
import { type View, viewsOf } from './decoded-views.js';
import { type Form, formsOf, WINDOW, WindowSet, windowsOf } from './windows.js';

/** Stands in place of what was taken out. */
export const REDACTED = '[redacted]';
/** No error needs more of a text than this. */
const MAX_LENGTH = 4000;
/** A value with fewer characters can't be blanked without showing what it is. */
const SHORT = 4;
/** Nor more of all its texts together. */
const MAX_TOTAL_LENGTH = 16_000;

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
    this.#short = this.#values.flatMap(shortValue);
    this.#forms = this.#values.flatMap((value) => formsOf(value).map((form) => [value, form] as const));
    return this.#forms;
  }

  /** Those windows of the values that are among `wanted`: one pass over each value, whatever its length. */
  windows(wanted: WindowSet): WindowSet {
    const found = new WindowSet();
    for (const [value, form] of this.#prepare()) found.addAll(value, form, wanted);
    return found;
  }
}

/** The beginning of `text`, without half a character at its end. */
const cut = (text: string, length: number) =>
  text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text;

/** A text in all its views, and the places of it that are to be blanked. */
interface Marked {
  readonly shown: string;
  readonly views: readonly (View & { readonly forms: readonly Form[] })[];
  readonly isSecret: Uint8Array;
}

/**
 * The texts, at most 4000 characters of each, without the values: without any 8 consecutive characters of them, and
 * without values of 4 to 7 characters. Only `[redacted]` is left of a text that holds a value of fewer characters.
 *
 * Redact the texts of one error together: each value is then read once. Control characters stay: see `escapeControls`.
 */
export function redactAll(texts: readonly string[], values: SensitiveValues): string[] {
  let left = MAX_TOTAL_LENGTH;
  const parts = texts.map((text) => {
    const part = cut(text, Math.min(left, MAX_LENGTH));
    left -= part.length;
    return part;
  });
  if (values.isEmpty) return parts;

  const known = values.forms;
  const marked = parts.map((shown): Marked => {
    const views = viewsOf(shown).map((view) => {
      // Without the characters outside ASCII, some of which are blank, a text may equal a value that has none.
      const forms = formsOf(view.text).filter((form) => form === 'ascii' || known.has(form));
      return { ...view, forms };
    });
    return { shown, views, isSecret: new Uint8Array(shown.length) };
  });

  const wanted = new WindowSet();
  for (const { views } of marked)
    for (const { text, forms } of views) for (const form of forms) wanted.addAll(text, form);
  const found = wanted.size > 0 ? values.windows(wanted) : wanted;
  return marked.map((one) => {
    if (markShort(one, values.short)) return REDACTED;
    if (found.size > 0) markWindows(one, found);
    return blanked(one);
  });
}

/** One text by itself. */
export const redact = (text: string, values: SensitiveValues): string => redactAll([text], values)[0] as string;

/** Marks values that have no window; true if one is too short to be blanked. */
function markShort({ views, isSecret }: Marked, short: readonly ShortValue[]): boolean {
  for (const { size, low, high } of short) {
    for (const { text, from, to, isDigits } of views) {
      // Digits hold every short sequence sooner or later.
      if (size < SHORT && isDigits) continue;
      for (const batch of windowsOf(text, 'spaced', size)) {
        for (let i = 0; i < batch.length; i++) {
          if (batch.low[i] !== low || batch.high[i] !== high) continue;
          if (size < SHORT) return true;
          isSecret.fill(1, from[batch.first[i] as number], to[batch.last[i] as number]);
        }
      }
    }
  }
  return false;
}

function markWindows({ views, isSecret }: Marked, found: WindowSet): void {
  for (const { text, from, to, forms } of views) {
    for (const form of forms) {
      for (const batch of windowsOf(text, form, WINDOW, found))
        for (const i of found.matches(batch))
          isSecret.fill(1, from[batch.first[i] as number], to[batch.last[i] as number]);
    }
  }
}

function blanked({ shown, isSecret }: Marked): string {
  let out = '';
  let end = 0;
  for (let at = isSecret.indexOf(1); at >= 0; at = isSecret.indexOf(1, end)) {
    out += shown.slice(end, at) + REDACTED;
    const next = isSecret.indexOf(0, at);
    end = next < 0 ? shown.length : next;
  }
  return out + shown.slice(end);
}
