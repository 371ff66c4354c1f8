/** What servers do to text that they echo, and, written without the client's code, how a reader would undo it. */

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const units = (text: string, each: (code: number) => string) =>
  Array.from({ length: text.length }, (_, i) => each(text.charCodeAt(i))).join('');
const points = (text: string, each: (char: string) => string) => Array.from(text, each).join('');
const bytes = (text: string, each: (byte: number) => string) => Array.from(Buffer.from(text), each).join('');
const NAMES: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const UMLAUTS: Record<string, string> = { ä: 'auml', ö: 'ouml', ü: 'uuml', é: 'eacute', ñ: 'ntilde', ç: 'ccedil' };
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\ufffd');
const isAscii = (char: string) => char < '\x80';

export type Encode = (text: string) => string;

/** Encodings that lose nothing. */
export const encodings: Record<string, Encode> = {
  raw: (t) => t,
  json,
  'json with \\/': (t) => json(t).replaceAll('/', '\\/'),
  'json in ASCII': (t) => units(json(t), (c) => (c < 0x80 ? String.fromCharCode(c) : `\\u${hex(c, 4)}`)),
  '\\u throughout': (t) => units(t, (c) => `\\u${hex(c, 4)}`),
  '\\u in capitals': (t) => units(t, (c) => `\\u${hex(c, 4).toUpperCase()}`),
  '\\u{} throughout': (t) => points(t, (c) => `\\u{${(c.codePointAt(0) as number).toString(16)}}`),
  '\\x of bytes': (t) => bytes(t, (b) => `\\x${hex(b, 2)}`),
  'octal of bytes beyond ASCII': (t) =>
    bytes(t, (b) => (b === 0x5c ? '\\\\' : b < 0x80 ? String.fromCharCode(b) : `\\${b.toString(8)}`)),
  percent: (t) => encodeURIComponent(wellFormed(t)),
  'percent, URI': (t) => encodeURI(wellFormed(t)),
  'percent in small letters': (t) => encodeURIComponent(wellFormed(t)).replace(/%../g, (c) => c.toLowerCase()),
  'percent throughout': (t) => bytes(t, (b) => `%${hex(b, 2)}`),
  '%u': (t) => units(t, (c) => `%u${hex(c, 4)}`),
  form: (t) => new URLSearchParams({ t }).toString().slice(2),
  'html decimal': (t) => points(t, (c) => (/[\w ]/.test(c) ? c : `&#${c.codePointAt(0)};`)),
  'html decimal throughout': (t) => points(t, (c) => `&#${c.codePointAt(0)};`),
  'html hex': (t) => points(t, (c) => (/[\w ]/.test(c) ? c : `&#x${(c.codePointAt(0) as number).toString(16)};`)),
  'html names': (t) => points(t, (c) => (NAMES[c] ? `&${NAMES[c]};` : c)),
  'html names of letters': (t) => points(t, (c) => ((NAMES[c] ?? UMLAUTS[c]) ? `&${NAMES[c] ?? UMLAUTS[c]};` : c)),
  base64: (t) => Buffer.from(t).toString('base64'),
  'base64 without padding': (t) => Buffer.from(t).toString('base64').replace(/=+$/, ''),
  base64url: (t) => Buffer.from(t).toString('base64url'),
  'base64 at an odd offset': (t) => Buffer.from(`x${t}`).toString('base64'),
  'base64 in lines': (t) => Buffer.from(t).toString('base64').replace(/.{16}/g, '$&\r\n'),
  hex: (t) => Buffer.from(t).toString('hex'),
  'hex in capitals': (t) => Buffer.from(t).toString('hex').toUpperCase(),
};

/** What changes text, and still shows it to a reader. */
export const changes: Record<string, Encode> = {
  none: (t) => t,
  'in capitals': (t) => t.replace(/[a-z]/g, (c) => c.toUpperCase()),
  'in small letters': (t) => t.replace(/[A-Z]/g, (c) => c.toLowerCase()),
  trimmed: (t) => t.trim(),
  'in lines of 5': (t) => t.replace(/[\s\S]{5}/g, '$&\n'),
  'without line breaks': (t) => t.replace(/[\r\n]+/g, ''),
  'with spaces in place of line breaks': (t) => t.replace(/[\r\n]/g, ' '),
  'with CRLF': (t) => t.replace(/\r?\n/g, '\r\n'),
  NFD: (t) => t.normalize('NFD'),
  NFC: (t) => t.normalize('NFC'),
};

