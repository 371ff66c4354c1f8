/** Completion: what may follow, and the scripts in real shells, with a real Tab. */
import { chmod, mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complete } from '../../src/cli/completion/complete.js';
import { createProgram } from '../../src/cli/program.js';
import { findPython, unavailableInCi } from '../mock/process.js';
import { CLI, cli, emptyFolder, file, inTerminal, pathOf, type Steps, startCortex, value } from './support.js';

const seed = ['my-secret', 'other.one', 'with space'].map((tag) => ({ tag, secret: value(tag) }));
let server: Awaited<ReturnType<typeof startCortex>>;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startCortex({ seed });
  await mkdir(pathOf('bin'));
  await file('bin/cortex-secrets', `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(pathOf('bin/cortex-secrets'), 0o755);
  await file('my file.env', 'A=1\n');
  const section = `api_key = ${server.env.CORTEX_API_KEY}\nbase_url = ${server.env.CORTEX_BASE_URL}`;
  const CORTEX_CONFIG = await file('config', `[default]\n${section}\n[staging]\n${section}\n`);
  env = { CORTEX_CONFIG, PATH: `${pathOf('bin')}:${process.env.PATH}` };
});
afterAll(async () => {
  await server.close();
  await emptyFolder();
});

describe('what may follow', () => {
  const lookups = {
    tags: async () => ['my-secret', 'other'],
    sections: () => ['default', 'staging'],
    variables: () => ['HOME'],
  };
  const words = async (...given: string[]) => {
    const found = await complete(
      createProgram(() => {}),
      given,
      lookups,
    );
    return found === 'files' ? found : found.map(({ word }) => word);
  };
  const OUTPUTS = ['table', 'json', 'ndjson', 'tsv'];

  test.each<[string[], string[]]>([
    [['list', '--output', ''], OUTPUTS],
    [['--output', ''], OUTPUTS],
    [['list', '--output', '=', ''], OUTPUTS],
    [['list', '--output', '='], OUTPUTS],
    [['list', '--output='], OUTPUTS.map((word) => `--output=${word}`)],
    [
      ['import', 'x', '--on-existing', ''],
      ['update', 'skip', 'fail'],
    ],
    [
      ['import', '--format', ''],
      ['env', 'json', 'yaml'],
    ],
    [
      ['mock', '--window', ''],
      ['fixed', 'sliding'],
    ],
    [
      ['mock', '--conflict', ''],
      ['400', '409'],
    ],
    [
      ['--tenant', ''],
      ['default', 'staging'],
    ],
    [
      ['list', '--tenant', ''],
      ['default', 'staging'],
    ],
    [['set', 'x', '--value-env', ''], ['HOME']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['completion', 'bash', ''], []],
    [
      ['get', ''],
      ['my-secret', 'other'],
    ],
    [
      ['--output', 'json', '-q', 'get', ''],
      ['my-secret', 'other'],
    ],
    [['get', 'my-secret', ''], []],
    [['delete', 'my-secret', ''], ['other']],
    [['create', ''], []],
    [['list', ''], []],
    [['nosuch', ''], []],
    [
      ['--tenant', 'get', 'get', ''],
      ['my-secret', 'other'],
    ],
    [['set', 'x', '--name', ''], []],
    [['get', '--base-url', ''], []],
  ])('%j', async (given, expected) => {
    expect(await words(...given)).toEqual(expected);
  });

  test.each<[string[]]>([
    [['import', '']],
    [['import', '--prefix', 'p', '']],
    [['set', 'x', '--value-file', '']],
    [['set', 'x', '--value-file=']],
    [['delete', '--from', '']],
    [['import', 'x', '--report', '']],
    [['mock', '--seed', '']],
  ])('%j: files', async (given) => {
    expect(await words(...given)).toBe('files');
  });

  test('commands, without those that are hidden, also after the options of all commands and after help', async () => {
    for (const given of [[''], ['--output', 'json', ''], ['-q', ''], ['--output=json', ''], ['help', '']])
      expect(await words(...given)).toEqual(expect.arrayContaining(['list', 'check', 'mock', 'completion']));
    expect(await words('')).toContain('help');
    expect(await words('')).not.toContain('__complete');
  });

  test('the options of the command, and those of all', async () => {
    expect(await words('set', '--')).toEqual(expect.arrayContaining(['--value-file', '--name', '--tenant', '--help']));
    expect(await words('mock', '--')).toEqual(expect.arrayContaining(['--rate-limit', '--help']));
    expect(await words('mock', '--')).not.toContain('--tenant');
    expect(await words('list', '--')).not.toContain('--value-file');
  });
});

test('is silent, and offers no tags, without a key, without a server, and with one that hangs', async () => {
  const complete = (env: Record<string, string>, ...words: string[]) =>
    cli(['__complete', '--', ...words, ''], { env });
  const NOTHING = { code: 0, stdout: 'words\n', stderr: '' };
  expect(await complete({}, 'get')).toEqual(NOTHING);
  expect(await complete({ ...server.env, CORTEX_BASE_URL: 'http://127.0.0.1:2' }, 'get')).toEqual(NOTHING);
  server.cortex.fail('list', 'hang before processing');
  expect(await complete(server.env, 'get')).toEqual(NOTHING);
  expect(await complete({ CORTEX_CONFIG: pathOf('none') }, '--tenant')).toEqual(NOTHING);
  expect(await complete(env, '--tenant')).toEqual({ ...NOTHING, stdout: 'words\ndefault\t\nstaging\t\n' });
});

const python = await findPython();
const shells: [string, string[], (path: string) => string][] = [
  ['bash', ['--norc', '--noprofile', '-i'], (path) => `source '${path}'`],
  ['zsh', ['-f', '-i'], (path) => `bindkey -e; autoload -U compinit; compinit -u -D; source '${path}'`],
  ['fish', ['--no-config', '-i'], (path) => `source '${path}'`],
];
for (const [shell, args, setUp] of shells) {
  const missing = !python || (await unavailableInCi(shell, shell));
  test.skipIf(missing)(`${shell} completes at a real Tab`, async () => {
    const { stdout } = await cli(['completion', shell]);
    const script = await file(`completion.${shell}`, stdout);
    const steps: Steps = [
      ['send', `${setUp(script)}; echo re''ady\r`],
      ['expect', 'ready'],
    ];
    // What a script does: words with and without "=", files, and nothing. What may follow is tested above.
    // The line becomes the arguments of printf: what is shown is what the command would get.
    const lines: [string, string][] = [
      ['list --output=nd', '<--output=ndjson>'],
      ['get my-s', '<get><my-secret>'],
      ['import my', '<import><my file.env>'],
      ['list my', '<list><my>'],
    ];
    for (const [typed, expected] of lines)
      steps.push(
        ['send', `cortex-secrets ${typed}\t\x01printf '<%s>' \r`],
        ['expect', `<cortex-secrets>`],
        ['expect', expected],
      );
    steps.push(['send', 'exit 7\r']);
    const { code } = await inTerminal([shell, ...args], steps, { ...env, TERMINAL_COLUMNS: '200' });
    expect(code).toBe(7);
  });
}
