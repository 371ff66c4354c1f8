/**
 * What a text is made of when it is compared: one byte a character.
 *
 * The byte is the character itself, in lower case, if it is ASCII, and 7 bits of a hash otherwise. So 8 characters of
 * ASCII are compared exactly, and 8 of another script collide with a probability of 2^-56.
 */

export const SPACE = 0x20;
const QUESTION_MARK = 0x3f;
/** The byte of accents, and of the vowels of Hangul: in one normal form they are characters of their own. */
const MARK = 1;
const MARKS = /[\p{M}\p{Cf}\u1160-\u11ff]/u;

// What a form makes of a code unit: its byte, and these.
export const FLAGS = 0x100;
export const SKIPPED = FLAGS;
/** Windows with this character are not among those in compact form. */
export const SPECIAL = 0x200;
/** A space that is skipped after another one. */
export const ONCE = 0x400;
/** A space that is special after another one. */
const REPEATABLE = 0x800;

const hashed = (unit: number) => (unit < 0x80 ? unit : 0x80 | ((unit ^ (unit >> 7) ^ (unit >> 14)) & 0x7f));

/** The byte of a code unit: that of its base letter, in lower case. By way of the upper case, which `ı` and `i` share. */
function byteOf(unit: number): number {
  const char = String.fromCharCode(unit);
  if (MARKS.test(char)) return MARK;
  if (/[\s\p{Cc}]/u.test(char)) return SPACE;
  return hashed(char.normalize('NFKD').charAt(0).toUpperCase().toLowerCase().charCodeAt(0));
}

/** What windows are made of. Those of all forms share one set: a text in one form may equal a value in another. */
const FORMS = {
  /** Without white space and without marks: finds what was wrapped, unwrapped or decomposed (NFD). */
  compact: (_: number, byte: number) => (byte === SPACE || byte === MARK ? SKIPPED : byte),
  /** The same with marks, which are characters too. */
  marked: (unit: number, byte: number) => (byte === MARK ? hashed(unit) | SPECIAL : byte === SPACE ? SKIPPED : byte),
  /** Each run of white space is one space: finds words of fewer letters. */
  spaced: (_: number, byte: number) => (byte === MARK ? SKIPPED : byte === SPACE ? SPACE | SPECIAL | ONCE : byte),
  /** Without white space, `?` and characters outside ASCII: finds text whose other characters were garbled. */
  ascii: (unit: number, byte: number) =>
    byte === MARK
      ? SKIPPED
      : unit >= 0x80 || unit === QUESTION_MARK
        ? SKIPPED | SPECIAL
        : byte === SPACE
          ? SKIPPED
          : byte,
  /** Each character counts. */
  raw: (unit: number, byte: number) =>
    byte === SPACE ? SPACE | (unit < 0x80 ? REPEATABLE : SPECIAL) : unit < 0x80 ? byte : hashed(unit) | SPECIAL,
} satisfies Record<string, (unit: number, byte: number) => number>;

export type Form = keyof typeof FORMS;

/** What each form makes of each code unit; 0 is not known yet. */
const tables: Partial<Record<Form, Uint16Array>> = {};

export const tableOf = (form: Form): Uint16Array => {
  tables[form] ??= new Uint16Array(0x10000);
  return tables[form];
};

/** Fills in the entry of a code unit. */
export const learn = (form: Form, unit: number): number => {
  const entry = FORMS[form](unit, byteOf(unit));
  tableOf(form)[unit] = entry;
  return entry;
};

/** The forms in which windows of `text` differ from those in `compact` form. */
export function formsOf(text: string): Form[] {
  const forms: Form[] = ['compact'];
  if (/[\s\p{Cc}]/u.test(text)) forms.push('spaced');
  const isAscii = !/[^\0-\x7f]/.test(text);
  if (!isAscii || text.includes('?')) forms.push('ascii');
  if (!isAscii || /[\s\p{Cc}]{2}/u.test(text)) forms.push('raw');
  if (!isAscii && MARKS.test(text)) forms.push('marked');
  return forms;
}
