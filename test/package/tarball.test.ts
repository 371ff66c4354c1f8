/** The packed tarball, installed into an empty folder and used there. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

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
  await run('npm', ['install', '--no-audit', '--no-fund', join(folder, packed.filename)], { cwd: folder });
}, 120_000);
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
    /^(dist\/((pipeline|testing|util)\/)?[\w-]+\.(js|d\.ts)|dist\/cli\/([\w-]+\.js|THIRD-PARTY-LICENSES\.txt)|generated\/[\w.-]+\.(js|d\.ts|json|yaml)|spec\/(openapi\.yaml|lifecycle\.arazzo\.yaml|samples\/\w+\.(ts|sh|py))|docs\/[\w-]+\.md|examples\/[\w.-]+\.(md|ts|tsx|mjs|yml)|examples\/cortex-plugin\/(README\.md|build\.js|package\.json|tsconfig\.json|src\/[\w-]+\.(ts|tsx|css))|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|LICENSE|package\.json)$/;
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
  expect(named).toEqual(['commander', 'openapi-fetch', 'yaml']);
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
  const { stdout } = await run('npx', ['--no-install', 'cortex-secrets', '--version'], { cwd: folder });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await run('npx', ['--no-install', 'cortex-secrets', 'mock', '--help'], { cwd: folder });
  expect(help.stdout).toContain('--rate-limit');
  // The chunk with yaml, and no key: a file is checked before anything is sent.
  await writeFile(join(folder, 'wrong.yaml'), 'a: x\na: y\n');
  const env = { ...process.env, CORTEX_API_KEY: 'k', CORTEX_BASE_URL: 'http://127.0.0.1:2' };
  const wrong = run('npx', ['--no-install', 'cortex-secrets', 'import', 'wrong.yaml'], { cwd: folder, env });
  await expect(wrong).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('wrong.yaml:2:') });
});

test('does not export its modules', async () => {
  const printed = await node(
    'inner.mjs',
    `import('cortex-secrets/dist/pipeline/retry.js').catch((e) => console.log(e.code))`,
  );
  expect(printed).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

const program = `
import { createSecretsClient, isCortexError, type ClientOptions, type Secret } from 'cortex-secrets';
import type { components, operations, paths } from 'cortex-secrets/schema';
import { createFakeCortex, type FakeCortex, type Fault } from 'cortex-secrets/testing';

const options: ClientOptions = { apiKey: 'k', fetch: globalThis.fetch };
const secrets = createSecretsClient(options);
export const tags: Promise<string>[] = [secrets.get('a').then((secret: Secret) => secret.tag)];
export const raw = secrets.api.GET('/api/v1/secrets').then(({ data }) => data?.total);
const cortex: FakeCortex = createFakeCortex({ seed: [{ tag: 't', secret: 'v' }], rateLimit: { requests: 1, perMs: 1000 } });
const fault: Fault = { status: 503, retryAfter: 1 };
export const recover: () => void = cortex.fail('create', fault, { times: 2, when: ({ tag }) => tag === 't' });
export const tested = createSecretsClient({ ...cortex.clientOptions });
export const response: Promise<Response> = cortex.fetch(new URL(cortex.baseUrl), { method: 'GET' });
// @ts-expect-error an unknown fault
cortex.fail('create', 'explode');
export type Names = [keyof paths, keyof operations, components['schemas']['Secret']];
export const statusOf = (error: unknown) => (isCortexError(error) && error.name === 'ApiError' ? error.status : undefined);
// @ts-expect-error the value is required
secrets.create({ tag: 't', name: 'n' });
`;

const settings = {
  'nodenext, Node’s types': { module: 'nodenext', lib: ['es2022'], types: ['node'] },
  'bundler, the browser’s types': {
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    types: [],
  },
};
/** The oldest supported compiler, the project's own, and the later ones. */
const compilers = { '5.4': '5.4.5', '5.9': '5.9.3', '6': '6.0.3', '7': '7.0.2' };

describe('a strict program compiles without skipLibCheck', { timeout: 90_000 }, () => {
  let tools: string;
  beforeAll(async () => {
    tools = await mkdtemp(join(tmpdir(), 'cortex-secrets-compilers-'));
    await writeFile(join(tools, 'package.json'), '{ "private": true }');
    const packages = Object.entries(compilers).map(([name, version]) => `typescript-${name}@npm:typescript@${version}`);
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: tools });
    for (const name of ['@types', 'undici-types'])
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    await writeFile(join(folder, 'program.ts'), program);
  }, 120_000);
  afterAll(() => rm(tools, { recursive: true }));

  const cases = Object.keys(compilers).flatMap((version) =>
    Object.keys(settings).map((name) => [version, name] as const),
  );
  test.each(cases)('TypeScript %s, %s', async (version, name) => {
    const strict = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
    };
    const config = {
      compilerOptions: { ...strict, ...settings[name as keyof typeof settings] },
      files: ['program.ts'],
    };
    const file = join(folder, 'tsconfig.json');
    await writeFile(file, JSON.stringify(config));
    const tsc = join(tools, 'node_modules', `typescript-${version}`, 'bin', 'tsc');
    const { stdout } = await run(process.execPath, [tsc, '--project', file], { cwd: folder }).catch((error) => error);
    expect(stdout).toBe('');
  });
});
