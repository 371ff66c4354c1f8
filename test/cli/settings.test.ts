/** Where the API key and the address come from. */
import { chmod, mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, emptyFolder, file, pathOf, startCortex } from './support.js';

let first: Awaited<ReturnType<typeof startCortex>>;
let second: Awaited<ReturnType<typeof startCortex>>;
const KEYS = ['c4nary-first', 'c4nary-second%'] as const;
beforeAll(async () => {
  first = await startCortex({ apiKey: KEYS[0], seed: [{ tag: 'first', secret: 'v', id: 'se1' }] });
  second = await startCortex({ apiKey: KEYS[1], seed: [{ tag: 'second', secret: 'v', id: 'se2' }] });
  await mkdir(pathOf('.cortex'));
  await file('.cortex/config', config(first.env.CORTEX_BASE_URL, second.env.CORTEX_BASE_URL));
  await file('other-config', `[default]\r\nAPI_KEY: "${KEYS[1]}"\r\nbase_url: ${second.env.CORTEX_BASE_URL}\r\n`);
});
afterAll(async () => {
  await Promise.all([first.close(), second.close(), emptyFolder()]);
});

const config = (url: string, other: string) => `# comment
[default]
api_key = ${KEYS[0]}
base_url=${url}

[my tenant]
; comment
api_key=${KEYS[1]}
base_url = ${other}
`;
const listed = async (args: string[] = [], env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await cli(['list', ...args], { env });
  return { code, stdout: stdout.split('\t')[0], stderr };
};

test('~/.cortex/config: its default section, and the one that --tenant or CORTEX_TENANT_ALIAS names', async () => {
  expect(await listed()).toEqual({ code: 0, stdout: 'first', stderr: '' });
  expect(await listed(['--tenant', 'my tenant'])).toEqual({ code: 0, stdout: 'second', stderr: '' });
  expect(await listed([], { CORTEX_TENANT_ALIAS: 'my tenant' })).toEqual({ code: 0, stdout: 'second', stderr: '' });
});

test('CORTEX_CONFIG names another file', async () => {
  expect(await listed([], { CORTEX_CONFIG: pathOf('other-config') })).toEqual({
    code: 0,
    stdout: 'second',
    stderr: '',
  });
});

test('CORTEX_API_KEY takes precedence over the whole file, so that its key goes to no address of the file', async () => {
  expect(await listed([], second.env)).toMatchObject({ code: 0, stdout: 'second' });
  const { code, stderr } = await listed(['--tenant', 'my tenant'], first.env);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--tenant: CORTEX_API_KEY is set') });
});

test('--base-url takes precedence over CORTEX_BASE_URL, and that over the file', async () => {
  const { CORTEX_BASE_URL } = second.env;
  const { CORTEX_API_KEY } = second.env;
  expect(await listed(['--base-url', CORTEX_BASE_URL], { ...first.env, CORTEX_API_KEY })).toMatchObject({
    stdout: 'second',
  });
  // In the command itself: the key of the file goes there, and the other server refuses it.
  expect(await listed(['--base-url', CORTEX_BASE_URL])).toMatchObject({ code: 4 });
});

describe('the key of the file and CORTEX_BASE_URL', () => {
  test('another address is an error, and the key is not sent there', async () => {
    const before = second.cortex.requests.length;
    const { code, stderr } = await listed([], { CORTEX_BASE_URL: second.env.CORTEX_BASE_URL });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^error: CORTEX_BASE_URL is not the address of the API key in ~\/\.cortex\/config, which/,
      ),
    });
    expect(second.cortex.requests).toHaveLength(before);
  });

  test('a file without an address stands for the default one', async () => {
    const CORTEX_CONFIG = await file('without-address', `[default]\napi_key = ${KEYS[0]}\n`);
    const before = first.cortex.requests.length;
    expect(await listed([], { CORTEX_CONFIG, CORTEX_BASE_URL: first.env.CORTEX_BASE_URL })).toMatchObject({ code: 2 });
    expect(first.cortex.requests).toHaveLength(before);
  });

  test.each(['', '/', '/api/v1'])('the same address, with "%s" at its end, is none', async (end) => {
    const env = { CORTEX_BASE_URL: `${first.env.CORTEX_BASE_URL}${end}` };
    expect(await listed([], env)).toEqual({ code: 0, stdout: 'first', stderr: '' });
  });

  test('an empty CORTEX_BASE_URL is still called empty', async () => {
    expect(await listed([], { CORTEX_BASE_URL: '' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is empty; set it to a URL, or unset it'),
    });
  });
});

