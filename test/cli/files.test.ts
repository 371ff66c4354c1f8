/** JSON and YAML files of secrets: what they hold, and the lines of what is wrong. */
import { describe, expect, test } from 'vitest';
import { parseJsonFile } from '../../src/cli/import/json-file.js';
import { parseYamlFile } from '../../src/cli/import/yaml-file.js';

describe.each([
  ['JSON', parseJsonFile],
  ['YAML', parseYamlFile],
] as const)('%s', (_, parse) => {
  test('reads a map of tags to values', () => {
    const text = '\uFEFF{\n  "a": "x\\n\\"y\\" \\ud83d\\ude00",\n\n  "b-c": ""\n}\n';
    expect(parse(text)).toEqual({
      entries: [
        { tag: 'a', name: undefined, secret: 'x\n"y" 😀', line: 2 },
        { tag: 'b-c', name: undefined, secret: '', line: 4 },
      ],
      problems: [],
    });
  });

  test('reads a list of { tag, name, secret }', () => {
    const text = '[\n{"tag": "a", "secret": "{[,:"},\n{\n"name": "B",\n"tag": "b", "secret": "y"}]';
    expect(parse(text).entries).toEqual([
      { tag: 'a', name: undefined, secret: '{[,:', line: 2 },
      { tag: 'b', name: 'B', secret: 'y', line: 3 },
    ]);
  });

  const wrong: [string, string, number, RegExp][] = [
    ['a number', '{"a": "x",\n"b": 5}', 2, /must be a string/],
    ['null', '{"a": "x",\n"b": null}', 2, /must be a string/],
    ['a boolean', '{"a": "x",\n"b": true}', 2, /must be a string/],
    ['a nested map', '{"a": "x",\n"b": {"c": "d"}}', 2, /must be a string/],
    ['an unknown field', '[{"tag": "a",\n"secert": "x"}]', 2, /unknown field; expected tag, name, secret$/],
    ['a list without a tag', '[\n{"secret": "x"}]', 2, /tag is missing/],
    ['a list without a value', '[\n{"tag": "x"}]', 2, /secret is missing/],
    ['a list of strings', '[\n"x"]', 2, /expected \{ tag/],
    ['a string', '"x"', 1, /expected a map/],
  ];
  test.each(wrong)('rejects %s, with its line', (_, text, line, expected) => {
    expect(parse(text).problems).toEqual([{ line, text: expect.stringMatching(expected) }]);
  });

  test('rejects a text of brackets without a crash', () => {
    expect(parse('['.repeat(500) + ']'.repeat(500)).problems).toHaveLength(1);
  });
});

describe('JSON', () => {
  test('keeps both of two equal keys, for the caller to reject', () => {
    expect(parseJsonFile('{"a": "x",\n"a": "y"}').entries.map(({ tag, line }) => [tag, line])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
  });

  test('rejects what is no JSON without quoting it', () => {
    expect(parseJsonFile('{"a": hunter2}').problems).toEqual([{ line: 1, text: 'the file is not JSON' }]);
  });

  test('finds a field that is there twice', () => {
    expect(parseJsonFile('[{"tag": "a", "secret": "x",\n"secret": "y"}]').problems).toEqual([
      { line: 2, text: 'the field secret is there twice' },
    ]);
  });
});

describe('YAML', () => {
  test('reads plain, quoted and block scalars', () => {
    const text = 'a: plain # comment\nb: "x"\nc: |\n  one\n  two\n- '.slice(0, -2);
    expect(parseYamlFile(text).entries.map(({ tag, secret }) => [tag, secret])).toEqual([
      ['a', 'plain'],
      ['b', 'x'],
      ['c', 'one\ntwo\n'],
    ]);
  });

  test.each(['007', '1.10', '1e3', '0x1F', 'true', '~', ''])('rejects %j without quotes: it is no string', (text) => {
    expect(parseYamlFile(`a: x\nb: ${text}\n`).problems).toEqual([
      { line: 2, text: 'the value must be a string; put it in quotes' },
    ]);
  });

  const wrong: [string, string, number, RegExp][] = [
    ['equal keys', 'a: x\na: hunter2', 2, /^the same key stands on an earlier line$/],
    ['an alias', 'a: &x y\nb: *x', 2, /must be a string/],
    ['two documents', 'a: x\n---\nb: y', 2, /several documents/],
    ['an unknown tag', 'a: x\nb: !hunter2 y', 2, /^the file is not YAML \([A-Z_]+\)$/],
    ['what does not parse', 'a: x\nb: "hunter2', 2, /^the file is not YAML \([A-Z_]+\)$/],
  ];
  test.each(wrong)('rejects %s, with its line and without quoting it', (_, text, line, expected) => {
    const { entries, problems } = parseYamlFile(text);
    expect(problems[0]).toEqual({ line, text: expect.stringMatching(expected) });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
    if (!/alias/.test(_)) expect(entries).toEqual([]);
  });
});
