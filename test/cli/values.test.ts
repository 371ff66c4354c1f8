/** What each entrance makes of a value: stdin, file, variable, .env, JSON and YAML take the same text for the same value. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { noteOnValue } from '../../src/cli/values/check.js';
import { decodeUtf8 } from '../../src/cli/values/encoding.js';
import { encryptedBy, isSopsKey } from '../../src/cli/values/encrypted.js';
import { cli, emptyFolder, file, startCortex, value } from './support.js';

let server: Awaited<ReturnType<typeof startCortex>>;
beforeAll(async () => {
  server = await startCortex({ seed: [{ tag: 'a', secret: value('old') }] });
});
afterEach(() => server.cortex.reset());
afterAll(async () => {
  await server.close();
  await emptyFolder();
});

type Options = NonNullable<Parameters<typeof cli>[1]>;
const run = (args: string[], options: Options = {}) =>
  cli(args, { ...options, env: { ...server.env, ...options.env } });
const stored = () => server.cortex.storedValue('a');

/** Each way in, for a value of one line. `source` is what messages call it. */
const entrances: [source: RegExp, store: (text: string, ...more: string[]) => ReturnType<typeof cli>][] = [
  [/stdin/, (text, ...more) => run(['set', 'a', ...more], { stdin: text })],
  [/--value-file/, async (text, ...more) => run(['set', 'a', '--value-file', await file('v', text), ...more])],
  [/--value-env/, (text, ...more) => run(['set', 'a', '--value-env', 'V', ...more], { env: { V: text } })],
  [/v\.env:1/, async (text, ...more) => run(['import', await file('v.env', `a='${text}'`), ...more])],
  [/v\.json:1/, async (text, ...more) => run(['import', await file('v.json', JSON.stringify({ a: text })), ...more])],
  [/v\.yaml:1/, async (text, ...more) => run(['import', await file('v.yaml', `a: "${text}"`), ...more])],
  [/stdin:1/, (text, ...more) => run(['import', '-', '--format', 'env', ...more], { stdin: `a='${text}'` })],
];

describe.each(entrances)('%s', (source, store) => {
  test('stores a plain value without a note', async () => {
    expect(await store('c4nary é 😀❤️')).toMatchObject({ code: 0 });
    expect(stored()).toBe('c4nary é 😀❤️');
  });

  test('notes an invisible character at the edge of a value, stores it, and quotes nothing', async () => {
    const { code, stderr } = await store('c4nary\u200b');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/the value ends with an invisible character/),
    });
    expect(stderr).toMatch(source);
    expect(stored()).toBe('c4nary\u200b');
  });

  test('refuses a value that another tool has encrypted, and stores it with --allow-encrypted', async () => {
    const text = `ENC[AES256_GCM,data:c4nary,iv:x,tag:y,type:str]`;
    const { code, stderr } = await store(text);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/the value is encrypted by sops; run "sops decrypt" first; --allow-encrypted/),
    });
    expect(server.cortex.requests).toEqual([]);
    expect(await store(text, '--allow-encrypted')).toMatchObject({ code: 0 });
    expect(stored()).toBe(text);
  });
});

describe('a byte order mark at the start of stdin', () => {
  const BOM = '\uFEFF';
  test.each([
    ['is dropped, as PowerShell 5.1 pipes it', ['set', 'a'], `${BOM}c4nary\r\n`, 'c4nary'],
    ['is dropped by update', ['update', 'a'], `${BOM}c4nary`, 'c4nary'],
    ['is dropped with --value-stdin', ['set', 'a', '--value-stdin'], `${BOM}c4nary\n`, 'c4nary'],
    ['is dropped once', ['set', 'a'], `${BOM}${BOM}c4nary`, `${BOM}c4nary`],
    ['stays with --raw', ['set', 'a', '--raw'], `${BOM}c4nary\n`, `${BOM}c4nary\n`],
    ['stays within a value', ['set', 'a'], `c4${BOM}nary`, `c4${BOM}nary`],
  ])('%s', async (_, args, stdin, expected) => {
    expect((await run(args, { stdin })).code).toBe(0);
    expect(stored()).toBe(expected);
  });

  test('alone is an empty value', async () => {
    expect(await run(['set', 'a'], { stdin: `${BOM}\r\n` })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the value is empty'),
    });
  });

  test.each(['env', 'json', 'yaml'])('is no part of a %s file that is piped in', async (format) => {
    const text = format === 'env' ? 'a=c4nary' : '{"a": "c4nary"}';
    expect((await run(['import', '-', '--format', format], { stdin: `${BOM}${text}\r\n` })).code).toBe(0);
    expect(stored()).toBe('c4nary');
  });
});

