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
  /** The same with marks, which are characters too. */
  | 'marked'
  /** Each run of white space is one space: finds words of fewer letters. */
  | 'spaced'
  /** Without white space, `?` and characters outside ASCII: finds text whose other characters were garbled. */
  | 'ascii'
  /** Each character counts. */
  | 'raw';

const SPACE = 0x20;
const QUESTION_MARK = 0x3f;
const IGNORED = 1;

/** Accents, and the vowels of Hangul: they are characters of their own in one normal form, and not in the other. */
const MARK = /[\p{M}\p{Cf}\u1160-\u11ff]/u;

/** The byte of each UTF-16 code unit; 0 is not known yet. */
const codes = new Uint8Array(0x10000);

const byteOf = (unit: number) => (unit < 0x80 ? unit : 0x80 | ((unit ^ (unit >> 7) ^ (unit >> 14)) & 0x7f));

function codeOf(unit: number): number {
  const char = String.fromCharCode(unit);
  const isSpace = /[\s\p{Cc}]/u.test(char);
  const code = MARK.test(char) ? IGNORED : isSpace ? SPACE : byteOf(char.normalize('NFKD').toLowerCase().charCodeAt(0));
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
  if (!isAscii && MARK.test(text)) forms.push('marked');
  return forms;
}

/** Some windows of a text: columns, since an object or a callback for each window would cost most of the time. */
export interface Batch {
  readonly length: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The places of the first and the last character. */
  readonly first: Int32Array;
  readonly last: Int32Array;
}

const BATCH = 4096;
/** One for all texts: a new one for each would take longer than most texts. */
const [LOW, HIGH, FIRST, LAST] = [0, 0, 0, 0].map(() => new Int32Array(BATCH)) as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/**
 * The windows of `size` characters, in batches; with `among`, only those that it may have. A batch is valid until the next
 * one is asked for, of any text.
 */
export function* windowsOf(text: string, form: Form, size = WINDOW, among?: WindowSet): Generator<Batch, void> {
  const filter = among?.filter;
  const filterShift = among?.filterShift ?? 0;
  const lowMask = size < 4 ? (1 << (8 * size)) - 1 : -1;
  const highMask = size < 8 ? (1 << (8 * Math.max(size - 4, 0))) - 1 : -1;
  const isRaw = form === 'raw';
  const isAscii = form === 'ascii';
  const isMarked = form === 'marked';
  const isCompact = form === 'compact' || isMarked;
  // Windows that equal one in compact form, or that are blank, are left out.
  const isEvery = form === 'compact' || size < WINDOW;
  const places = new Int32Array(WINDOW);
  let lowBytes = 0;
  let highBytes = 0;
  let count = 0;
  let previous = 0;
  let special = -WINDOW;
  let solid = -WINDOW;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let code = (codes[unit] as number) || codeOf(unit);
    if (isRaw) {
      if (unit >= 0x80 && code !== SPACE) code = byteOf(unit);
      if (unit >= 0x80 || (code === SPACE && previous === SPACE)) special = count;
      if (code !== SPACE) solid = count;
    } else if (code === IGNORED) {
      if (!isMarked) continue;
      code = byteOf(unit);
      special = count;
    } else if (isAscii && (unit >= 0x80 || unit === QUESTION_MARK)) {
      special = count;
      continue;
    } else if (code === SPACE) {
      if (isCompact || isAscii || previous === SPACE) continue;
      special = count;
    }
    previous = code;
    highBytes = (highBytes << 8) | (lowBytes >>> 24);
    lowBytes = (lowBytes << 8) | code;
    places[count & 7] = i;
    count++;
    const start = count - size;
    if (start < 0 || !(isEvery || (special >= start && (!isRaw || solid >= start)))) continue;
    if (filter && filter[hashOf(lowBytes, highBytes) >>> filterShift] === 0) continue;
    LOW[length] = lowBytes & lowMask;
    HIGH[length] = highBytes & highMask;
    FIRST[length] = places[start & 7] as number;
    LAST[length] = i;
    if (++length < BATCH) continue;
    yield { length, low: LOW, high: HIGH, first: FIRST, last: LAST };
    length = 0;
  }
  yield { length, low: LOW, high: HIGH, first: FIRST, last: LAST };
}

/** Differs from process to process, so that no server can make up windows that all fall into the same slot. */
const SEED = Math.floor(Math.random() * 2 ** 31) * 2 + 1;

const hashOf = (low: number, high: number): number =>
  Math.imul((high ^ (high >>> 11)) + Math.imul(low, SEED), 0x9e3779b1);
/** A filter of more bytes than this does not fit into the cache of a core. */
const MAX_FILTER_BITS = 18;

/** Where the window is among `slots`, or where it would be put. */
function slotOf(slots: Int32Array, shift: number, low: number, high: number): number {
  const last = slots.length - 1;
  const hash = Math.imul(high, SEED) ^ low;
  let slot = (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> shift) << 1;
  while (slots[slot] !== 0 && (slots[slot] !== low || slots[slot + 1] !== high)) slot = (slot + 2) & last;
  return slot;
}

/** A set of windows, in a hash table with open addressing: a Set of bigints would take 20 times the memory. */
export class WindowSet {
  /** Pairs of low and high. No window's low is 0. */
  #slots: Int32Array;
  #shift: number;
  size = 0;
  /** Not 0 where a window may be in the set: small, so that a long value is compared without misses of the cache. */
  filter: Uint8Array = new Uint8Array(0);
  filterShift = 0;

  constructor() {
    this.#slots = new Int32Array(128);
    this.#shift = 26;
    this.#newFilter();
  }

  #newFilter(): void {
    const bits = Math.min(32 - this.#shift + 3, MAX_FILTER_BITS);
    this.filterShift = 32 - bits;
    this.filter = new Uint8Array(1 << bits);
  }

  /** Which of the batch's windows are in the set. */
  matches({ length, low, high }: Batch): number[] {
    const slots = this.#slots;
    const shift = this.#shift;
    const found: number[] = [];
    for (let i = 0; i < length; i++)
      if (slots[slotOf(slots, shift, low[i] as number, high[i] as number)] !== 0) found.push(i);
    return found;
  }

  /** Adds the windows of `text`; with `among`, only those that it has. */
  addAll(text: string, form: Form, among?: WindowSet): void {
    for (const batch of windowsOf(text, form, WINDOW, among)) {
      const { length, low, high } = batch;
      if (among) for (const i of among.matches(batch)) this.#add(low[i] as number, high[i] as number);
      else for (let i = 0; i < length; i++) this.#add(low[i] as number, high[i] as number);
    }
  }

  #add(low: number, high: number): void {
    const slots = this.#slots;
    const slot = slotOf(slots, this.#shift, low, high);
    if (slots[slot] !== 0) return;
    slots[slot] = low;
    slots[slot + 1] = high;
    this.filter[hashOf(low, high) >>> this.filterShift] = 1;
    if (++this.size * 8 > slots.length * 3) this.#grow();
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#shift--;
    this.#newFilter();
    this.size = 0;
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0) this.#add(old[i] as number, old[i + 1] as number);
  }
}