/** What garbles characters beyond ASCII: what stands between them stays. */
export const garblings: Record<string, Encode> = {
  '?': (t) => points(t, (c) => (isAscii(c) ? c : '?')),
  'U+FFFD': (t) => points(t, (c) => (isAscii(c) ? c : '\ufffd')),
  'UTF-8 read as ISO-8859-1': (t) => Buffer.from(t).toString('latin1'),
  'UTF-8 read as windows-1252': (t) => new TextDecoder('windows-1252').decode(Buffer.from(t)),
  'unknown entities': (t) => points(t, (c) => (isAscii(c) ? c : '&thorn;')),
  nothing: (t) => points(t, (c) => (isAscii(c) ? c : '')),
};

const unescapeJson = (t: string) =>
  t.replace(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|([^ux]))/gi, (all, point, four, two, char) => {
    if (char) return ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' } as Record<string, string>)[char] ?? char;
    const code = Number.parseInt(point ?? four ?? two, 16);
    return code > 0x10ffff ? all : String.fromCodePoint(code);
  });
const latin1 = (t: string) => Buffer.from(t.replace(/[^\0-\xff]/g, ''), 'latin1').toString();

/** How a reader would decode; those of digits give up all that they can find. */
const decoders: ((text: string) => string[])[] = [
  (t) => [unescapeJson(t)],
  (t) => [latin1(unescapeJson(t))],
  (t) => [latin1(t.replace(/%([\da-f]{2})/gi, (_, two) => String.fromCharCode(Number.parseInt(two, 16))))],
  (t) => [
    latin1(
      t.replaceAll('+', ' ').replace(/%([\da-f]{2})/gi, (_, two) => String.fromCharCode(Number.parseInt(two, 16))),
    ),
  ],
  (t) => [
    t
      .replace(/&#(\d{1,6});/g, (_, n) => String.fromCodePoint(Number(n)))
      .replace(/&#x([\da-f]{1,5});/gi, (_, n) => String.fromCodePoint(Number.parseInt(n, 16)))
      .replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => Object.entries(NAMES).find(([, n]) => n === name)?.[0] ?? ''),
  ],
  (t) =>
    (t.replace(/\s/g, '').match(/[\w+/-]{11,}/g) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString()),
    ),
  (t) =>
    (t.match(/[\da-f]{16,}/gi) ?? []).flatMap((run) =>
      [0, 1].map((skip) => Buffer.from(run.slice(skip), 'hex').toString()),
    ),
];

/** All that can be read of a text, decoded up to twice. */
function readings(text: string): string[] {
  const layer = decoders.flatMap((decode) => decode(text));
  return [text, ...layer, ...layer.flatMap((one) => decoders.flatMap((decode) => decode(one)))];
}

const small = (t: string) => t.replace(/[A-Z]/g, (c) => c.toLowerCase());

/** What has been found: nearly all texts are equal once they are redacted, and to decode one takes long. */
const found = new Map<string, string | undefined>();

/** The first 8 consecutive characters of the value that a reader finds, also if white space and controls are changed. */
export function leakOf(text: string, value: string): string | undefined {
  const key = JSON.stringify([text, value]);
  if (!found.has(key)) {
    if (found.size > 1000) found.clear();
    found.set(key, findLeak(text, value));
  }
  return found.get(key);
}

function findLeak(text: string, value: string): string | undefined {
  const read = readings(text).map(small);
  const wrapped = ['', ' '].map((space) => (t: string) => t.replace(/[\s\p{Cc}]+/gu, space));
  for (const change of [(t: string) => t, ...wrapped]) {
    const changed = read.map(change);
    const looked = change(small(value));
    for (let i = 0; i + 8 <= looked.length; i++) {
      const part = looked.slice(i, i + 8);
      if (/[^\s\p{Cc}]/u.test(part) && changed.some((one) => one.includes(part))) return part;
    }
  }
  return undefined;
}
