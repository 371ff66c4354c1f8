/**
 * Compares texts by windows: each 8 consecutive characters, packed into two 32-bit integers.
 *
 * A character is one byte of a window: itself, in lower case, if it is ASCII, and 7 bits of a hash otherwise. So a
 * window of ASCII is exact, and 8 characters of another script collide with a probability of 2^-56.
 */

/** Shorter sequences don't count as a leak. */
export const WINDOW = 8;

/** What a window is made of. The windows of all forms share one set: a text in one form may equal a value in another. */
export type Form =
  /** Without white space and without marks: finds what was wrapped, unwrapped or decomposed (NFD). */
  | 'compact'
  /** Each run of white space is one space: finds words of fewer letters. */
  | 'spaced'
  /** Without white space, `?` and characters outside ASCII: finds text whose other characters were garbled. */
  | 'ascii'
  /** Each character counts. */
  | 'raw';

const SPACE = 0x20;
const QUESTION_MARK = 0x3f;
const IGNORED = 1;

/** The byte of each UTF-16 code unit; 0 is not known yet. */
const codes = new Uint8Array(0x10000);

const byteOf = (unit: number) => (unit < 0x80 ? unit : 0x80 | ((unit ^ (unit >> 7) ^ (unit >> 14)) & 0x7f));

function codeOf(unit: number): number {
  const char = String.fromCharCode(unit);
  // Accents, and the vowels of decomposed Hangul, are in one normal form and not in the other.
  const isMark = /[\p{M}\p{Cf}\u1160-\u11ff]/u.test(char);
  const isSpace = /[\s\p{Cc}]/u.test(char);
  const code = isMark ? IGNORED : isSpace ? SPACE : byteOf(char.normalize('NFKD').toLowerCase().charCodeAt(0));
  codes[unit] = code;
  return code;
}

/** The forms in which windows of `text` differ from those in `compact` form. */
export function formsOf(text: string): Form[] {
  const forms: Form[] = ['compact'];
  if (/[\s\p{Cc}]/u.test(text)) forms.push('spaced');
  const isAscii = !/[^\0-\x7f]/.test(text);
  if (!isAscii || text.includes('?')) forms.push('ascii');
  if (!isAscii || /[\s\p{Cc}]{2}/u.test(text)) forms.push('raw');
  return forms;
}

/** Visits each window of `size` characters with the places of its first and its last character. */
export function eachWindow(
  text: string,
  form: Form,
  size: number,
  visit: (low: number, high: number, first: number, last: number) => void,
): void {
  const lowMask = size < 4 ? (1 << (8 * size)) - 1 : -1;
  const highMask = size < 8 ? (1 << (8 * Math.max(size - 4, 0))) - 1 : -1;
  const isRaw = form === 'raw';
  const isAscii = form === 'ascii';
  const isCompact = form === 'compact';
  // Windows that equal one in compact form, or that are blank, are left out.
  const isEvery = isCompact || size < WINDOW;
  const places = new Int32Array(8);
  let low = 0;
  let high = 0;
  let count = 0;
  let previous = 0;
  let special = -WINDOW;
  let solid = -WINDOW;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let code = (codes[unit] as number) || codeOf(unit);
    if (isRaw) {
      if (unit >= 0x80 && code !== SPACE) code = byteOf(unit);
      if (unit >= 0x80 || (code === SPACE && previous === SPACE)) special = count;
      if (code !== SPACE) solid = count;
    } else if (code === IGNORED) {
      continue;
    } else if (isAscii && (unit >= 0x80 || unit === QUESTION_MARK)) {
      special = count;
      continue;
    } else if (code === SPACE) {
      if (isCompact || isAscii || previous === SPACE) continue;
      special = count;
    }
    previous = code;
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | code;
    places[count & 7] = i;
    count++;
    const start = count - size;
    if (start < 0 || !(isEvery || (special >= start && (!isRaw || solid >= start)))) continue;
    visit(low & lowMask, high & highMask, places[start & 7] as number, i);
  }
}

/** Differs from process to process, so that no server can make up windows that all fall into the same slot. */
const SEED = Math.floor(Math.random() * 2 ** 31) * 2 + 1;

/** A set of windows, in a hash table with open addressing: a Set of bigints would take 20 times the memory. */
export class WindowSet {
  /** Pairs of low and high. No window's low is 0. */
  #slots: Int32Array;
  #shift: number;
  #size = 0;

  /** Has room for `expected` windows, and grows if there are more. */
  constructor(expected = 0) {
    const bits = Math.max(6, Math.ceil(Math.log2(expected * 1.5 + 1)));
    this.#slots = new Int32Array(2 << bits);
    this.#shift = 32 - bits;
  }

  get size(): number {
    return this.#size;
  }

  /** Where the window is, or where it would be put. */
  #slotOf(low: number, high: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    const hash = Math.imul(high, SEED) ^ low;
    let slot = (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> this.#shift) << 1;
    while (slots[slot] !== 0 && (slots[slot] !== low || slots[slot + 1] !== high)) slot = (slot + 2) & last;
    return slot;
  }

  has(low: number, high: number): boolean {
    return this.#slots[this.#slotOf(low, high)] !== 0;
  }

  add(low: number, high: number): void {
    const slot = this.#slotOf(low, high);
    if (this.#slots[slot] !== 0) return;
    this.#slots[slot] = low;
    this.#slots[slot + 1] = high;
    if (++this.#size * 8 > this.#slots.length * 3) this.#grow();
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#shift--;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      const slot = this.#slotOf(old[i] as number, old[i + 1] as number);
      this.#slots[slot] = old[i] as number;
      this.#slots[slot + 1] = old[i + 1] as number;
    }
  }
}
