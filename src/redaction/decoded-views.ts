/**
 * Reads a text in each of the encodings that it may carry, two layers deep: escapes of JSON and JavaScript, of URLs,
 * forms and HTML, UTF-8 that was read as ISO-8859-1, base64 and hexadecimal digits.
 */
import { CONTROL, escapeControls } from '../util/escape-controls.js';

/** A text, decoded. Each character knows which part of the original text it came from. */
export interface View {
  readonly text: string;
  readonly sourceStart: Uint16Array;
  readonly sourceEnd: Uint16Array;
  /** Whether it was written in digits, of base64 or hexadecimal: those hold each short sequence by chance. */
  readonly isDigits: boolean;
}

/** What a regular expression matched: all of it, then its groups. */
type Match = readonly (string | undefined)[];

type Rule = readonly [pattern: RegExp, rewrite: (match: Match) => string];

/**
 * The named entities of ASCII characters, and of Latin letters that are not one with an accent. Others become U+FFFD: the
 * windows around them are compared without characters outside ASCII, so a table of 2,000 names would find nothing more in
 * most values.
 */
const ENTITIES = new Map(
  (
    'amp&lt<gt>quot"apos\'excl!num#dollar$percnt%lpar(rpar)ast*plus+comma,period.sol/colon:semi;equals=quest?commat@' +
    'lsqb[lbrack[bsol\\rsqb]rbrack]hat^lowbar_grave`lcub{lbrace{verbar|vert|rcub}rbrace}nbsp\ntab\nnewline\n' +
    'szligßaeligæoeligœoslashøethðthornþlstrokł'
  )
    .match(/[a-z]+[^a-z]/g)
    ?.map((entry) => [entry.slice(0, -1), entry.slice(-1)]),
);

const ofHex = (hex: string | undefined) => String.fromCharCode(Number.parseInt(hex as string, 16));
const ofCodePoint = (code: number) => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code));

function ofBackslash([, point, four = point, hex = four, octal, char = '']: Match): string {
  if (hex) return ofCodePoint(Number.parseInt(hex, 16));
  if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
  // White space and control characters are compared as one character.
  return /[bfnrtv0]/.test(char) ? '\n' : char;
}

function ofEntity([, decimal, hex, name = '']: Match): string {
  if (decimal ?? hex) return ofCodePoint(decimal ? Number(decimal) : Number.parseInt(hex as string, 16));
  // A letter with an accent. Accents are not compared.
  const [, letter] = /^([a-z])(?:uml|acute|grave|circ|tilde|cedil|ring|caron)$/i.exec(name) ?? [];
  return letter ?? ENTITIES.get(name.toLowerCase()) ?? '\ufffd';
}

const UTF8 = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;

/** Without TextDecoder, which some test environments lack. */
function ofBytes([bytes = '']: Match): string {
  let code = bytes.charCodeAt(0) & (0x7f >> bytes.length);
  for (let i = 1; i < bytes.length; i++) code = (code << 6) | (bytes.charCodeAt(i) & 0x3f);
  return ofCodePoint(code);
}

/** Letters whose upper case is more than one letter: `STRASSE` is `straße`. They are compared as that. */
const EXPANDING = /[\xdf\u1e9e\ufb00-\ufb06]/g;
const inUpperCase = (letter: string) => letter.normalize('NFKD').toLowerCase().toUpperCase();
export const expanded = (value: string): string => value.replace(EXPANDING, inUpperCase);
const EXPAND: Rule = [EXPANDING, ([letter = '']) => inUpperCase(letter)];

