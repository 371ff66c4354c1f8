import { describe, expect, test } from 'vitest';
import { redact } from '../../src/util/redact.js';

const GONE = '[redacted]';
// Quotes, a space, letters outside ASCII, a percent sign, a plus sign, markup, a backslash, an emoji.
const value = 'p"a\'s s%w+ö&<r>d\\😀/end';

const hex = (text: string) => Buffer.from(text).toString('hex');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const unicode = (text: string) => text.replace(/[\s\S]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const everyByte = (text: string) =>
  Buffer.from(text).reduce((all, byte) => `${all}%${byte.toString(16).padStart(2, '0')}`, '');
const html = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const forms: [string, (text: string) => string][] = [
  ['raw', (t) => t],
  ['JSON', json],
  ['JSON, twice', (t) => json(json(t))],
  ['JSON with \\u for what is not ASCII', (t) => json(t).replace(/[^ -~]/g, (c) => unicode(c))],
  ['\\u throughout', unicode],
  ['\\u in capitals', (t) => unicode(t).toUpperCase().replaceAll('\\U', '\\u')],
  ['JSON with \\/', (t) => json(t).replaceAll('/', '\\/')],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded in small letters', (t) => encodeURIComponent(t).replace(/%../g, (c) => c.toLowerCase())],
  ['percent-encoded throughout', everyByte],
  ['percent-encoded twice', (t) => encodeURIComponent(encodeURIComponent(t))],
  ['as a form', (t) => new URLSearchParams({ t }).toString().slice(2)],
  ['HTML with numbers', html],
  ['HTML with hexadecimal numbers', (t) => t.replace(/[&<>"']/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`)],
  [
    'HTML with names',
    (t) =>
      t
        .replace(/&/g, '&amp;')
        .replace(/</g, '&lt;')
        .replace(/>/g, '&gt;')
        .replace(/"/g, '&quot;')
        .replace(/'/g, '&apos;'),
  ],
  ['HTML in JSON', (t) => json(html(t))],
  ['base64', base64],
  ['base64 in JSON with \\/', (t) => base64(t).replaceAll('/', '\\/')],
  ['base64, percent-encoded', (t) => encodeURIComponent(base64(t))],
  ['base64 without padding', (t) => base64(t).replace(/=+$/, '')],
  ['base64url', (t) => Buffer.from(t).toString('base64url')],
  ['hexadecimal', hex],
  ['hexadecimal in capitals', (t) => hex(t).toUpperCase()],
];

describe('a value is taken out', () => {
  test.each(forms)('%s', (_, form) => {
    for (const secret of [value, 'plain-value-0123456789', 'mit sieben Zwergen über 7 Berge', 'key1', '????>>>>']) {
      const text = `before ${form(secret)} after, and ${form(secret)}.`;
      const out = redact(text, [secret]);
      // The padding of base64 may stay: it tells the length, as blanks do.
      expect(out.replace(/\](?:=|%3D)+/g, ']'), secret).toBe(`before ${GONE} after, and ${GONE}.`);
    }
  });

  test.each(['', 'x', 'xy'])('from base64 of a longer text, %j before it', (before) => {
    const text = `t=${base64(`${before}${JSON.stringify({ secret: 'plain-value-0123' })}`)}`;
    const out = redact(text, ['plain-value-0123']);
    const left = out.split(GONE).map((part) => Buffer.from(part.replace('t=', ''), 'base64').toString('latin1'));
    expect(out).toContain(GONE);
    for (const part of left) expect(part).not.toMatch(/plai|0123/);
  });

  test('from base64 that follows other letters of its alphabet', () => {
    for (const before of ['/', 'a/', 'ab/', 'abc/']) {
      expect(redact(`${before}${base64('plain-value-0123')}`, ['plain-value-0123'])).toContain(GONE);
    }
  });

  test('each of several, overlapping ones too', () => {
    expect(redact('key-12345678 and value-12345678', ['key-12345678', 'value-12345678'])).toBe(`${GONE} and ${GONE}`);
    expect(redact('abcdefghijklmnop', ['abcdefghij', 'ghijklmnop'])).toBe(GONE);
  });
});

describe('parts of a value', () => {
  test('its beginning, from eight characters on', () => {
    expect(redact('starts with secret-v…', ['secret-value-of-some-length'])).toBe(`starts with ${GONE}…`);
    expect(redact('starts with secret-value-of…', ['secret-value-of-some-length'])).toBe(`starts with ${GONE}…`);
    expect(redact('starts with secret-…', ['secret-value-of-some-length'])).toBe('starts with secret-…');
  });

  test('its beginning, encoded', () => {
    const secret = 'secret-value-of-some-length';
    for (const form of [base64, hex, everyByte, unicode]) {
      expect(redact(`x ${form(secret.slice(0, 15))}`, [secret]).replace(/=+$/, '')).toBe(`x ${GONE}`);
    }
  });

  test('its lines of eight characters and more', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nshort\nqhkiG9w0BAQEFA\n-----END KEY-----';
    expect(redact('bad line: MIIEvQIBADANBg', [key])).toBe(`bad line: ${GONE}`);
    expect(redact('bad line: qhkiG9w0BAQEFA!', [key])).toBe(`bad line: ${GONE}!`);
    expect(redact('bad line: short', [key])).toBe('bad line: short');
    expect(redact(`all of ${json(key)}.`, [key])).toBe(`all of ${GONE}.`);
  });
});

describe('short values', () => {
  test.each(['a', 'ab', 'abc', '😀'])('%j: a text in which it occurs is dropped', (secret) => {
    expect(redact(`x ${secret} y`, [secret])).toBe(GONE);
    expect(redact(`x ${everyByte(secret)} y`, [secret])).toBe(GONE);
    expect(redact('- - -', [secret])).toBe('- - -');
  });

  test('an empty value is nowhere', () => {
    expect(redact('text', [''])).toBe('text');
  });

  test('four to seven characters are taken out whole only', () => {
    expect(redact('pass1 pass', ['pass1'])).toBe(`${GONE} pass`);
  });
});

describe('other text stays', () => {
  test.each([
    ['nothing to hide', []],
    ['', ['value-12345678']],
    ['a message with %zz, \\q, &amp; &bogus; and \\u12', ['value-12345678']],
    ['aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ= deadbeefdeadbeef', ['value-12345678']],
    ['lone \ud800 surrogate', ['value-12345678']],
  ])('%j', (text, silent) => {
    expect(redact(text, silent)).toBe(text);
  });

  test('up to 4000 characters of it', () => {
    expect(redact('x'.repeat(5000), ['value-12345678'])).toHaveLength(4000);
    expect(redact('x'.repeat(5000), [])).toHaveLength(4000);
  });
});

test('a value of 2 MB with many lines takes no unreasonable time', () => {
  const big = Array.from({ length: 100_000 }, (_, i) => `line-${i}-of-this-value`).join('\n');
  const begin = performance.now();
  expect(redact('here: line-99999-of-this-value', [big])).toBe(`here: ${GONE}`);
  expect(performance.now() - begin).toBeLessThan(2000);
});
