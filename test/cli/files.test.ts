/** JSON and YAML files of secrets: what they hold, and the places of what is wrong. */
import { describe, expect, test } from 'vitest';
import { MAX_ENTRIES, type ParsedFile, positionsOf } from '../../src/cli/import/entry.js';
import { parseEnvFile } from '../../src/cli/import/env-file.js';
import { parseJsonFile as parseJson } from '../../src/cli/import/json-file.js';
import { parseYamlFile as parseYaml } from '../../src/cli/import/yaml-file.js';

/** With lines and columns in place of offsets. */
const located = (parse: (text: string) => ParsedFile) => (given: string) => {
  const { text, entries, problems } = parse(given);
  const place = (at: number) => positionsOf(text, [at]).get(at);
  return {
    entries: entries.map(({ at, ...entry }) => ({ ...entry, line: place(at)?.line })),
    problems: problems.all.map(({ at, text }) => ({ ...place(at), text })),
  };
};
const parseJsonFile = located(parseJson);
const parseYamlFile = located(parseYaml);

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
    ['null', '{"a": "x",\n"b": null}', 2, /is null, which is no value/],
    ['a boolean', '{"a": "x",\n"b": true}', 2, /must be a string/],
    ['a nested map', '{"a": "x",\n"b": {"c": "d"}}', 2, /must be a string, and is a map/],
    ['a nested list', '{"a": "x",\n"b": ["c"]}', 2, /must be a string, and is a list/],
    ['an unknown field', '[{"tag": "a",\n"secert": "x"}]', 2, /unknown field; expected tag, name, secret$/],
    ['a list without a tag', '[\n{"secret": "x"}]', 2, /tag is missing/],
    ['a list without a value', '[\n{"tag": "x"}]', 2, /secret is missing/],
    ['a list of strings', '[\n"x"]', 2, /expected \{ tag/],
    ['a string', '"x"', 1, /expected a map/],
  ];
  test.each(wrong)('rejects %s, with its line', (_, text, line, expected) => {
    expect(parse(text).problems).toMatchObject([{ line, text: expect.stringMatching(expected) }]);
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

  const broken: [string, string, number, number, RegExp][] = [
    ['a word', '{"a": hunter2}', 1, 7, /expected a value: a string stands in double quotes/],
    ['a word on another line', '{\n  "a": "x",\n  "b": hunter2\n}', 3, 8, /expected a value/],
    ['a comma before the end', '{\n  "a": "x",\n}', 2, 11, /a comma before "}"; remove it/],
    ['a comma before the end of a list', '[\n  {"tag": "a", "secret": "x"},\n]', 2, 30, /a comma before "]"/],
    ['no comma', '{\n  "a": "x"\n  "b": "y"\n}', 3, 3, /expected "," or "}"/],
    ['no colon', '{"a" "x"}', 1, 6, /expected ":" after the key/],
    ['a key without quotes', '{\n  hunter2: "x"\n}', 2, 3, /expected a key in double quotes/],
    ['single quotes', "{\n  'a': 'hunter2'\n}", 2, 3, /double quotes, not in single ones/],
    ['a comment', '{\n  // hunter2\n  "a": "x"}', 2, 3, /it can have no comment/],
    ['a comment at the start', '# hunter2\n{}', 1, 1, /it can have no comment/],
    ['an end within a map', '{\n  "a": "x"', 2, 11, /it ends too early/],
    ['an end within a string', '{\n  "a": "hunter2', 2, 8, /the string that begins here has no end/],
    ['a line break within a string', '{"a": "hunter\n2"}', 1, 14, /a line break or control character within a string/],
    ['an unknown escape', '{"a": "C:\\dir"}', 1, 10, /unknown escape; a backslash is written as \\\\/],
    ['a short \\u', '{"a": "\\u12"}', 1, 8, /unknown escape/],
    ['text after the end', '{"a": "x"}\nhunter2', 2, 1, /text after its end/],
    ['two objects', '{"a": "x"}\n{"b": "y"}', 2, 1, /text after its end/],
    ['a number that is none', '{"a": 01}', 1, 7, /expected a value/],
    ['NaN', '{"a": NaN}', 1, 7, /expected a value/],
    ['nothing', '', 1, 1, /it ends too early/],
    ['columns in characters', '{"😀é": x}', 1, 8, /expected a value/],
  ];
  test.each(broken)('rejects %s with its place, and quotes none of it', (_, text, line, column, expected) => {
    expect(parseJsonFile(text).problems).toEqual([{ line, column, text: expect.stringMatching(expected) }]);
    expect(() => JSON.parse(text)).toThrow();
    expect(JSON.stringify(parseJsonFile(text).problems)).not.toContain('hunter2');
  });

  test('reads each kind of JSON that JSON.parse reads', () => {
    const text = ' {"a" : "\\u0041\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00" ,\r\n\t"b":"é"} \n';
    expect(parseJsonFile(text).entries.map(({ secret }) => secret)).toEqual(Object.values(JSON.parse(text)));
    for (const literal of ['-0', '1.5e+10', '0.1', 'true', 'false', '[]', '{}', '[[1],{"x":[null]}]'])
      expect(parseJsonFile(`{"a": "b", "c": ${literal}}`).problems).toHaveLength(1);
  });

  test('finds a field that is there twice', () => {
    expect(parseJsonFile('[{"tag": "a", "secret": "x",\n"secret": "y"}]').problems).toMatchObject([
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

  test.each(['~', 'null', ''])('rejects %j, and does not say that quotes help', (text) => {
    expect(parseYamlFile(`a: x\nb: ${text}\n`).problems).toMatchObject([
      { line: 2, text: 'the value is null, which is no value; give a string, or leave the key out' },
    ]);
  });

  test.each(['007', '1.10', '1e3', '0x1F', 'true'])('rejects %j without quotes: it is no string', (text) => {
    expect(parseYamlFile(`a: x\nb: ${text}\n`).problems).toMatchObject([
      { line: 2, text: 'the value must be a string; put it in quotes' },
    ]);
  });

  test('keeps both of two equal keys, for the caller to reject', () => {
    expect(parseYamlFile('a: x\na: y').entries.map(({ tag, line }) => [tag, line])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
  });

  test('takes an anchor, the tag !!str, and what looks like an alias or a tag in quotes', () => {
    const text = 'a: &x one\nb: !!str 5\nc: "*x"\nd: \'!y\'\ne: "<<"\n"<<": f';
    expect(parseYamlFile(text).entries.map(({ tag, secret }) => [tag, secret])).toEqual([
      ['a', 'one'],
      ['b', '5'],
      ['c', '*x'],
      ['d', '!y'],
      ['e', '<<'],
      ['<<', 'f'],
    ]);
  });

  const wrong: [string, string, number, number, RegExp][] = [
    [
      'an alias',
      'a: &x hunter2\nb: *x',
      2,
      4,
      /^the value is an alias \(\*\), which is not supported; write the value out$/,
    ],
    [
      'an alias of nothing',
      'a: x\nb: *hunter2',
      2,
      4,
      /^the value is an alias \(\*\) of nothing; a value that begins with \* needs quotes$/,
    ],
    ['an alias in a list', '- &x { tag: a, secret: b }\n- *x', 2, 3, /^expected \{ tag, name, secret \}$/],
    ['a merge', 'a: &x hunter2\n<<: *x', 2, 1, /^the value is a merge \(<<\), which is not supported/],
    ['two documents', 'a: x\n---\nb: y', 2, 1, /several documents; import one at a time/],
    [
      'an unknown tag',
      'a: x\nb: !hunter2 y',
      2,
      4,
      /^a tag \(!\.\.\.\) is not supported; a value that begins with ! needs quotes$/,
    ],
    [
      'a tag of Ansible',
      'a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162',
      1,
      4,
      /run "ansible-vault decrypt" first$/,
    ],
    ['a tag of CloudFormation', 'a: !Ref hunter2', 1, 4, /^the tag !Ref of CloudFormation/],
    ['!!binary', 'a: !!binary aHVudGVyMg==', 1, 13, /the tag !!binary, which is not supported/],
    ['a number as a key', 'a: x\n5: hunter2', 2, 1, /a key that is no string; put the key in quotes/],
    ['a tab as indentation', 'a:\n\tb: hunter2', 2, 1, /a tab as indentation; use spaces/],
    ['": " in a value', 'a: hunter2: y', 1, 4, /a value with ": " in it needs quotes/],
    ['an escape that is none', 'a: "C:\\dir"', 1, 7, /unknown escape in double quotes/],
    ['an open quote', 'a: x\nb: "hunter2', 2, 12, /a quote, a bracket or a comma is missing/],
    ['@ at the start', 'a: @hunter2', 1, 4, /can't begin with this character/],
  ];
  test.each(wrong)('rejects %s with its place, and quotes none of it', (_, text, line, column, expected) => {
    const { problems } = parseYamlFile(text);
    expect(problems[0]).toEqual({ line, column, text: expect.stringMatching(expected) });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('a file of another tool is named, with what to run instead:', () => {
  const files: [string, unknown, RegExp][] = [
    [
      'a Kubernetes Secret',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: { a: 'eA==' } },
      /map_values\(@base64d\)/,
    ],
    ['a list of Kubernetes', { apiVersion: 'v1', kind: 'List', items: [{ kind: 'Secret' }] }, /a Kubernetes list/],
    [
      'a SealedSecret',
      { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', spec: {} },
      /only its cluster can decrypt/,
    ],
    ['an ExternalSecret', { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', spec: {} }, /has no values/],
    ['a ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } }, /a Kubernetes ConfigMap/],
    ['a Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', spec: {} }, /a Kubernetes object/],
    ['sops', { a: 'ENC[AES256_GCM,data:x]', sops: { mac: 'x' } }, /encrypted by sops; run "sops decrypt" first/],
    ['Vault', { request_id: 'x', data: { data: { a: 'b' } } }, /vault kv get .* jq \.data\.data/],
    ['AWS', { ARN: 'arn', Name: 'x', SecretString: '{}', CreatedDate: 1 }, /--query SecretString --output text/],
    ['Terraform', { a: { sensitive: true, type: 'string', value: 'x' } }, /terraform output -json/],
    ['Doppler', { A: { raw: 'x', computed: 'x' } }, /doppler secrets download/],
    ['1Password', { id: 'x', title: 'y', fields: [{ label: 'a', value: 'b' }] }, /op item get/],
    ['Bitwarden', { encrypted: false, items: [] }, /an export of Bitwarden/],
    ['a list of key and value', [{ key: 'a', value: 'b' }], /a list of \{ key, value \}; pipe in a map: jq/],
    ['a list of name and value', [{ name: 'a', value: 'b', slotSetting: false }], /map\(\{\(\.name\): \.value\}\)/],
    ['a list of Key and Value', [{ Key: 'a', Value: 'b' }], /a list of \{ Key, Value \}/],
    ['maps in a map', { production: { a: 'hunter2' } }, /a map of maps; pipe in the part/],
  ];
  test.each(files)('%s', (_, content, expected) => {
    for (const parse of [parseJsonFile, parseYamlFile]) {
      const { problems } = parse(JSON.stringify(content, null, 2));
      expect(problems).toEqual([{ line: 1, column: 1, text: expect.stringMatching(expected) }]);
      expect(JSON.stringify(problems)).not.toContain('hunter2');
    }
  });

  test('a file of secrets that has such tags is none', () => {
    const content = { kind: 'x', data: 'y', sops: 'z', key: 'k', value: 'v' };
    expect(parseJsonFile(JSON.stringify(content)).entries).toHaveLength(5);
  });
});

/** Ten times the goal of two seconds, since the machine may have other work. */
const MOST_MS = 20_000;
/** V8's stack for regular expressions has 64 MB, and each step back takes at least four bytes of it. */
const LENGTH = 20_000_000;

describe('20 MB of hostile text take seconds at most, and no stack overflows:', () => {
  const texts: [string, (text: string) => ParsedFile, string, string][] = [
    ['spaces in a value', parseEnvFile, 'A=x', ' '],
    ['a long value', parseEnvFile, 'A=', 'x'],
    ['a long quoted value', parseEnvFile, 'A="', '\\n'],
    ['quotes that are never closed', parseEnvFile, '', 'A="\\"\n'],
    ['lines that are none', parseEnvFile, '', 'x\n'],
    ['secrets', parseEnvFile, '', 'A=\n'],
    ['# in a value', parseEnvFile, 'A=x', '#'],
    ['a long string', parseJson, '{"a":"', 'x'],
    ['escapes', parseJson, '{"a":"', '\\n'],
    ['brackets', parseJson, '', '['],
    ['maps', parseJson, '[', '{},'],
    ['digits', parseJson, '[', '1'],
    ['spaces in JSON', parseJson, '{', ' '],
    ['brackets in YAML', parseYaml, '', '['],
    ['lines of YAML', parseYaml, '', 'a: b\n'],
  ];
  test.each(texts)('%s', (_, parse, start, part) => {
    const text = Buffer.concat([Buffer.from(start), Buffer.alloc(LENGTH - start.length, part)]).toString();
    const started = performance.now();
    const { entries } = parse(text);
    expect(performance.now() - started).toBeLessThan(MOST_MS);
    expect(entries.length).toBeLessThanOrEqual(MAX_ENTRIES);
  });

  test.each([
    ['[', ','],
    ['', 'a: b\n'],
    ['', '&a '],
    ['a: "', 'x\n '],
  ])('as much YAML as is parsed: %j %j', (start, part) => {
    const text = Buffer.concat([Buffer.from(start), Buffer.alloc(3_000_000 - start.length, part)]).toString();
    const started = performance.now();
    parseYaml(text);
    expect(performance.now() - started).toBeLessThan(MOST_MS);
  });
});