test('warns of a file that others may read, and --quiet does not', async () => {
  const path = await file('exposed', `[default]\napi_key = ${KEYS[0]}\nbase_url = ${first.env.CORTEX_BASE_URL}\n`);
  await chmod(path, 0o644);
  const env = { CORTEX_CONFIG: path };
  expect((await listed([], env)).stderr).toMatch(/^warning: the file of CORTEX_CONFIG has an API key, and other users/);
  expect((await listed(['--quiet'], env)).stderr).toBe('');
});

test.each([
  [
    'no section of the name',
    ['--tenant', 'nobody'],
    '',
    4,
    '--tenant: no API key: ~/.cortex/config has no section [nobody], it has only [default], [my tenant]',
  ],
  ['a line that is none', [], `[default]\n${KEYS[0]}\n`, 2, ':2: expected [section], or name = value'],
  ['no section at all', [], `api_key = ${KEYS[0]}\n`, 2, ':1: expected a [section] before the first option'],
  ['a section that is there twice', [], `[default]\n[default]\n`, 2, ':2: the section is there twice'],
  ['a key that is there twice', [], `[default]\napi_key=${KEYS[0]}\nAPI_KEY = x\n`, 2, ':3: the option is there twice'],
  ['a file of sections, none of them default', [], '[a]\n[DEFAULT]\n', 4, 'has no section [default], it has only [a]'],
  ['an empty file', [], '\n', 4, 'has no section [default], it has no section at all'],
  ['a missing key', [], '[default]\nbase_url = x\n', 4, 'has no api_key in its section [default]'],
  ['a key with a space', [], `[default]\napi_key = ${KEYS[0]} x\n`, 4, 'api_key in the file of CORTEX_CONFIG: must be'],
  ['a key with Bearer', [], `[default]\napi_key = Bearer ${KEYS[0]}\n`, 4, 'without "Bearer"'],
  [
    'a wrong address',
    [],
    `[default]\napi_key = k\nbase_url = ${KEYS[0]}\n`,
    2,
    'base_url in the file of CORTEX_CONFIG: must be an absolute URL',
  ],
  ['UTF-16', [], '[\0d\0e\0f\0a\0u\0l\0t\0]\0', 2, 'is not UTF-8 text'],
])('rejects %s, and quotes nothing', async (name, args, content, code, message) => {
  const env: Record<string, string> = content ? { CORTEX_CONFIG: await file(`wrong ${name}`, content) } : {};
  expect(await listed(args, env)).toMatchObject({ code, stderr: expect.stringContaining(message) });
});

// A label of 64 characters is too long: the resolver rejects it without asking a name server.
const INSECURE = `http://${'a'.repeat(64)}.invalid:4020`;

test('http to another host than loopback needs --allow-insecure-connection, which the error names', async () => {
  expect(await listed(['--base-url', INSECURE])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--base-url: must be an https URL; .*, or with --allow-insecure-connection, which/),
  });
  expect(await listed([], { CORTEX_API_KEY: KEYS[0], CORTEX_BASE_URL: INSECURE })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/CORTEX_BASE_URL: must be .* --allow-insecure-connection/),
  });
});

test.each<[string, string[], Record<string, string>]>([
  ['--allow-insecure-connection', ['--allow-insecure-connection'], {}],
  ['CORTEX_ALLOW_INSECURE_CONNECTION=1', [], { CORTEX_ALLOW_INSECURE_CONNECTION: '1' }],
  ['CORTEX_ALLOW_INSECURE_CONNECTION=true', [], { CORTEX_ALLOW_INSECURE_CONNECTION: 'true' }],
])('%s allows it', async (_, args, env) => {
  // The address was accepted, and the connection failed.
  const { code, stderr } = await listed(['--base-url', INSECURE, '--verbose', ...args], env);
  expect(code).toBe(1);
  expect(stderr).toContain('no connection');
  expect(stderr).toContain('http is allowed to any host');
});

