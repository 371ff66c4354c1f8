/** The GitHub Action: its steps in bash, as a runner runs them, with the built command and hostile inputs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { CLI, unavailable } from '../mock/process.js';

const missing = (await unavailable('bash', '--version')) ?? (await unavailable('npx', '--version'));
if (missing) console.log(`skipped: ${missing}`);

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = await readFile(join(root, 'action.yml'), 'utf8');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
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
  await mkdir(join(folder, 'node_modules', '.bin'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  // npx takes a package that is there in this version, and asks no registry. What is packed: tarball.test.ts.
  await symlink(root, join(folder, 'node_modules', 'cortex-secrets'));
  await symlink(CLI, join(folder, 'node_modules', '.bin', 'cortex-secrets'));
  // In place of npx, which takes longer than the import: keeps its arguments, and runs the command if CLI is set.
  await mkdir(join(folder, 'programs'));
  const npx = `#!/usr/bin/env bash
printf "%s\\0" "$@" > "$ARGUMENTS"
[ -z "$CLI" ] || exec "${process.execPath}" "$CLI" "\${@:4}"
`;
  await writeFile(join(folder, 'programs', 'npx'), npx, { mode: 0o755 });
});
afterEach(() => cortex.reset());
afterAll(async () => {
  expect(existsSync(join(folder, 'pwned'))).toBe(false);
  await close();
  await rm(folder, { recursive: true });
});

/** Runs the action as a runner does, in a job of its own; `npx` is the real one only if `env` has the PATH. */
async function runAction(inputs: Record<string, string>, env: Record<string, string> = {}) {
  const job = await mkdtemp(join(folder, 'job-'));
  const [ARGUMENTS, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY] = [
    join(job, 'a'),
    join(job, 'output'),
    join(job, 'summary.md'),
  ];
  const [step] = action.runs.steps;
  const variables = Object.entries(step?.env ?? {}).map(([name, expression]) => {
    const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)?.[1];
    return [name, input === undefined ? root : (inputs[input] ?? action.inputs[input]?.default ?? '')];
  });
  const options = {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'programs')}:${process.env.PATH}`,
      ...{ HOME: folder, CORTEX_API_KEY: KEY, CORTEX_BASE_URL: url, CLI },
      ...{ npm_config_update_notifier: 'false', npm_config_offline: 'true' },
      ...{ ARGUMENTS, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY },
      ...env,
      ...Object.fromEntries(variables),
    },
  };
  const { code, log } = await new Promise<{ code: number; log: string }>((resolve) => {
    const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', `exec 2>&1\n${step?.run}`];
    execFile('bash', args, options, (error, stdout) => resolve({ code: Number(error?.code ?? 0), log: stdout }));
  });
  const read = (path: string) => (existsSync(path) ? readFile(path, 'utf8') : '');
  const result = { code, log, outputs: await read(GITHUB_OUTPUT), summary: await read(GITHUB_STEP_SUMMARY) };
  expect(`${log}${result.outputs}${result.summary}`).not.toContain('canary');
  return { ...result, given: (await read(ARGUMENTS)).split('\0').slice(0, -1) };
}
const outputsOf = (created: number, updated: number, unchanged: number, deleted: number, failed: number) =>
  `created=${created}\nupdated=${updated}\nunchanged=${unchanged}\ndeleted=${deleted}\nfailed=${failed}\n`;

test('has every input as a variable, none in the script, and every output from the step', () => {
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

describe.skipIf(missing)('runs', () => {
  const name = '-x $(touch pwned) "`touch pwned`.env';
  const inputs = {
    file: name,
    prefix: 'app-',
    state: `${name}.state`,
    except: 'C_*\n',
    'lower-case': 'true',
    prune: 'true',
  };

  test('an import with its state, its outputs and its summary', async () => {
    await writeFile(join(folder, name), `A='${value('a')}'\nB='${value('b')}'\nC_X=x\n`);
    const first = await runAction(inputs, { PATH: process.env.PATH ?? '' });
    expect(first).toMatchObject({ code: 0, outputs: outputsOf(2, 0, 0, 1, 0) });
    expect(first.summary).toContain('2 created, 1 deleted.\n\n| Tag |');
    expect(cortex.storedValue('app-a')).toBe(value('a'));
    await writeFile(join(folder, name), `A='${value('a')}'\nB='${value('another')}'\nC_X=x\n`);
    const plan = await runAction({ ...inputs, only: 'A\nB\n', 'dry-run': 'true' });
    expect(plan).toMatchObject({ code: 0, outputs: outputsOf(0, 1, 1, 0, 0) });
    expect(plan.summary).toContain('Plan: 1 to update');
  });

  test('a file with a mistake: its lines in the log, where the runner takes no commands, and in the summary', async () => {
    const file = '::set-output name=a::b.env';
    await writeFile(join(folder, file), `A='${value('a')}'\nB.C=x\n`);
    const { code, log, outputs, summary } = await runAction({ file });
    expect({ code, outputs }).toEqual({ code: 2, outputs: outputsOf(0, 0, 0, 0, 0) });
    const [, , inside = ''] = /::stop-commands::([\w-]+)\n([\s\S]*)\n::\1::\n/.exec(log) ?? [];
    expect(inside).toContain(`${file}:2:1: a tag may have letters`);
    expect(log.split(file)).toHaveLength(inside.split(file).length);
    expect(log).toContain('::error title=Import into Cortex::failed with exit code 2');
    expect(summary).toContain('Failed: import: the file has a problem; nothing was sent');
  });

  test('a partial failure: exit code 3, and the table says which', async () => {
    await writeFile(join(folder, 'two.env'), `A='${value('a')}'\nB='${value('b')}'\n`);
    cortex.fail('any', { status: 500 }, { times: 99, when: ({ tag, tagOrId }) => (tag ?? tagOrId) === 'B' });
    const { code, outputs, summary } = await runAction({ file: 'two.env' });
    expect({ code, outputs }).toEqual({ code: 3, outputs: outputsOf(1, 0, 0, 0, 1) });
    expect(summary).toMatch(/\| <code>B<\/code> \| create \| failed \| unknown \|/);
  });
});

describe.skipIf(missing)('takes hostile inputs as text', () => {
  const HOSTILE = [
    '-h',
    '"; touch pwned; "',
    "'; touch pwned; '",
    '$(touch pwned)',
    '`touch pwned`',
    '* ?',
    '--yes',
    'a\ntouch pwned',
    '::add-mask::x',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub
    '${{ 1 }}',
  ];
  const all = HOSTILE.join(' ');

  test.each([
    ['the version of the action', {}, version, all],
    ['a given version', { version: '1.2.3-rc.1' }, '1.2.3-rc.1', HOSTILE.toReversed().join('')],
  ])('in each place, for %s', async (_, inputs, expected, hostile) => {
    const texts = { file: hostile, format: hostile, prefix: hostile, state: hostile, 'max-deletes': hostile };
    const globs = HOSTILE.join('\n');
    const { code, given } = await runAction({ ...inputs, ...texts, only: globs, except: globs }, { CLI: '' });
    expect(code).toBe(0);
    const lines = globs.split('\n');
    expect(given).toEqual([
      ...['--yes', '--ignore-scripts', `cortex-secrets@${expected}`],
      ...['import', '--output', 'json', '--summary', expect.stringContaining('summary.md')],
      ...[`--format=${hostile}`, `--prefix=${hostile}`, `--state=${hostile}`, `--max-deletes=${hostile}`],
      ...lines.map((glob) => `--only=${glob}`),
      ...lines.map((glob) => `--except=${glob}`),
      ...['--', hostile],
    ]);
  });

  test('as no version and no boolean', async () => {
    const refused = [
      ...HOSTILE.map((hostile) => ({ version: hostile })),
      ...['prune', 'dry-run', 'lower-case'].flatMap((name) =>
        [all, 'true\ntouch pwned', '*'].map((hostile) => ({ version, [name]: hostile })),
      ),
    ];
    for (const inputs of refused)
      expect(await runAction({ file: 'x', ...inputs }, { CLI: '' }), JSON.stringify(inputs)).toMatchObject({
        code: 2,
        given: [],
      });
  });
});
