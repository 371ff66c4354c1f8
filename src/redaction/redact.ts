/**
 * Takes a call's values and keys out of text that others wrote, in whatever encoding it carries them. The public face of
 * this folder: nothing outside of it imports another of its modules.
 *
 * The text is decoded in each way that it may be encoded, and the windows of 8 characters of all these views are looked
 * up among those of the values. A window that occurs in a value is blanked in the text. The work is linear in the
 * length of the values, and a text costs a few passes over them or none.
 */
import { escapeControls } from '../util/escape-controls.js';
import { type View, viewsOf } from './decoded-views.js';
import { type Form, formsOf } from './forms.js';
import { type SensitiveValues, SHORT } from './sensitive-values.js';
import { type Batch, forEachBatch, WINDOW, WindowSet } from './windows.js';

export { SensitiveValues } from './sensitive-values.js';

/** Stands in place of what was taken out. */
export const REDACTED = '[redacted]';
/** No error needs more of a text than this. */
const MAX_LENGTH = 4000;
/** Nor more of all its texts together. */
const MAX_TOTAL_LENGTH = 16_000;

/** What we wrote ourselves is shown whatever the values are, so that no value hides which call failed, and how. */
export type Piece = string | { readonly own: string };

/** A text that others wrote, or one of several pieces. */
export type Text = string | readonly Piece[];

// What becomes of a character.
const SECRET = 1;
const OWN = 2;

/** A text, its views, and what becomes of each of its characters. */
interface Marked {
  readonly shown: string;
  readonly fate: number[];
  views: readonly (View & { readonly forms: readonly Form[] })[];
}

/**
 * The texts, at most 4000 characters of what others wrote in each, without the values: without any 8 consecutive
 * characters of them, and without values of 4 to 7 characters. Of a text that holds a value of fewer characters nothing is
 * left that others wrote. Control characters are escaped.
 *
 * Redact the texts of one error together: each value is then read once. At most 16,000 characters are left, so give the
 * short ones first.
 */
export function redactAll(texts: readonly Text[], values: SensitiveValues): string[] {
  let left = MAX_TOTAL_LENGTH;
  const marked = texts.map((text): Marked => {
    let shown = '';
    const fate: number[] = [];
    for (const piece of [text].flat()) {
      const isOwn = typeof piece !== 'string';
      const part = isOwn ? piece.own : cut(piece, Math.min(left, MAX_LENGTH));
      if (!isOwn) left -= part.length;
      shown += part;
      while (fate.length < shown.length) fate.push(isOwn ? OWN : 0);
    }
    return { shown, fate, views: [] };
  });
  if (!values.isEmpty)
    mark(
      marked.filter(({ fate }) => fate.includes(0)),
      values,
    );
  return marked.map((one) => escapeControls(blanked(one)));
}

/** One text by itself. */
export const redact = (text: Text, values: SensitiveValues): string => redactAll([text], values)[0] as string;

/** The beginning of `text`, without half a character at its end. */
const cut = (text: string, length: number) =>
  text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text;

/** Marks what is secret of the texts. */
function mark(texts: readonly Marked[], values: SensitiveValues): void {
  const known = values.forms;
  const wanted = new WindowSet();
  for (const one of texts) {
    one.views = viewsOf(one.shown, values.hasBackslash).map((view) => {
      // Without the characters outside ASCII, some of which are blank, a text may equal a value that has none.
      const forms = formsOf(view.text).filter((form) => form === 'ascii' || known.has(form));
      for (const form of forms) wanted.addAll(view.text, form);
      return { ...view, forms };
    });
  }
  const found = values.windows(wanted);
  for (const { views, fate } of texts) {
    for (const view of views) {
      // Digits hold every sequence of one to three characters sooner or later.
      for (const { size, windows } of values.short)
        if (size >= SHORT || !view.isDigits) markFound(fate, view, 'spaced', windows, size);
      for (const form of view.forms) markFound(fate, view, form, found, WINDOW);
    }
  }
}

/** Marks windows that are among `found`, or all that others wrote if they are too short to be blanked. */
function markFound(
  fate: number[],
  { text, sourceStart, sourceEnd }: View,
  form: Form,
  found: WindowSet,
  size: number,
): void {
  const use = (batch: Batch) => {
    for (const i of found.matches(batch)) {
      const start = sourceStart[batch.first[i] as number] as number;
      const end = sourceEnd[batch.last[i] as number] as number;
      if (size >= SHORT) markRange(fate, start, end);
      else if (fate.slice(start, end).some((each) => each !== OWN)) markRange(fate, 0, fate.length);
    }
  };
  if (found.size > 0) forEachBatch(text, form, use, size, found);
}

function markRange(fate: number[], start: number, end: number): void {
  for (let i = start; i < end; i++) if (fate[i] !== OWN) fate[i] = SECRET;
}

function blanked({ shown, fate }: Marked): string {
  let out = '';
  for (let i = 0; i < shown.length; i++) {
    if (fate[i] !== SECRET) out += shown[i];
    else if (fate[i - 1] !== SECRET) out += REDACTED;
  }
  return out;
}