test.each(['', '0', 'false'])('CORTEX_ALLOW_INSECURE_CONNECTION=%s does not', async (value) => {
  const env = { CORTEX_ALLOW_INSECURE_CONNECTION: value };
  expect(await listed(['--base-url', INSECURE], env)).toMatchObject({ code: 2 });
});

test('another text in CORTEX_ALLOW_INSECURE_CONNECTION is an error', async () => {
  expect(await listed([], { CORTEX_ALLOW_INSECURE_CONNECTION: 'yes' })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/CORTEX_ALLOW_INSECURE_CONNECTION: must be 1, true, 0, false or empty/),
  });
});

// ini.test.ts has the other forms.
describe('the file is read as configparser reads it:', () => {
  const CORTEX_BASE_URL = 'URL';
  test.each([
    ['comments behind values', `[default]\napi_key = ${KEYS[0]} ; mine\nbase_url = ${CORTEX_BASE_URL} # theirs`],
    [
      'a byte order mark, and an address with %(name)s of [DEFAULT]',
      `\uFEFF[DEFAULT]\nhost = ${CORTEX_BASE_URL}\n[default]\napi_key = ${KEYS[0]}\nbase_url = %(host)s/`,
    ],
    ['quotes', `[default]\napi_key = '${KEYS[0]}'\nbase_url = "${CORTEX_BASE_URL}"`],
  ])('%s', async (name, content) => {
    const path = await file(`ini ${name}`, content.replace('URL', first.env.CORTEX_BASE_URL));
    expect(await listed([], { CORTEX_CONFIG: path })).toEqual({ code: 0, stdout: 'first', stderr: '' });
  });
});

describe('CORTEX_API_KEY and CORTEX_BASE_URL lose what is around them, with a note:', () => {
  test.each([
    ['double quotes', '"', '"'],
    ['single quotes', "'", "'"],
    ['backticks', '`', '`'],
    ['quotes in quotes', `'"`, `"'`],
    ['quotes and spaces', ` " `, ` " `],
    ['a newline', '', '\n'],
    ['a newline of Windows', '', '\r\n'],
    ['tabs', '\t', '\t'],
    ['a no-break space', '\u00a0', '\u00a0'],
    ['a byte order mark', '\ufeff', ''],
    ['a zero-width space', '\u200b', ''],
  ])('%s', async (_, before, after) => {
    const { CORTEX_API_KEY, CORTEX_BASE_URL } = first.env;
    const env = { CORTEX_API_KEY: before + CORTEX_API_KEY + after, CORTEX_BASE_URL: before + CORTEX_BASE_URL + after };
    const notes = ['CORTEX_BASE_URL', 'CORTEX_API_KEY'].map(
      (name) => `${name}: left out the quotes or the whitespace around it\n`,
    );
    expect(await listed([], env)).toEqual({ code: 0, stdout: 'first', stderr: notes.join('') });
  });

  test('without a note if --quiet is given', async () => {
    const env = { ...first.env, CORTEX_API_KEY: `"${KEYS[0]}"` };
    expect(await listed(['--quiet'], env)).toEqual({ code: 0, stdout: 'first', stderr: '' });
  });

  test.each([
    ['only quotes', '""', 'CORTEX_API_KEY is empty'],
    ['only spaces', ' \n', 'CORTEX_API_KEY is empty'],
    ['a space within', `${KEYS[0]} x`, 'CORTEX_API_KEY: must be visible ASCII characters'],
    ['a line break within', `${KEYS[0]}\nx`, 'CORTEX_API_KEY: must be visible ASCII characters'],
    ['a letter that is not ASCII', `${KEYS[0]}é`, 'CORTEX_API_KEY: must be visible ASCII characters'],
    ['Bearer', `Bearer ${KEYS[0]}`, 'CORTEX_API_KEY: must be the key alone, without "Bearer"'],
  ])('%s is no key, and exits with 4', async (_, key, message) => {
    const { code, stderr } = await listed([], { ...first.env, CORTEX_API_KEY: key });
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(message) });
  });
});

test('--debug says where they come from, and not what they are', async () => {
  const { stderr } = await listed(['--debug']);
  expect(stderr).toMatch(
    /^API key: from api_key in ~\/\.cortex\/config; address: from base_url in ~\/\.cortex\/config\n#\d+ attempt 1: GET /,
  );
});
