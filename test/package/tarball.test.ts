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

/** Runs a program in the folder, and returns its output. */
async function node(name: string, code: string): Promise<string> {
  await writeFile(join(folder, name), code);
  const { stdout, stderr } = await run(process.execPath, [name], { cwd: folder });
  expect(stderr.replace(/.*ExperimentalWarning: .*\n?.*--trace-warnings.*\n?/g, '')).toBe('');
  return stdout;
}

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
  const { stdout } = await run('npm', ['ls', '--all', '--json'], { cwd: folder });
  const { dependencies } = JSON.parse(stdout);
  expect(Object.keys(dependencies)).toEqual(['cortex-secrets']);
  // npm lists an optional peer that is not installed without a version.
  const installed: [string, { version?: string }][] = Object.entries(dependencies['cortex-secrets'].dependencies);
  expect(installed.filter(([, { version }]) => version !== undefined).map(([name]) => name)).toEqual(['openapi-fetch']);
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

const use = `
const secret = { id: 'se1', tag: 'my-secret' };
const secrets = createSecretsClient({ apiKey: 'k', fetch: async () => new Response(JSON.stringify(secret)) });
secrets.get('my-secret').then((secret) => console.log(JSON.stringify(secret)));`;

test('works with import', async () => {
  const printed = await node('import.mjs', `import { createSecretsClient } from 'cortex-secrets';${use}`);
  expect(printed).toBe('{"id":"se1","tag":"my-secret"}\n');
});

test('works with require', async () => {
  const printed = await node('require.cjs', `const { createSecretsClient } = require('cortex-secrets');${use}`);
  expect(printed).toBe('{"id":"se1","tag":"my-secret"}\n');
});

test('exports the contract as JSON and as YAML, the same document', async () => {
  const printed = await node(
    'contract.cjs',
    `const { readFileSync } = require('node:fs');
     const contract = require('cortex-secrets/openapi.json');
     const older = require('cortex-secrets/openapi-3.0.json');
     const yaml = readFileSync(require.resolve('cortex-secrets/openapi.yaml'), 'utf8');
     console.log(JSON.stringify({ contract, older, yaml }));`,
  );
  const { contract, older, yaml } = JSON.parse(printed);
  expect(contract.openapi).toMatch(/^3\.1\./);
  expect(older.openapi).toMatch(/^3\.0\./);
  expect(Object.keys(older.paths)).toEqual(Object.keys(contract.paths));
  expect(Object.keys(contract.paths)).toEqual(['/api/v1/secrets', '/api/v1/secrets/{tagOrId}']);
  expect(parse(yaml)).toEqual(contract);
});

test('the in-memory Cortex works in node:test, with import and with require', async () => {
  const body = `
    test('stores a secret', async () => {
      const cortex = createFakeCortex();
      await createSecretsClient({ ...cortex.clientOptions }).set('a', { name: 'A', secret: 'v' });
      assert.equal(cortex.storedValue('a'), 'v');
    });`;
  const names = { test: 'node:test', assert: 'node:assert/strict' };
  const parts = { createSecretsClient: 'cortex-secrets', createFakeCortex: 'cortex-secrets/testing' };
  const lines = (whole: (name: string, from: string) => string, part: (name: string, from: string) => string) =>
    [...Object.entries(names).map(([a, b]) => whole(a, b)), ...Object.entries(parts).map(([a, b]) => part(a, b))].join(
      '\n',
    );
  const esm = lines(
    (a, b) => `import ${a} from '${b}';`,
    (a, b) => `import { ${a} } from '${b}';`,
  );
  const cjs = lines(
    (a, b) => `const ${a} = require('${b}');`,
    (a, b) => `const { ${a} } = require('${b}');`,
  );
  expect(await node('fake.test.mjs', esm + body)).toMatch(/^(#|ℹ) pass 1$/m);
  expect(await node('fake.test.cjs', cjs + body)).toMatch(/^(#|ℹ) pass 1$/m);
});

test('npx runs cortex-secrets, with its lazy chunks', async () => {
  // The chunk with yaml, and no key: a file is checked before anything is sent.
  await writeFile(join(folder, 'wrong.yaml'), 'a: x\na: y\n');
  const env = { ...process.env, CORTEX_API_KEY: 'k', CORTEX_BASE_URL: 'http://127.0.0.1:2' };
  const npx = (...args: string[]) => run('npx', ['--no-install', 'cortex-secrets', ...args], { cwd: folder, env });
  const wrong = expect(npx('import', 'wrong.yaml')).rejects;
  const [version, help] = await Promise.all([
    npx('--version'),
    npx('mock', '--help'),
    wrong.toMatchObject({ code: 2, stderr: expect.stringContaining('wrong.yaml:2:') }),
  ]);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(help.stdout).toContain('--rate-limit');
});

test('does not export its modules', async () => {
  const printed = await node(
    'inner.mjs',
    `import('cortex-secrets/dist/pipeline/retry.js').catch((e) => console.log(e.code))`,
  );
  expect(printed).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

describe('a strict program compiles without skipLibCheck', () => {
  // One compiler; `node scripts/package/compilers.js` tries 5.4, 5.9, 6 and 7, each with each setting.
  const tsc = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
  beforeAll(async () => {
    for (const name of ['@types', 'undici-types'])
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  });

  test.concurrent.each(MAIN_SETTINGS)('%s', async (setting) => {
    expect(await compileStrictly(tsc, folder, setting)).toBe('');
  });
});