describe('what is not UTF-8', () => {
  const utf16 = (text: string, ...mark: number[]) => Buffer.concat([Buffer.from(mark), Buffer.from(text, 'utf16le')]);
  const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();
  test.each<[string, Buffer, RegExp]>([
    ['UTF-16 with a mark', utf16('c4nary\r\n', 0xff, 0xfe), /is UTF-16, and not UTF-8$/],
    ['UTF-16 of the other order', swapped(utf16('c4nary', 0xff, 0xfe)), /is UTF-16/],
    ['UTF-16 without a mark', utf16('c4nary'), /is UTF-16/],
    ['UTF-16 of the other order without a mark', swapped(utf16('c4nary')), /is UTF-16/],
    ['UTF-16 of other letters', utf16('{"a": "ключ"}'), /is UTF-16/],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), /is UTF-32/],
    ['UTF-32 of the other order', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), /is UTF-32/],
    ['Latin-1', Buffer.from('é', 'latin1'), /is not UTF-8; encode binary data first, for example as base64$/],
    ['a key of Java', Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0, 0]), /is not UTF-8; encode binary data/],
    ['git-crypt', Buffer.from('\0GITCRYPT\0\x01\x02'), /is encrypted by git-crypt; run "git-crypt unlock" first$/],
    ['half a character', Buffer.from('é').subarray(0, 1), /is not UTF-8/],
  ])('%s is named', (_, bytes, expected) => {
    expect(() => decodeUtf8(bytes, 'x')).toThrow(expected);
  });

  test.each(['', 'a', 'ab\0', 'a\0b', '\0', '\0\0\0\0', 'é\uFEFF', 'x'.repeat(5000)])('%j is text', (text) => {
    expect(decodeUtf8(Buffer.from(text), 'x')).toBe(text);
  });

  test('is refused on stdin with what to do, in a file of secrets too', async () => {
    for (const args of [
      ['set', 'a'],
      ['import', '-', '--format', 'env'],
    ]) {
      const { code, stderr } = await run(args, { stdin: utf16('a=c4nary\r\n', 0xff, 0xfe) });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/stdin: is UTF-16, and not UTF-8\nWrite it as UTF-8: in PowerShell/),
      });
    }
  });
});

describe('encrypted values and references', () => {
  const TEXT = 'QUJDREVGR0hJSktMTU5PUA==';
  test.each([
    [`encrypted:${TEXT}`, /dotenvx/],
    [` encrypted:${TEXT}\n`, /dotenvx/],
    ['ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]', /sops/],
    ['a: ENC[AES256_GCM,data:x]\nsops:\n  mac: y', /sops/],
    ['ENC[PKCS7,MIIB]', /eyaml/],
    ['ENC[GPG,xyz]', /eyaml/],
    ['ENC[something]', /another tool \(ENC\[\.\.\.\]\)/],
    [`ENC(${TEXT})`, /Jasypt/],
    ['$ANSIBLE_VAULT;1.1;AES256\n6162', /ansible-vault decrypt/],
    ['-----BEGIN AGE ENCRYPTED FILE-----\nx\n-----END AGE ENCRYPTED FILE-----', /age --decrypt/],
    ['-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----', /gpg --decrypt/],
    [`vault:v1:${TEXT}`, /transit/],
    ['op://vault/item/field', /op inject/],
    ['ref+vault://secret/x#/y', /vals eval/],
  ])('%j is one', (text, expected) => {
    expect(encryptedBy(text)).toMatch(expected);
  });

  test.each([
    'encrypted',
    'encrypted: yes',
    'encrypted:short',
    'ENCODED[x]',
    'ENC',
    'ENC(',
    'op://',
    'vault:v1:',
    'ref+',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----',
    '$2b$10$abcdefghijklmnopqrstuv',
    '$argon2id$v=19$m=65536',
    `${TEXT}`,
    '{"a":"b"}',
  ])('%j is none', (text) => {
    expect(encryptedBy(text)).toBeUndefined();
  });

  test('a .env file of sops is refused for its keys', async () => {
    await file('sops.env', 'A=c4nary\nsops_version=3.9.0\nsops_mac=x\n');
    expect(await run(['import', 'sops.env'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /sops\.env:2:1: a key that sops adds: the file is encrypted; run "sops decrypt" first\n/,
      ),
    });
    expect(isSopsKey('sops_age__list_0__map_recipient')).toBe(true);
    expect(isSopsKey('sops_token')).toBe(false);
  });
});

describe('an invisible character', () => {
  test.each([
    '\u00a0x',
    '\ufeffx',
    'x\ufeff',
    'x\u200b',
    'x\u200d',
    'x\u2060',
    '\u202ex',
    'x\u3000',
    'x\u2028',
    'x\u00ad',
    '\u3164x',
    'x\u2800',
    'x\0',
    'x\x1b',
    'x\x7f',
    'x\u0085',
    'x\u200b\n',
    '  \u00a0x',
    '\u{e0001}x',
    '\u00a0',
  ])('at an edge of %j is noted', (text) => {
    expect(noteOnValue(text)).toMatch(/^the value (begins|ends|begins and ends) with an invisible character/);
  });

  test.each([
    '',
    'x',
    ' x ',
    'x\n',
    '\tx\r\n',
    'a\u00a0b',
    'a\u200bb',
    '❤️',
    '👩‍👩‍👧',
    'é',
    '日本',
    '-----BEGIN X-----\nx\n',
  ])('is not at an edge of %j', (text) => {
    expect(noteOnValue(text)).toBeUndefined();
  });
});

test('a file of more than can be sent is refused before it is read', async () => {
  const { code, stderr } = await run(['set', 'a', '--value-file', '/dev/zero']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--value-file: has more than 2 MB') });
});

test.each([
  ['a folder', ['set', 'a', '--value-file', '.'], "--value-file: can't read .: it is a directory"],
  [
    'a path that is missing',
    ['set', 'a', '--value-file', 'nowhere'],
    "--value-file: can't read the file: there is no such",
  ],
])('%s as a file of a value is named with the reason', async (_, args, expected) => {
  expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(expected) });
});
