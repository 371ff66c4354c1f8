/**
 * Takes the call's secret values and the key out of text that others wrote, in whatever form it carries them.
 *
 * The text is looked at through views: its bytes as they stand, and as they are once JSON escapes, percent signs, HTML
 * entities, base64 or hex are decoded, two layers deep. Each byte of a view knows which part of the text it came from,
 * so what is found in a view is blanked in the text.
 */

/** Stands where something was taken out. */
const GONE = '[redacted]';
/** No error needs more of a text than this. */
const MAX_LENGTH = 4000;
/** So many bytes of a value's beginning give it away. */
const HEAD = 8;
/** A value with fewer characters can't be blanked without telling what it is. */
const SHORT = 4;

interface View {
  /** One character a byte (UTF-8). */
  bytes: string;
  from: number[];
  to: number[];
  /** Whether the bytes were written as digits, of base64 or hex. */
  isDigits?: true;
}

const encoder = new TextEncoder();
const utf8 = (text: string) => Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join('');

function add(view: View, bytes: string, from: number, to: number): void {
  view.bytes += bytes;
  for (let i = 0; i < bytes.length; i++) {
    view.from.push(from);
    view.to.push(to);
  }
}

function plain(text: string): View {
  const view: View = { bytes: '', from: [], to: [] };
  let at = 0;
  for (const char of text) {
    add(view, utf8(char), at, at + char.length);
    at += char.length;
  }
  return view;
}

const hexadecimal = (text: string | undefined) => Number.parseInt(text as string, 16);
const CONTROLS: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What each escape stands for, as bytes. */
const ESCAPES: [RegExp, (groups: string[]) => string][] = [
  // JSON and JavaScript
  [
    /\\u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})|\\u([\da-f]{4})|\\x([\da-f]{2})|\\([^ux])/gi,
    ([, high, low, four, two, char]) =>
      char
        ? (CONTROLS[char] ?? char)
        : utf8(String.fromCharCode(...[high ?? four ?? two, low].flatMap((hex) => (hex ? [hexadecimal(hex)] : [])))),
  ],
  // Percent-encoding, of addresses and of forms
  [/%([\da-f]{2})/gi, ([, hex]) => String.fromCharCode(hexadecimal(hex))],
  [/%([\da-f]{2})|\+/gi, ([, hex]) => (hex ? String.fromCharCode(hexadecimal(hex)) : ' ')],
  // HTML and XML
  [
    /&(?:#(\d{1,6})|#x([\da-f]{1,5})|(amp|lt|gt|quot|apos));/gi,
    ([, decimal, hex, name]) =>
      name
        ? (ENTITIES[name.toLowerCase()] ?? '')
        : utf8(String.fromCodePoint(decimal ? Number(decimal) : hexadecimal(hex))),
  ],
];

function unescaped(view: View, pattern: RegExp, decode: (groups: string[]) => string): View | undefined {
  const out: View = { bytes: '', from: [], to: [] };
  let at = 0;
  const copy = (end: number) => {
    out.bytes += view.bytes.slice(at, end);
    out.from.push(...view.from.slice(at, end));
    out.to.push(...view.to.slice(at, end));
  };
  for (const match of view.bytes.matchAll(pattern)) {
    copy(match.index);
    at = match.index + match[0].length;
    add(out, decode(match), view.from[match.index] as number, view.to[at - 1] as number);
  }
  if (at === 0) return undefined;
  copy(view.bytes.length);
  return out;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Digits of `bits` bits each, read from the `skip`th digit of each run on: a run may begin with letters of other text. */
function digits(view: View, run: RegExp, bits: number, skip: number): View | undefined {
  const out: View = { bytes: '', from: [], to: [], isDigits: true };
  for (const { 0: text, index } of view.bytes.matchAll(run)) {
    let held = 0;
    let have = 0;
    for (let i = skip; i < text.length; i++) {
      const char = text[i] as string;
      const digit =
        bits === 4 ? Number.parseInt(char, 16) : BASE64.indexOf(char === '-' ? '+' : char === '_' ? '/' : char);
      held = ((held << bits) | digit) & 0xffff;
      have += bits;
      if (have < 8) continue;
      have -= 8;
      // Each byte stands in two digits, of which the first may be shared with the byte before.
      add(
        out,
        String.fromCharCode((held >> have) & 0xff),
        view.from[index + i - 1] as number,
        view.to[index + i] as number,
      );
    }
  }
  return out.bytes ? out : undefined;
}

/** The views of a text one layer down. */
function decoded(view: View): View[] {
  if (view.isDigits) return [];
  return [
    ...ESCAPES.map(([pattern, decode]) => unescaped(view, pattern, decode)),
    ...[0, 1, 2, 3].map((skip) => digits(view, /[\w+/-]{6,}/g, 6, skip)),
    ...[0, 1].map((skip) => digits(view, /[\da-f]{8,}/gi, 4, skip)),
  ].filter((some) => some !== undefined);
}

/** The values and the keys of one call that no error and no event may show. */
export class SensitiveValues {
  readonly #values = new Set<string>();

  constructor(...values: readonly (string | undefined)[]) {
    for (const value of values) this.add(value);
  }

  add(value: string | undefined): void {
    if (value) this.#values.add(value);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#values.values();
  }
}

/** `text` without `silent`: the values themselves, their beginnings, and their lines. */
export function redact(text: string, silent: Iterable<string>): string {
  const values = new Set<string>();
  for (const value of silent) {
    if (value) values.add(value.slice(0, MAX_LENGTH));
    for (const line of value.split(/[\r\n]+/)) if (line.length >= HEAD) values.add(line);
  }
  const cut = text.slice(0, MAX_LENGTH);
  if (values.size === 0 || text === '') return cut;

  const first = plain(cut);
  const layer = decoded(first);
  const views = [first, ...layer, ...layer.flatMap(decoded)];

  const byStart = new Map<string, string[]>();
  for (const value of values) {
    const bytes = utf8(value);
    if (value.length < SHORT) {
      // Digits hold every short sequence sooner or later.
      if (views.some((view) => !view.isDigits && view.bytes.includes(bytes))) return GONE;
      continue;
    }
    const start = bytes.slice(0, SHORT);
    const same = byStart.get(start);
    if (same) same.push(bytes);
    else byStart.set(start, [bytes]);
  }

  const spans: [number, number][] = [];
  for (const { bytes, from, to } of views) {
    for (let at = 0; at + SHORT <= bytes.length; at++) {
      // The longest alone: a value of many lines that begin alike would fill the memory.
      let longest = 0;
      for (const value of byStart.get(bytes.slice(at, at + SHORT)) ?? []) {
        let length = SHORT;
        while (length < value.length && value[length] === bytes[at + length]) length++;
        if (length >= Math.min(value.length, HEAD)) longest = Math.max(longest, length);
      }
      if (longest > 0) spans.push([from[at] as number, to[at + longest - 1] as number]);
    }
  }

  let out = '';
  let end = 0;
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    if (from >= end) out += cut.slice(end, from) + GONE;
    end = Math.max(end, to);
  }
  return out + cut.slice(end);
}

/** `text` of somebody else, for a message or a field of an error. */
export const safeText = (text: string, values: SensitiveValues): string => redact(text, values);
