/** The completion scripts: in bash for real, in zsh and fish if they are installed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, test as always, describe, expect } from 'vitest';
import { unavailable } from '../mock/process.js';
import { cli, file, removeFolder } from './support.js';

const test = (await unavailable('bash', '--version')) ? always.skip : always;

const run = promisify(execFile);
afterAll(() => removeFolder());

/** What bash offers for the last word of a command line. */
async function completed(...words: string[]): Promise<string[]> {
  const { stdout: script } = await cli(['completion', 'bash']);
  const path = await file('completion.bash', script);
  const list = ['cortex-secrets', ...words].map((word) => `'${word}'`).join(' ');
  const code = `. ${path}; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _cortex_secrets; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['--noprofile', '--norc', '-c', code]);
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash offers commands, options, and the words of an option', async () => {
  expect(await completed('')).toEqual(expect.arrayContaining(['list', 'set', 'import', 'mock', '--help']));
  expect(await completed('de')).toEqual(['delete']);
  expect(await completed('set', '--value')).toEqual(['--value-file', '--value-env', '--value-stdin']);
  expect(await completed('import', '--on')).toEqual(['--on-existing']);
  expect(await completed('import', 'x', '--on-existing', '')).toEqual(['update', 'skip', 'fail']);
  expect(await completed('list', '--output', 'n')).toEqual(['ndjson']);
  expect(await completed('mock', '--rate')).toEqual(['--rate-limit']);
  expect(await completed('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await completed('list', '--value')).toEqual([]);
});

describe.each(['zsh', 'fish'])('%s', (shell) => {
  test('has every command, and parses if the shell is installed', async ({ skip }) => {
    const { code, stdout } = await cli(['completion', shell]);
    expect(code).toBe(0);
    for (const name of ['list', 'import', 'completion']) expect(stdout).toContain(name);
    const path = await file(`completion.${shell}`, stdout);
    const result = await run(shell, ['-n', path]).catch((error) => error);
    if (result.code === 'ENOENT') skip(`${shell} is not installed`);
    expect(result.code ?? 0).toBe(0);
  });
});
