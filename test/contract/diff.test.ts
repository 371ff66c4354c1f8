/** `node scripts/contract/diff.js` compares the contract with a git ref or a published version, and fails if it breaks without a new major. */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, test as always, beforeAll, expect } from 'vitest';
import { unavailable } from '../mock/process.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Not the user's git: it may sign commits, or run hooks; from a hook, `GIT_DIR` would name the user's repository. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
const test = (await unavailable('git', '--version')) ? always.skip : always;
let copy: string;
let contract: string;
let registry: Server;
let address: string;

/** Creates a repository with today's contract as the tag `then`, and a registry that has it as version 7.0.0. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'cortex-secrets-diff-'));
  for (const name of ['generated', 'scripts', 'package.json', 'redocly.diff.yaml'])
    await cp(join(root, name), join(copy, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  contract = await readFile(join(copy, 'generated', 'openapi.yaml'), 'utf8');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.test', '-c', 'init.defaultBranch=main', ...args], {
      cwd: copy,
      env: environment,
    });
  git('init', '--quiet');
  git('add', 'generated/openapi.yaml');
  git('commit', '--quiet', '--message', 'then');
  git('tag', 'then');
  git('rm', '--quiet', '--cached', 'generated/openapi.yaml');
  git('commit', '--quiet', '--allow-empty', '--message', 'without');
  git('tag', 'without');

  const published = join(copy, 'published');
  await mkdir(join(published, 'generated'), { recursive: true });
  await writeFile(join(published, 'package.json'), '{ "name": "cortex-secrets", "version": "7.0.0" }');
  await writeFile(join(published, 'generated', 'openapi.yaml'), contract);
  execFileSync('npm', ['pack', '--silent'], { cwd: published });
  const tarball = await readFile(join(published, 'cortex-secrets-7.0.0.tgz'));
  registry = createServer(({ url }, response) => {
    const dist = { tarball: `${address}/cortex-secrets-7.0.0.tgz` };
    const versions = { '7.0.0': { name: 'cortex-secrets', version: '7.0.0', dist } };
    if (url?.endsWith('.tgz')) response.end(tarball);
    else response.end(JSON.stringify({ name: 'cortex-secrets', 'dist-tags': { latest: '7.0.0' }, versions }));
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
afterAll(async () => {
  registry.close();
  await rm(copy, { recursive: true });
});

/** Runs it on today's contract after `changes`. */
async function diff(ref: string[], ...changes: [string, string][]): Promise<{ code: number; output: string }> {
  let now = contract;
  for (const [find, replace] of changes) {
    expect(now).toContain(find);
    now = now.replace(find, replace);
  }
  await writeFile(join(copy, 'generated', 'openapi.yaml'), now);
  const env = { ...environment, npm_config_registry: address, npm_config_cache: join(copy, 'cache') };
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/contract/diff.js', ...ref], { cwd: copy, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

const breaking: [string, string][] = [
  ['            maximum: 1000', '            maximum: 500'],
  ['\n    delete:\n', '\n    x-delete:\n'],
  ['      minProperties: 1\n', '      minProperties: 1\n      required: [name]\n'],
  ['        totalPages:\n', '        pages:\n'],
];
const newMajor: [string, string] = ['  version: 1.0.0', '  version: 2.0.0'];
const newSummary: [string, string] = ['summary: List secrets', 'summary: List all secrets'];

test('reports no changes since a published version with the same contract', async () => {
  expect(await diff(['7.0.0'])).toEqual({
    code: 0,
    output: 'The contract since 7.0.0 (1.0.0 -> 1.0.0): 0 breaking, 0 other changes.\n',
  });
});

test('fails for breaking changes without a new major version, and names each', async () => {
  const { code, output } = await diff(['then'], ...breaking);
  expect(code).toBe(1);
  expect(output).toContain("Upper bound changed from '<= 1000' to '<= 500'");
  for (const place of [
    /^major .*\/delete$/m,
    /^ *Properties of `SecretUpdate` became required: `name`/m,
    /^major .*totalPages/m,
  ])
    expect(output).toMatch(place);
  expect(output).toContain('info.version (1.0.0 -> 1.0.0) needs a new major version');
});

test('passes for a renamed path with a new major version, and names a changed summary', async () => {
  const { code, output } = await diff(['then'], ['  /api/v1/secrets:\n', '  /api/v2/secrets:\n'], newMajor);
  expect(code).toBe(0);
  expect(output).toMatch(/The contract since then \(1\.0\.0 -> 2\.0\.0\): [1-9]\d* breaking/);
});

test('passes for a changed summary, and names it', async () => {
  const { code, output } = await diff(['then'], newSummary);
  expect(code).toBe(0);
  expect(output).toContain('0 breaking, 1 other changes');
  expect(output).toContain('summary');
});

test.each([
  ['no ref', [], 'missing argument'],
  ['an unknown ref', ['nowhere'], 'nowhere is neither a git ref nor a version'],
  ['an unknown version', ['8.0.0'], '8.0.0 is neither a git ref nor a published version of cortex-secrets'],
  ['a ref without a contract', ['without'], 'without has no generated/openapi.yaml'],
  ['an option', ['--output=/tmp/x'], 'is neither a git ref nor'],
])('exits with 2 for %s', async (_, ref, message) => {
  const { code, output } = await diff(ref);
  expect(code).toBe(2);
  expect(output).toContain(message);
});
