/**
 * Reads a text in each of the encodings that it may carry, two layers deep: escapes of JSON and JavaScript, of URLs,
 * forms and HTML, UTF-8 that was read as ISO-8859-1, base64 and hexadecimal digits.
 */

/** A text, decoded. Each character knows which part of the original text it came from. */
export interface View {
  readonly text: string;
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  /** Whether it was written in digits, of base64 or hexadecimal: those hold each short sequence by chance. */
  readonly isDigits: boolean;
}

/** What a regular expression matched: all of it, then its groups. */
type Match = readonly (string | undefined)[];

/**
 * The named entities of ASCII characters. Others become U+FFFD: the windows around them are compared without characters
 * outside ASCII, so a table of 2,000 names would find nothing more in most values.
 */
const ENTITIES = new Map(
  (
    'amp& lt< gt> quot" apos\' excl! num# dollar$ percnt% lpar( rpar) ast* plus+ comma, period. sol/ colon: semi; ' +
    'equals= quest? commat@ lsqb[ lbrack[ bsol\\ rsqb] rbrack] hat^ lowbar_ grave` lcub{ lbrace{ verbar| vert| ' +
    'rcub} rbrace} nbsp\n tab\n newline\n'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, -1), entry.slice(-1)]),
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

const ESCAPES: readonly [pattern: RegExp, decode: (match: Match) => string][] = [
  [/\\(?:u\{0*([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|([0-3][0-7]{2})|([^ux]))/gi, ofBackslash],
  [/%(?:u([\da-f]{4})|([\da-f]{2}))/gi, ([, four, hex = four]) => ofHex(hex)],
  [/%([\da-f]{2})|\+/gi, ([, hex = '20']) => ofHex(hex)],
  [/&(?:#0*(\d{1,7});?|#x0*([\da-f]{1,6});?|([a-z]+\d*);)/gi, ofEntity],
];

const UTF8 = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;
const decoder = new TextDecoder();
const ofBytes = ([bytes = '']: Match) => decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));

/** The view with all matches decoded; undefined if there is none. */
function unescaped(view: View, pattern: RegExp, decode: (match: Match) => string): View | undefined {
  // No character has more units decoded than encoded.
  const from = new Uint16Array(view.text.length);
  const to = new Uint16Array(view.text.length);
  let text = '';
  let at = 0;
  const copyUntil = (end: number) => {
    from.set(view.from.subarray(at, end), text.length);
    to.set(view.to.subarray(at, end), text.length);
    text += view.text.slice(at, end);
  };
  for (const match of view.text.matchAll(pattern)) {
    copyUntil(match.index);
    at = match.index + match[0].length;
    const decoded = decode(match);
    from.fill(view.from[match.index] as number, text.length, text.length + decoded.length);
    to.fill(view.to[at - 1] as number, text.length, text.length + decoded.length);
    text += decoded;
  }
  if (at === 0) return undefined;
  copyUntil(view.text.length);
  return { text, from, to, isDigits: view.isDigits };
}

/** Bytes beyond ASCII are characters of UTF-8, or of ISO-8859-1 if they can't be. */
const withUtf8 = (view: View | undefined) => view && (unescaped(view, UTF8, ofBytes) ?? view);

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** The value of each digit, by its character code. */
const digitsOf = (...alphabets: string[]) =>
  alphabets.reduce((digits, alphabet) => {
    for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i;
    return digits;
  }, new Int8Array(128).fill(-1));
const BASE64_DIGITS = digitsOf(BASE64, BASE64.replace('+', '-').replace('/', '_'));
const HEX_DIGITS = digitsOf('0123456789abcdef', '0123456789ABCDEF');
/** A run of digits that makes fewer bytes holds nothing that is looked for in digits. */
const MIN_BYTES = 4;
const BACKSLASH = 0x5c;
const SEPARATOR = 0xffff;

/**
 * The bytes of digits of `bits` bits each, read from the `skip`th digit of each run on, since a run may begin with
 * letters of other text. White space (of wrapped base64), characters outside ASCII (some of them are blank) and the
 * backslash (of `\/`) don't end a run.
 */
function bytesOfDigits(view: View, digits: Int8Array, bits: number, skip: number): View | undefined {
  const { text } = view;
  const units = new Uint16Array(text.length);
  const from = new Uint16Array(text.length);
  const to = new Uint16Array(text.length);
  let length = 0;
  let start = 0; // of the run, in units
  let seen = 0;
  let held = 0;
  let have = 0;
  let previous = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x20 || unit >= 0x7f || unit === BACKSLASH) continue;
    const digit = digits[unit] as number;
    if (digit < 0) {
      if (length - start < MIN_BYTES) length = start;
      else {
        units[length] = SEPARATOR;
        from[length] = view.from[i] as number;
        to[length++] = view.to[i] as number;
      }
      start = length;
      seen = held = have = 0;
    } else if (seen++ >= skip) {
      held = ((held << bits) | digit) & 0xffff;
      have += bits;
      if (have >= 8) {
        have -= 8;
        units[length] = (held >> have) & 0xff;
        // Each byte stands in two digits, of which the first may be shared with the byte before.
        from[length] = view.from[previous] as number;
        to[length++] = view.to[i] as number;
      }
    }
    previous = i;
  }
  if (length - start < MIN_BYTES) length = start;
  if (length === 0) return undefined;
  return withUtf8({ text: String.fromCharCode(...units.subarray(0, length)), from, to, isDigits: true });
}

/** The views of a text one layer down. */
function decoded(view: View): View[] {
  return [
    ...ESCAPES.map(([pattern, decode]) => withUtf8(unescaped(view, pattern, decode))),
    unescaped(view, UTF8, ofBytes),
    ...[0, 1, 2, 3].map((skip) => bytesOfDigits(view, BASE64_DIGITS, 6, skip)),
    ...[0, 1].map((skip) => bytesOfDigits(view, HEX_DIGITS, 4, skip)),
  ].filter((one) => one !== undefined);
}

/** The text as it stands, and decoded once and twice. */
export function viewsOf(text: string): View[] {
  const from = Uint16Array.from({ length: text.length }, (_, i) => i);
  const first: View = { text, from, to: from.map((i) => i + 1), isDigits: false };
  const layer = decoded(first);
  return [first, ...layer, ...layer.flatMap(decoded)];
}