const DECODINGS: readonly Rule[] = [
  [/\\(?:u\{0*([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|([0-3][0-7]{2})|([^ux]))/gi, ofBackslash],
  [/%(?:u([\da-f]{4})|([\da-f]{2}))/gi, ([, four, hex = four]) => ofHex(hex)],
  [/%([\da-f]{2})|\+/gi, ([, hex = '20']) => ofHex(hex)],
  [/&(?:#0*(\d{1,7});?|#x0*([\da-f]{1,6});?|([a-z]+\d*);)/gi, ofEntity],
];

/** What becomes of a text when it is shown: in a message, and then by `util.inspect` or JSON.stringify. */
const ESCAPE_CONTROLS: Rule = [CONTROL, ([char = '']) => escapeControls(char)];
const ESCAPE_QUOTES: readonly Rule[] = [
  [/\\/g, () => '\\\\'],
  [/"/g, () => '\\"'],
];

/** What escapes make of one unit at most: `\u001b`. */
const LONGEST_ESCAPE = 6;

/** The view with all matches rewritten; undefined if there is none. `growth` is the most units that one may become. */
function rewritten(view: View, [pattern, rewrite]: Rule, growth = 1): View | undefined {
  if (view.text.search(pattern) < 0) return undefined;
  const sourceStart = new Uint16Array(view.text.length * growth);
  const sourceEnd = new Uint16Array(view.text.length * growth);
  let text = '';
  let at = 0;
  const copyUntil = (end: number) => {
    sourceStart.set(view.sourceStart.subarray(at, end), text.length);
    sourceEnd.set(view.sourceEnd.subarray(at, end), text.length);
    text += view.text.slice(at, end);
  };
  for (const match of view.text.matchAll(pattern)) {
    copyUntil(match.index);
    at = match.index + match[0].length;
    const made = rewrite(match);
    sourceStart.fill(view.sourceStart[match.index] as number, text.length, text.length + made.length);
    sourceEnd.fill(view.sourceEnd[at - 1] as number, text.length, text.length + made.length);
    text += made;
  }
  copyUntil(view.text.length);
  return { text, sourceStart, sourceEnd, isDigits: view.isDigits };
}

/** Bytes beyond ASCII are characters of UTF-8, or of ISO-8859-1 if they can't be. */
const withUtf8 = (view: View | undefined) => view && (rewritten(view, [UTF8, ofBytes]) ?? view);

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The value of each digit, by its character code. */
const valuesOf = (...alphabets: string[]) =>
  alphabets.reduce((values, alphabet) => {
    for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
    return values;
  }, new Int8Array(128).fill(-1));
const BASE64_VALUES = valuesOf(BASE64, BASE64.replace('+', '-').replace('/', '_'));
const HEX_VALUES = valuesOf('0123456789abcdef', '0123456789ABCDEF');
/** A run of digits that makes fewer bytes holds nothing that is looked for in digits. */
const MIN_BYTES = 4;
const BACKSLASH = 0x5c;
const SEPARATOR = 0xffff;

/**
 * The places of the digits of each run. White space (of wrapped base64), characters outside ASCII (some of them are blank)
 * and the backslash (of `\/`) don't end a run.
 */
function digitRuns(text: string, values: Int8Array, bits: number): number[][] {
  const runs: number[][] = [];
  let run: number[] = [];
  const end = () => {
    if (run.length * bits >= MIN_BYTES * 8) runs.push(run);
    run = [];
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x20 || unit >= 0x7f || unit === BACKSLASH) continue;
    if ((values[unit] as number) >= 0) run.push(i);
    else if (run.length > 0) end();
  }
  end();
  return runs;
}

/** The bytes that the runs make, read from the `skip`th digit of each on: it may begin with letters of other text. */
function bytesOf({ text, ...source }: View, runs: number[][], values: Int8Array, bits: number, skip: number): View {
  const units = new Uint16Array(text.length);
  const sourceStart = new Uint16Array(text.length);
  const sourceEnd = new Uint16Array(text.length);
  let length = 0;
  const append = (unit: number, first: number, last: number) => {
    units[length] = unit;
    sourceStart[length] = source.sourceStart[first] as number;
    sourceEnd[length++] = source.sourceEnd[last] as number;
  };
  for (const run of runs) {
    let held = 0;
    let have = 0;
    for (let i = skip; i < run.length; i++) {
      const place = run[i] as number;
      held = ((held << bits) | (values[text.charCodeAt(place)] as number)) & 0xffff;
      have += bits;
      if (have < 8) continue;
      have -= 8;
      // Each byte stands in two digits, of which the first may be shared with the byte before.
      append((held >> have) & 0xff, run[i - 1] as number, place);
    }
    append(SEPARATOR, run[0] as number, run[0] as number);
  }
  return { text: String.fromCharCode(...units.subarray(0, length)), sourceStart, sourceEnd, isDigits: true };
}

function ofDigits(view: View, values: Int8Array, bits: number, skips: readonly number[]): (View | undefined)[] {
  const runs = digitRuns(view.text, values, bits);
  return runs.length === 0 ? [] : skips.map((skip) => withUtf8(bytesOf(view, runs, values, bits, skip)));
}

/** The views of a text one layer down. */
function decoded(view: View): View[] {
  return [
    ...DECODINGS.map((rule) => withUtf8(rewritten(view, rule))),
    rewritten(view, [UTF8, ofBytes]),
    ...ofDigits(view, BASE64_VALUES, 6, [0, 1, 2, 3]),
    ...ofDigits(view, HEX_VALUES, 4, [0, 1]),
  ].filter((one) => one !== undefined);
}

/**
 * The text as it stands, and decoded once and twice; as it is shown; with `asQuoted`, for values with a backslash, also as
 * others show it, in JSON also decoded once.
 */
export function viewsOf(text: string, asQuoted: boolean): View[] {
  const sourceStart = Uint16Array.from({ length: text.length }, (_, i) => i);
  const sourceEnd = sourceStart.map((i) => i + 1);
  const original: View = { text, sourceStart, sourceEnd, isDigits: false };
  const layer = decoded(original);
  const views = [original, ...layer, ...layer.flatMap(decoded)];
  let last = rewritten(original, ESCAPE_CONTROLS, LONGEST_ESCAPE) ?? original;
  const shown = [last];
  if (asQuoted) {
    for (const rule of ESCAPE_QUOTES) {
      last = rewritten(last, rule, LONGEST_ESCAPE) ?? last;
      shown.push(last);
    }
    shown.push(...decoded(last));
  }
  return [...views, ...shown].map((view) => rewritten(view, EXPAND, LONGEST_ESCAPE) ?? view);
}
