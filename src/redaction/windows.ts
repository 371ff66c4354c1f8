/** Compares texts by windows: each 8 consecutive characters, a byte each, packed into two 32-bit integers. */
import { FLAGS, type Form, learn, ONCE, SKIPPED, SPACE, SPECIAL, tableOf } from './forms.js';

/** Shorter sequences don't count as a leak. */
export const WINDOW = 8;

/** Some windows of a text: columns, since an object or a callback for each window would cost most of the time. */
export interface Batch {
  length: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** The places of the first and the last character. */
  readonly first: Int32Array;
  readonly last: Int32Array;
}

const BATCH = 4096;
const column = () => new Int32Array(BATCH);
/** One for all texts: a new one for each would take longer than most texts. Read within `forEachBatch` only. */
const batch: Batch = { length: 0, low: column(), high: column(), first: column(), last: column() };

/**
 * Calls `use` with the windows of `size` characters, in batches; with `among`, only with those that it may have. A batch
 * is valid until `use` returns.
 */
export function forEachBatch(
  text: string,
  form: Form,
  use: (batch: Batch) => void,
  size = WINDOW,
  among?: WindowSet,
): void {
  const table = tableOf(form);
  const { low, high, first, last } = batch;
  const filter = among?.filter;
  const filterShift = among?.filterShift ?? 0;
  const lowMask = size < 4 ? (1 << (8 * size)) - 1 : -1;
  const highMask = size < 8 ? (1 << (8 * Math.max(size - 4, 0))) - 1 : -1;
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
    const entry = (table[unit] as number) || learn(form, unit);
    const byte = entry & 0xff;
    if (entry >= FLAGS) {
      const isRepeated = byte === SPACE && previous === SPACE;
      if (isRepeated && entry & ONCE) continue;
      if (isRepeated || entry & SPECIAL) special = count;
      if (entry & SKIPPED) continue;
    }
    if (byte !== SPACE) solid = count;
    previous = byte;
    highBytes = (highBytes << 8) | (lowBytes >>> 24);
    lowBytes = (lowBytes << 8) | byte;
    places[count & 7] = i;
    count++;
    const start = count - size;
    // Windows that equal one in compact form, or that are blank, are left out.
    if (start < 0 || !(isEvery || (special >= start && solid >= start))) continue;
    const lowWindow = lowBytes & lowMask;
    const highWindow = highBytes & highMask;
    if (filter && filter[hashOf(lowWindow, highWindow) >>> filterShift] === 0) continue;
    low[length] = lowWindow;
    high[length] = highWindow;
    first[length] = places[start & 7] as number;
    last[length] = i;
    if (++length < BATCH) continue;
    batch.length = length;
    use(batch);
    length = 0;
  }
  batch.length = length;
  use(batch);
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
  #slots = new Int32Array(128);
  #shift = 26;
  size = 0;
  /** Not 0 where a window may be in the set: small, so that a long value is compared without misses of the cache. */
  filter: Uint8Array = new Uint8Array(0);
  filterShift = 0;

  constructor() {
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

  /** Adds the windows of `size` characters; with `among`, only those that it has. */
  addAll(text: string, form: Form, among?: WindowSet, size = WINDOW): void {
    const add = (batch: Batch) => {
      const { length, low, high } = batch;
      if (among) for (const i of among.matches(batch)) this.#add(low[i] as number, high[i] as number);
      else for (let i = 0; i < length; i++) this.#add(low[i] as number, high[i] as number);
    };
    forEachBatch(text, form, add, size, among);
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
