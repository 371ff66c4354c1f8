import { describe, expect, test } from 'vitest';
import { escapeControls } from '../../src/util/escape-controls.js';

describe('escapeControls', () => {
  test.each([
    ['a line feed', 'a\n::error::b', 'a\\u000a::error::b'],
    ['a carriage return, a tab and NUL', '\r\t\0', '\\u000d\\u0009\\u0000'],
    ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
    ['DEL and C1 controls', '\u007f\u0080\u009b\u009f', '\\u007f\\u0080\\u009b\\u009f'],
    ['line and paragraph separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['bidi marks', '\u061c\u200e\u200f\u202a\u202e\u2066\u2069', '\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069'],
    ['lone surrogates', 'a\ud83d b\ude00', 'a\\ud83d b\\ude00'],
  ])('writes %s as visible escapes', (_, text, expected) => {
    expect(escapeControls(text)).toBe(expected);
  });

  test('escapes all of these, and no neighbour of theirs', () => {
    const isControl = (code: number) =>
      code < 0x20 ||
      (code >= 0x7f && code <= 0x9f) ||
      [0x61c, 0x200e, 0x200f, 0x2028, 0x2029].includes(code) ||
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069) ||
      (code >= 0xd800 && code <= 0xdfff);
    for (let code = 0; code < 0x10000; code++) {
      const char = String.fromCharCode(code);
      const expected = isControl(code) ? `\\u${code.toString(16).padStart(4, '0')}` : char;
      if (escapeControls(char) !== expected) throw new Error(`U+${code.toString(16)}: ${escapeControls(char)}`);
    }
  });

  test('leaves other text as it is', () => {
    const text = 'Secret "größe" nicht gefunden: C:\\new 😀 日本 \u00a0 \ufeff [redacted]';
    expect(escapeControls(text)).toBe(text);
  });
});
