/** The packed tarball, installed into an empty folder and used there. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileStrictly, MAIN_SETTINGS } from '../../scripts/lib/package/strict-program.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let packed: { filename: string; size: number; files: { path: string; size: number }[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-package-'));
  // Packs what `npm test` has built before the tests.
  const pack = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  [packed] = JSON.parse(pack.stdout);
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, packed.filename)], {
    cwd: folder,
  });
});
afterAll(() => rm(folder, { recursive: true }));

test('contains the documented files, and no others', () => {
  const paths = packed.files.map(({ path }) => path);
  const allowed =
    /^(dist\/((pipeline|redaction|testing|util|contract-tests(\/checks)?)\/)?[\w-]+\.(js|d\.ts)|dist\/cli\/([\w-]+\.js|THIRD-PARTY-LICENSES\.txt)|generated\/[\w.-]+\.(js|d\.ts|json|yaml)|spec\/(openapi\.yaml|lifecycle\.arazzo\.yaml|samples\/\w+\.(ts|sh|py))|docs\/[\w-]+\.md|examples\/([\w-]+\/){0,2}[\w.-]+\.(md|js|json|ts|tsx|css|mjs|sh|yml|Dockerfile)|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|LICENSE|action\.yml|package\.json)$/;
  expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
  for (const path of [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/testing/index.d.ts',
    'dist/cli/main.js',
    'dist/cli/THIRD-PARTY-LICENSES.txt',
    'generated/openapi.yaml',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
  ]) {
    expect(paths).toContain(path);
  }
  console.log(packed.files.map(({ path, size }) => `${String(size).padStart(7)}  ${path}`).join('\n'));
  console.log(`${packed.filename}: ${packed.size} bytes, ${packed.files.length} files`);
});

test('has one run-time dependency, openapi-fetch', async () => {
  const { packages } = JSON.parse(await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8'));
  expect(Object.keys(packages['node_modules/cortex-secrets'].dependencies)).toEqual(['openapi-fetch']);
  const installed = ['cortex-secrets', 'openapi-fetch', 'openapi-typescript-helpers'];
  expect(Object.keys(packages)).toEqual(installed.map((name) => `node_modules/${name}`));
});

test('nothing of the command line is exported, and its licences are shipped', async () => {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(JSON.stringify(exports)).not.toMatch(/cli|mock/);
  const folderOfCli = join(folder, 'node_modules', 'cortex-secrets', 'dist', 'cli');
  const licences = await readFile(join(folderOfCli, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const named = [...licences.matchAll(/^(\S+) \d+\.\d+\.\d+ \((MIT|ISC)\)$/gm)].map(([, name]) => name);
  expect(named).toEqual([
    ...['ansi-regex', 'commander', 'fast-check', 'get-east-asian-width', 'openapi-fetch', 'pure-rand', 'string-width'],
    ...['strip-ansi', 'undici', 'yaml'],
  ]);
});

/** What a program sees of the package; `get` and `resolve` are those of its kind of module. */
const PROGRAM = `
const path = resolve('cortex-secrets/lifecycle.arazzo.yaml');
const [, source] = /sourceDescriptions:[\\s\\S]*?url: (\\S+)/.exec(readFileSync(path, 'utf8'));
const cortex = createFakeCortex();
createSecretsClient({ ...cortex.clientOptions })
  .set('a', { name: 'A', secret: 'v' })
  .then(() => import('cortex-secrets/dist/pipeline/retry.js'))
  .catch(({ code }) => code)
  .then((inner) => console.log(JSON.stringify({
    inner,
    stored: cortex.storedValue('a'),
    contract: json('cortex-secrets/openapi.json'),
    older: json('cortex-secrets/openapi-3.0.json'),
    yaml: readFileSync(resolve('cortex-secrets/openapi.yaml'), 'utf8'),
    besideWorkflow: readFileSync(new URL(source, path), 'utf8'),
  })));`;

test.each([
  [
    'import.mjs',
    `import { readFileSync } from 'node:fs';
     import { createSecretsClient } from 'cortex-secrets';
     import { createFakeCortex } from 'cortex-secrets/testing';
     const resolve = (name) => new URL(import.meta.resolve(name));
     const json = (name) => JSON.parse(readFileSync(resolve(name), 'utf8'));`,
  ],
  [
    'require.cjs',
    `const { readFileSync } = require('node:fs');
     const { createSecretsClient } = require('cortex-secrets');
     const { createFakeCortex } = require('cortex-secrets/testing');
     const resolve = (name) => require('node:url').pathToFileURL(require.resolve(name));
     const json = require;`,
  ],
])('%s: the client, the in-memory Cortex and the contract in all its forms, and no module', async (name, head) => {
  await writeFile(join(folder, name), head + PROGRAM);
  const { stdout, stderr } = await run(process.execPath, [name], { cwd: folder });
  expect(stderr.replace(/.*ExperimentalWarning: .*\n?.*--trace-warnings.*\n?/g, '')).toBe('');
  const { contract, older, yaml, besideWorkflow, ...used } = JSON.parse(stdout);
  expect(used).toEqual({ inner: 'ERR_PACKAGE_PATH_NOT_EXPORTED', stored: 'v' });
  expect(contract.openapi).toMatch(/^3\.1\./);
  expect(older.openapi).toMatch(/^3\.0\./);
  expect(Object.keys(older.paths)).toEqual(Object.keys(contract.paths));
  expect(Object.keys(contract.paths)).toEqual(['/api/v1/secrets', '/api/v1/secrets/{tagOrId}']);
  expect(parse(yaml)).toEqual(contract);
  expect(besideWorkflow).toMatch(/^openapi: /);
});

test('npx runs cortex-secrets, with its lazy chunks', async () => {
  // The chunk with yaml, and no key: a file is checked before anything is sent.
  await writeFile(join(folder, 'wrong.yaml'), 'a: x\na: y\n');
  const env = { ...process.env, CORTEX_API_KEY: 'k', CORTEX_BASE_URL: 'http://127.0.0.1:2' };
  const options = { cwd: folder, env };
  await expect(run('npx', ['--no-install', 'cortex-secrets', 'import', 'wrong.yaml'], options)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('wrong.yaml:2:'),
  });
  const help = await run(join(folder, 'node_modules', '.bin', 'cortex-secrets'), ['mock', '--help'], options);
  expect(help.stdout).toContain('--rate-limit');
});

describe('a strict program compiles without skipLibCheck', () => {
  // One compiler; `node scripts/package/compilers.js` tries 5.4, 5.9, 6 and 7, each with each setting.
  const tsc = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
  beforeAll(async () => {
    for (const name of ['@types', 'undici-types'])
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  });

  test.concurrent.each(MAIN_SETTINGS)('%s', async (setting) => {
    // Several checkers would take half as much again.
    expect(await compileStrictly(tsc, folder, setting, ['--singleThreaded'])).toBe('');
  });
});
