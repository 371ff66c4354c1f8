/** The GitHub Action: its steps in bash, as a runner runs them, with the packed package and hostile inputs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, test as always, beforeAll, describe, expect } from 'vitest';
import { parse } from 'yaml';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { unavailable } from '../mock/process.js';

const missing = (await unavailable('bash', '--version')) ?? (await unavailable('npx', '--version'));
if (missing) console.log(`skipped: ${missing}`);
const test = missing ? always.skip : always;

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = await readFile(join(root, 'action.yml'), 'utf8');
const action = parse(text) as {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: { steps: { id: string; shell: string; run: string; env: Record<string, string> }[] };
};
const KEY = 'canary-of-a-key';
const value = (name: string) => `canary of ${name} "$(id)" \`id\``;

const { cortex, handleRequest } = createFake({ apiKey: KEY, seed: [{ tag: 'app-old', secret: value('old') }] });
let folder: string;
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' }));
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-action-'));
  const run = promisify(execFile);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  // npx takes a package that is there in this version, and asks no registry.
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  await run('npm', [...install, join(folder, JSON.parse(stdout)[0].filename)], { cwd: folder });
});
afterEach(() => cortex.reset());
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true });
});

/** Runs the action as a runner does, in a job of its own. */
async function runAction(inputs: Record<string, string>, env: Record<string, string> = {}) {
  const job = await mkdtemp(join(folder, 'job-'));
  const [output, summary] = [join(job, 'output'), join(job, 'summary.md')];
  const [step] = action.runs.steps;
  const variables = Object.entries(step?.env ?? {}).map(([name, expression]) => {
    const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)?.[1];
    return [name, input === undefined ? root : (inputs[input] ?? action.inputs[input]?.default ?? '')];
  });
  const quiet = { npm_config_update_notifier: 'false', npm_config_offline: 'true' };
  const files = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
  const options = {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      CORTEX_API_KEY: KEY,
      CORTEX_BASE_URL: url,
      ...quiet,
      ...files,
      ...env,
      ...Object.fromEntries(variables),
    },
  };
  const { code, log } = await new Promise<{ code: number; log: string }>((resolve) => {
    const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step?.run ?? ''];
    execFile('bash', args, options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), log: stdout + stderr }),
    );
  });
  const read = (path: string) => (existsSync(path) ? readFile(path, 'utf8') : '');
  const result = { code, log, outputs: await read(output), summary: await read(summary) };
  expect(`${log}${result.outputs}${result.summary}`).not.toContain('canary');
  return result;
}
const outputsOf = (created: number, updated: number, unchanged: number, deleted: number, failed: number) =>
  `created=${created}\nupdated=${updated}\nunchanged=${unchanged}\ndeleted=${deleted}\nfailed=${failed}\n`;

always('has every input as a variable, none in the script, and every output from the step', () => {
  const [step] = action.runs.steps;
  expect(step?.run).not.toContain('${{');
  for (const name of Object.keys(action.inputs)) {
    const variable = `INPUT_${name.replaceAll('-', '_').toUpperCase()}`;
    expect(step?.env[variable]).toBe(`\${{ inputs.${name} }}`);
    expect(step?.run).toContain(variable);
  }
  for (const [name, { value: from }] of Object.entries(action.outputs))
    expect(from).toBe(`\${{ steps.import.outputs.${name} }}`);
});

describe('runs', () => {
  test('an import with its state, its outputs and its summary', async () => {
    await writeFile(join(folder, 'app.env'), `A='${value('a')}'\nB='${value('b')}'\nC_X=x\n`);
    const inputs = {
      file: 'app.env',
      prefix: 'app-',
      state: 'app.state',
      except: 'C_*\n',
      'lower-case': 'true',
      prune: 'true',
    };
    const first = await runAction(inputs);
    expect(first).toMatchObject({ code: 0, outputs: outputsOf(2, 0, 0, 1, 0) });
    expect(first.summary).toContain('2 created, 1 deleted.\n\n| Tag |');
    expect(cortex.storedValue('app-a')).toBe(value('a'));
    expect(await runAction(inputs)).toMatchObject({ code: 0, outputs: outputsOf(0, 0, 2, 0, 0) });
    const plan = await runAction({ ...inputs, only: 'A\nB\n', state: '', 'dry-run': 'true' });
    expect(plan).toMatchObject({
      code: 0,
      outputs: outputsOf(0, 2, 0, 0, 0),
      summary: expect.stringContaining('Plan: 2 to update'),
    });
  });

  test('a file with a mistake: its lines in the log and in the summary', async () => {
    await writeFile(join(folder, 'wrong.env'), `A='${value('a')}'\nB.C=x\n`);
    const { code, log, outputs, summary } = await runAction({ file: 'wrong.env' });
    expect({ code, outputs }).toEqual({ code: 2, outputs: outputsOf(0, 0, 0, 0, 0) });
    expect(log).toContain('wrong.env:2:1: a tag may have letters');
    expect(log).toContain('::error title=Import into Cortex::failed with exit code 2');
    expect(summary).toContain('Failed: import: the file has a problem; nothing was sent');
  });

  test('a wrong key: exit code 4', async () => {
    await writeFile(join(folder, 'one.env'), `A='${value('a')}'\n`);
    const { code, log, summary } = await runAction({ file: 'one.env' }, { CORTEX_API_KEY: 'other' });
    expect({ code, log, summary }).toEqual({
      code: 4,
      log: expect.stringContaining('401'),
      summary: expect.stringContaining('Failed: '),
    });
  });

  test('a partial failure: exit code 3, and the table says which', async () => {
    await writeFile(join(folder, 'two.env'), `A='${value('a')}'\nB='${value('b')}'\n`);
    cortex.fail('any', { status: 500 }, { times: 99, when: ({ tag, tagOrId }) => (tag ?? tagOrId) === 'B' });
    const { code, outputs, summary } = await runAction({ file: 'two.env' });
    expect({ code, outputs }).toEqual({ code: 3, outputs: outputsOf(1, 0, 0, 0, 1) });
    expect(summary).toMatch(/\| <code>B<\/code> \| create \| failed \| unknown \|/);
  });
});

