/** The INI parser against the one of the vendor's CLI: Python's configparser, if python3 is there. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IniError, parseIni } from '../../src/cli/ini.js';
import { findPython } from '../mock/process.js';
import { runsOr, seedOf } from '../support/seed.js';

const python = await findPython();

/** Reads texts from stdin, and prints what ConfigParser makes of each: its sections, or null if it is an error. */
const PYTHON = `
import configparser, io, json, sys
def read(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_file(io.StringIO(text, newline=None))
    except configparser.Error:
        return None
    sections = {}
    for name in ["DEFAULT", *parser.sections()]:
        sections[name] = {}
        for key in parser[name]:
            try:
                sections[name][key] = parser[name][key]
            except configparser.Error:
                sections[name][key] = None
    return sections
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`;

const ofPython = (texts: readonly string[]): unknown[] =>
  JSON.parse(
    execFileSync(String(python), ['-c', PYTHON], { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 1e8 }),
  );

function ofOurs(text: string) {
  try {
    return Object.fromEntries([...parseIni(text)].map(([name, options]) => [name, Object.fromEntries(options)]));
  } catch (error) {
    if (error instanceof IniError) return null;
    throw error;
  }
}

const CASES: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['a section', '[default]\napi_key = k\nbase_url = https://x'],
  ['a colon', '[a]\nkey: value\nurl: https://x:1/y'],
  ['no space around =', '[a]\nkey=value'],
  ['= in the value', '[a]\nkey = a=b=='],
  ['a key with a dash, a dot and a space', '[a]\napi-key = x\nx.y.z = 1\nmy key = v'],
  ['keys in upper case', '[a]\nAPI_KEY = x'],
  ['an empty value', '[a]\nkey =\nother = 1'],
  ['a continuation line', '[a]\nkey = one\n  two\n\tthree\nother = x'],
  ['a value that begins on the next line', '[a]\nkey =\n  value'],
  ['an empty line in a value', '[a]\nkey = one\n\n  two\nother = x'],
  ['an empty line before another option', '[a]\nkey = one\n\nother = x'],
  ['a comment in a value', '[a]\nkey = one\n  # comment\n  two'],
  ['an indented option', '[a]\n  key = one\n  other = two\n    three'],
  ['an option less indented', '[a]\n    key = one\n  other = two'],
  ['an indented section', '  [a]\n  key = x\n  [b]\n  key = y'],
  ['[DEFAULT]', '[DEFAULT]\nbase_url = u\n[a]\nkey = x\n[b]\nbase_url = v'],
  ['[DEFAULT] at the end', '[a]\nkey = x\n[DEFAULT]\nbase_url = u'],
  ['[DEFAULT] twice', '[DEFAULT]\na = 1\n[DEFAULT]\nb = 2\n[x]'],
  ['[default] beside [DEFAULT]', '[DEFAULT]\na = 1\n[default]\nb = 2'],
  ['comments', '# c\n; d\n[a]\n# e\nkey = x\n  ; f\nother = y'],
  ['a comment behind a value', '[a]\nkey = x # c\nother = y ; d'],
  ['a comment behind a section', '[a] ; c\nkey = x\n[b]# d\nkey = y'],
  ['a bracket within the name of a section', '[a]b]\nkey = x\n[c[d]\nkey = y'],
  ['spaces in the name of a section', '[ my tenant ]\nkey = x'],
  ['an empty name of a section', '[]\nkey = x'],
  ['a section that is not closed', '[a\nkey = x'],
  ['an option before each section', 'key = x\n[a]'],
  ['a line that is none', '[a]\nkey'],
  ['a line that is none, and one that continues it', '[a]\nkey = x\nbad\n  worse'],
  ['no key', '[a]\n= x'],
  ['a section that is there twice', '[a]\nx = 1\n[a]\ny = 2'],
  ['an option that is there twice', '[a]\nx = 1\nX = 2'],
  ['an option that is in [DEFAULT] too', '[DEFAULT]\nx = 1\n[a]\nx = 2'],
  ['%%', '[a]\nkey = 50%%'],
  ['%(name)s', '[a]\nhost = h\nurl = https://%(host)s/x\nupper = %(HOST)s'],
  ['%(name)s of [DEFAULT]', '[DEFAULT]\nhost = h\n[a]\nurl = https://%(host)s\n[b]\nhost = i\nurl = %(host)s'],
  ['%(name)s within %(name)s', '[a]\none = %(two)s\ntwo = <%(three)s>\nthree = 3'],
  ['the line ends of Windows', '[a]\r\nkey = x\r\n  y\r\nother = z\r\n'],
  ['the line ends of an old Mac', '[a]\rkey = x\rother = y'],
  ['a tab as a separator of nothing', '[a]\nkey\t=\tx\t'],
  ['a quoted value', '[a]\nkey = "x"'],
  ['a key that begins with a bracket', '[a]\n[b = x'],
  ['a value with brackets', '[a]\nkey = [x]'],
  ['a continuation right after a section', '[a]\n  key = x'],
  ['a line of a continuation that looks like a section', '[a]\nkey = x\n  [b]\n  c = d'],
  ['letters of other languages', '[Größe]\nklüß = ü'],
  ['spaces at the end of lines', '[a]   \nkey = x   \n   \n  y  '],
];

describe.skipIf(!python)('agrees with configparser', () => {
  const expected = python ? ofPython(CASES.map(([, text]) => text)) : [];
  test.each(CASES.map(([name, text], i) => [name, text, expected[i]] as const))('on %s', (_, text, sections) => {
    expect(ofOurs(text)).toEqual(sections);
  });

  test('on random texts', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '[a]',
        '[DEFAULT]',
        '[b] ; c',
        'k = v',
        'K: w',
        '  more',
        '\t# c',
        '',
        ' ',
        'x',
        '= y',
        'z =',
        'k2=[a]',
      ),
      fc.string({ unit: fc.constantFrom(...'[]=:#; \tak%()s'), maxLength: 8 }),
    );
    const texts = fc.sample(
      fc.array(line, { maxLength: 8 }).map((lines) => `[x]\n${lines.join('\n')}`),
      { seed: seedOf(import.meta.url), numRuns: runsOr(3000) },
    );
    const results = ofPython(texts);
    for (const [i, text] of texts.entries()) {
      const sections = results[i] as Record<string, Record<string, string | null>> | null;
      const ours = ofOurs(text);
      // A value that configparser refuses to read stays as it is here.
      for (const [name, options] of Object.entries(sections ?? {}))
        for (const [key, value] of Object.entries(options))
          if (value === null && ours?.[name]) options[key] = ours[name][key] as string;
      expect([text, ours]).toEqual([text, sections]);
    }
  });
});

test('a % that configparser rejects stays as it is', () => {
  expect(ofOurs('[a]\nkey = c%\nother = %(nowhere)s %x')).toMatchObject({
    a: { key: 'c%', other: '%(nowhere)s %x' },
  });
});

test('names the line of an error', () => {
  for (const [text, line] of [
    ['[a]\nx = 1\n\nbad', 4],
    ['\nx = 1', 2],
    ['[a]\nx = 1\nx = 2', 3],
    ['[a]\n[a]', 2],
  ] as const)
    expect(() => parseIni(text)).toThrow(expect.objectContaining({ line }));
});
