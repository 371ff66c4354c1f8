/** The .env parser: a file that was written from values gives them back, and nothing is guessed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { positionsOf } from '../../src/cli/import/entry.js';
import { parseEnvFile as parse } from '../../src/cli/import/env-file.js';
import { runsOr, seedOf } from '../support/seed.js';

/** With lines and columns in place of offsets. */
function parseEnvFile(given: string) {
  const { text, entries, problems } = parse(given);
  const place = (at: number) => positionsOf(text, [at]).get(at);
  return {
    entries: entries.map(({ at, ...entry }) => ({ ...entry, line: place(at)?.line })),
    problems: problems.all.map(({ at, text }) => ({ ...place(at), text })),
  };
}

const valuesOf = (text: string) => {
  const { entries, problems } = parseEnvFile(text);
  expect(problems).toEqual([]);
  return Object.fromEntries(entries.map(({ tag, secret }) => [tag, secret]));
};

describe('reads', () => {
  const lines: [string, string, string][] = [
    ['# within a word', 'D=a#b', 'a#b'],
    ['# at the start of a value', 'D=#b', '#b'],
    ['# after a space as a comment', 'D=a #b', 'a'],
    ['# after a tab as a comment', 'D=a\t# b', 'a'],
    ['# after the space behind = as a comment', 'D= # b', ''],
    ['# in quotes as text', 'D="a # b"', 'a # b'],
    ['a comment after quotes', "D='a' # b", 'a'],
    ['no value as an empty one', 'D=', ''],
    ['empty quotes as an empty value', 'D=""', ''],
    ['white space around a bare value as none', ' D =  a b\t ', 'a b'],
    ['white space in quotes as text', "D=' a '", ' a '],
    ['export', 'export D=a', 'a'],
    ['= within a value', 'D=a=b==', 'a=b=='],
    ['JSON in quotes', 'D=\'{"a":"goes #on"}\'', '{"a":"goes #on"}'],
    ['a bracket within a value', 'D=a[0]{1}', 'a[0]{1}'],
    ['quotes before a comment', 'D=say "hi" # c', 'say "hi"'],
    ['a quote within a word', "D=it's", "it's"],
    ['other quotes within quotes', 'D=\'say "hi" `now`\'', 'say "hi" `now`'],
    ['backticks', 'D=`it\'s "a"`', 'it\'s "a"'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what other tools expand
    ['$ as text', 'D="$A ${B} \\$C"', '$A ${B} $C'],
    ['\\n in double quotes as a newline', 'D="a\\nb"', 'a\nb'],
    ['\\n in single quotes as two characters', "D='a\\nb'", 'a\\nb'],
    ['\\n without quotes as two characters', 'D=a\\nb', 'a\\nb'],
    ['escaped quotes and backslashes', 'D="\\"a\\" \\\\n"', '"a" \\n'],
    ['several lines', 'D="-----BEGIN\nabc\n-----END\n"', '-----BEGIN\nabc\n-----END\n'],
    ['the line ends of Windows', 'D="a\r\nb"\r\n', 'a\nb'],
  ];
  test.each(lines)('%s', (_, line, expected) => {
    expect(valuesOf(`A=1\n\n# c\n${line}\nZ=2`)).toEqual({ A: '1', D: expected, Z: '2' });
  });
});

test('reads a file that begins with a byte order mark', () => {
  expect(valuesOf('\uFEFFA=1')).toEqual({ A: '1' });
});

describe('rejects, with its line,', () => {
  const lines: [string, string, RegExp][] = [
    ['a line without =', 'bad line', /expected KEY=value/],
    ['export without a value', 'export D', /expected KEY=value/],
    ['a key with a space', 'a b=c', /expected KEY=value/],
    ['a colon in place of =', 'D: a', /expected KEY=value/],
    ['no key', '=a', /expected KEY=value/],
    ['text after a quote', 'D="a"b', /after the closing quote/],
    ['a comment without a space after a quote', 'D="a"#b', /after the closing quote/],
    ['an escape that tools read differently', 'D="C:\\dir"', /unknown escape/],
    ['a carriage return', 'D=a\rE=b', /carriage return/],
    ['JSON without quotes, which a comment would cut', 'D={"a":"stops #here"}', /begins with "\{" needs quotes/],
    ['JSON without quotes', 'D={"a":"b"}', /needs quotes/],
    ['a list without quotes', 'D=["a #b"]', /begins with "\[" needs quotes/],
    ['JSON after export', 'export D= {"a": 1} # c', /needs quotes/],
    ['a double quote that a comment would cut', 'D=say "a #b"', /a comment within a quote/],
    ['a single quote that a comment would cut', "D=it's # a comment", /a comment within a quote/],
    ['a backtick that a comment would cut', 'D=a `b #c`', /a comment within a quote/],
    ['an odd quote among others', `D='"' "a #b`, /after the closing quote/],
    ['a quote in an option that a comment would cut', 'D=--x="a #b" --y', /a comment within a quote/],
  ];
  test.each(lines)('%s', (_, line, expected) => {
    const { entries, problems } = parseEnvFile(`A=1\n${line}\nZ=2`);
    expect(problems).toMatchObject([{ line: 2, text: expect.stringMatching(expected) }]);
    expect(entries.map(({ tag }) => tag)).toEqual(['A', 'Z']);
  });

  test.each(["'", '"', '`'])('an open %s, at the line where it begins', (quote) => {
    const { problems } = parseEnvFile(`A=1\nD=${quote}a\nb\nc`);
    expect(problems[0]).toMatchObject({ line: 2, text: expect.stringContaining('is not closed') });
  });

  test('an open quote that the next quote closes', () => {
    expect(parseEnvFile('A="open\nB="b"').problems).toHaveLength(1);
  });
});

test('keeps both of two equal keys, with their lines, for the caller to reject', () => {
  const { entries } = parseEnvFile('A=1\nB="\n\n"\nA=2');
  expect(entries.map(({ tag, line }) => [tag, line])).toEqual([
    ['A', 1],
    ['B', 2],
    ['A', 5],
  ]);
});

/** Writes a value in one of the ways that can express it. */
function written(value: string, way: number): string {
  const ways = [
    `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`,
    `"${value.replace(/[\\"$]/g, '\\$&').replace(/\r/g, '\\r')}"`,
    ...["'", '`'].flatMap((quote) =>
      value.includes(quote) || value.includes('\r') ? [] : [`${quote}${value}${quote}`],
    ),
    // A quote without its other half before a comment is an error.
    ...(/^(?![\s{[])(?!.*\s#)[^\n\r'"`]*(?<![ \t])$/.test(value) || value === '' ? [value] : []),
  ];
  return ways[way % ways.length] as string;
}

const random = { seed: seedOf(import.meta.url), numRuns: runsOr(2000) };

test('gives back every value that was written, in every way to write it', () => {
  const character = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...'"\'`\\#$ \t\n\r={}ab') },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  );
  const value = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(''));
  const line = fc.record({
    value,
    way: fc.nat(),
    before: fc.constantFrom('', 'export ', '  ', '# a comment "\n', '\n\n'),
    after: fc.constantFrom('', ' # "comment', '\t', ' '),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const text = lines
        .map(({ value, way, before, after }, i) => `${before}K${i}=${written(value, way)}${after}`)
        .join('\n')
        .replaceAll('\n', end);
      expect(valuesOf(text)).toEqual(Object.fromEntries(lines.map(({ value }, i) => [`K${i}`, value])));
    }),
    random,
  );
});

test('ends for any text, and quotes none of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'KQ="\'`\\# \n\r$'), maxLength: 60 }), (text) => {
      const { problems } = parseEnvFile(text);
      const lines = text.split(/\r?\n/).length;
      for (const problem of problems) {
        expect(problem.line).toBeLessThanOrEqual(lines);
        expect(problem.text).not.toMatch(/Q/);
      }
    }),
    random,
  );
});

test('names the column, in characters', () => {
  const { problems } = parseEnvFile('\uFEFFA="😀é" x\n  B="\\q"\n\tbad');
  expect(problems).toEqual([
    { line: 1, column: 8, text: expect.stringContaining('after the closing quote') },
    { line: 2, column: 6, text: expect.stringContaining('unknown escape') },
    { line: 3, column: 2, text: expect.stringContaining('expected KEY=value') },
  ]);
});