describe('takes hostile inputs as text', () => {
  const HOSTILE = [
    '"; touch pwned; "',
    "'; touch pwned; '",
    '$(touch pwned)',
    '`touch pwned`',
    'a\ntouch pwned',
    '-h',
    '--yes',
    '* ?',
    '::add-mask::x',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub
    '${{ 1 }}',
  ];
  // In place of npx, to see what it would get.
  const programs = () => join(folder, 'programs');
  beforeAll(async () => {
    await mkdir(programs(), { recursive: true });
    await writeFile(join(programs(), 'npx'), '#!/usr/bin/env bash\nprintf "%s\\0" "$@" > "$ARGUMENTS"\n', {
      mode: 0o755,
    });
  });
  async function argumentsFor(inputs: Record<string, string>) {
    const ARGUMENTS = join(await mkdtemp(join(folder, 'arguments-')), 'list');
    const { code } = await runAction(inputs, { ARGUMENTS, PATH: `${programs()}:${process.env.PATH}` });
    const given = existsSync(ARGUMENTS) ? (await readFile(ARGUMENTS, 'utf8')).split('\0').slice(0, -1) : undefined;
    return { code, given };
  }

  test.each(HOSTILE)('%j, in each place', async (hostile) => {
    const texts = { file: hostile, format: hostile, prefix: hostile, state: hostile, 'max-deletes': hostile };
    const { code, given } = await argumentsFor({ ...texts, only: hostile, except: hostile });
    expect(code).toBe(0);
    const globs = hostile.split('\n');
    expect(given?.slice(given.indexOf('import'))).toEqual([
      ...['import', '--output', 'json', '--summary', expect.stringContaining('summary.md')],
      ...[`--format=${hostile}`, `--prefix=${hostile}`, `--state=${hostile}`, `--max-deletes=${hostile}`],
      ...globs.map((glob) => `--only=${glob}`),
      ...globs.map((glob) => `--except=${glob}`),
      ...['--', hostile],
    ]);
    for (const name of ['version', 'prune', 'dry-run', 'lower-case'])
      expect(await argumentsFor({ file: 'one.env', [name]: hostile })).toEqual({ code: 2, given: undefined });
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  test('and asks for the version of the action, without install scripts', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect((await argumentsFor({ file: 'x' })).given?.slice(0, 3)).toEqual([
      '--yes',
      '--ignore-scripts',
      `cortex-secrets@${version}`,
    ]);
    expect((await argumentsFor({ file: 'x', version: '1.2.3-rc.1' })).given?.[2]).toBe('cortex-secrets@1.2.3-rc.1');
  });

  test('as the name of a file that is there, and of a state', async () => {
    for (const name of ['-x $(touch pwned) "`touch pwned`.env', '::set-output name=a::b.env']) {
      await writeFile(join(folder, name), `A='${value('a')}'\n`);
      expect(await runAction({ file: name, state: `${name}.state` })).toMatchObject({
        code: 0,
        outputs: expect.stringMatching(/^(created|updated)=1\n/m),
      });
      expect(existsSync(join(folder, `${name}.state`))).toBe(true);
      await writeFile(join(folder, name), 'A.B=1\n');
      const { log } = await runAction({ file: name });
      // The runner takes no commands between these two lines.
      const [, between = ''] = /::stop-commands::([\w-]+)\n[\s\S]*?::\1::\n([\s\S]*)/.exec(log) ?? [];
      expect(between).not.toBe('');
    }
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });
});
