/**
 * The recipes of docs/contract-testing.md, unchanged but for their ports, in a folder that has the package: each finds a fault
 * that the guide's tables name, and nothing else. Most of a recipe's time is the start of its programs, so that those for
 * node:test run in two processes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../scripts/lib/free-port.js';
import { contractTests } from '../../src/contract-tests/index.js';
import { CHECKS } from '../../src/contract-tests/suite.js';
import { createFakeCortex } from '../../src/testing/index.js';
import { CLI, unavailable } from '../mock/process.js';
import { SERVER_FAULTS } from '../support/server-faults.js';
import { startTampered, type Tamper, tamperedFetch } from '../support/tampered-cortex.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = await readFile(join(root, 'docs', 'contract-testing.md'), 'utf8');
/** The blocks whose first line names a file or a recipe, such as `sh verify`. */
const blocks = new Map(
  [...guide.matchAll(/^```(?:sh|js) ([\w.-]+)[^\n]*\n([\s\S]*?)^```/gm)].map(([, name, code]) => [
    name,
    code as string,
  ]),
);

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-guide-'));
await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
// What a recipe installs is what the project has: the same files, without a download. What is packed: tarball.test.ts.
const projects = join(root, 'node_modules');
const links = ['openapi-fetch', '@redocly/cli', 'ajv', 'msw', 'vitest', '@stoplight/prism-cli', '.bin/redocly'];
for (const [name, target] of [
  ...links.map((name) => [name, join(projects, name)] as const),
  ['cortex-secrets', root] as const,
  ['.bin/cortex-secrets', CLI] as const,
]) {
  const path = join(folder, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}
for (const [name, code] of blocks) if (name?.endsWith('.mjs')) await writeFile(join(folder, name), code);
afterAll(() => rm(folder, { recursive: true }));

interface Result {
  code: number;
  output: string;
}

/** Runs commands of a shell in the folder. */
async function shell(code: string, env: Record<string, string> = {}): Promise<Result> {
  const child = spawn('sh', ['-ec', code], {
    cwd: folder,
    env: { ...process.env, npm_config_offline: 'true', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [exitCode] = await once(child, 'close');
  return { code: exitCode, output };
}

/** Runs a recipe's commands, with another port in place of the guide's. */
function recipe(name: string, port: string, replacement: string): Promise<Result> {
  const code = blocks.get(name)?.replaceAll(port, replacement);
  if (code === undefined) throw new Error(`docs/contract-testing.md has no recipe "${name}"`);
  // npx takes longer than what it starts.
  return shell(code.replaceAll(/\bnpx (?=\w)/g, 'node_modules/.bin/'));
}

const VARIABLES = 'CORTEX_BASE_URL=http://127.0.0.1:4020 CORTEX_API_KEY=fake-api-key ';
/** The file of a recipe that is a command of a test runner and a file that the guide has. */
function testFileOf(name: string, command: string, pattern = /\.test\.mjs$/): string {
  const [, before, file = ''] = /^(.* )(\S+)\n$/.exec(blocks.get(name) ?? '') ?? [];
  if (before !== command || !pattern.test(file) || !blocks.has(file))
    throw new Error(`the recipe "${name}" does not run`);
  return file;
}

interface TapTest {
  failed: boolean;
  name: string;
}
/** Runs files for node:test in one process, each with an address in the environment; their tests, in their order. */
async function nodeTests(files: (readonly [file: string, url?: string | undefined])[]): Promise<TapTest[]> {
  const code = `for (const [n, [file, url]] of JSON.parse(process.env.FILES).entries()) {
    process.env.CORTEX_BASE_URL = url;
    await import('./' + file + '?' + n);
  }`;
  const env = { FILES: JSON.stringify(files), CORTEX_API_KEY: 'fake-api-key' };
  const { output } = await shell(`node --test-reporter=tap --input-type=module --eval "${code}"`, env);
  return [...output.matchAll(/^(not )?ok \d+ - (.+)$/gm)].map(([, not, name = '']) => ({
    failed: not !== undefined,
    name,
  }));
}

describe('does my server keep the contract?', () => {
  /** The rows of the guide's table: the fault, then the step or the test that finds it by each recipe. */
  const rows = [...guide.matchAll(/^\| ([^|]+) \| test `([\w-]+)` \| step `(\w+)` \| test `(\w+)` \|$/gm)].map(
    ([, fault = '', verify = '', respect = '', schemas = '']) => ({ fault, finders: { verify, respect, schemas } }),
  );
  const tamperOf = (fault: string) => SERVER_FAULTS.find((one) => one.fault === fault)?.tamper as Tamper;

  test('the table names the tests and the steps that find its faults', async () => {
    const steps = new Map(SERVER_FAULTS.map(({ fault, step }) => [fault, step]));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows).toHaveLength(guide.match(/^\|.*\| step `/gm)?.length ?? 0);
    for (const { fault, finders } of rows) {
      // The workflow runs with each of these faults in test/contract/lifecycle.test.ts.
      expect(finders.respect, fault).toBe(steps.get(fault));
      const { baseUrl, apiKey, fetch } = tamperedFetch(tamperOf(fault));
      const { tests } = contractTests({ baseUrl, apiKey, fetch });
      const found = tests.find(({ id }) => id === finders.verify)?.run();
      await expect(found, fault).rejects.toThrow(/contract: #/);
    }
  });

  /** An address of a server with the fault, in place of the guide's. */
  async function withServer<R>(tamper: Tamper | undefined, use: (url: string) => Promise<R>): Promise<R> {
    const server = await startTampered({ seed: [{ tag: 'another', secret: 'v' }] });
    server.tamperWith(tamper);
    try {
      return await use(server.url);
    } finally {
      await server.close();
    }
  }
  const onServer = (name: string, tamper?: Tamper) =>
    withServer(tamper, (url) => recipe(name, 'http://127.0.0.1:4020', url));

  const all = CHECKS.filter(({ thorough }) => !thorough);
  test('verify: finds the fault, and passes all else', async () => {
    const [{ fault, finders }] = rows as [(typeof rows)[number]];
    const { code, output } = await onServer('verify', tamperOf(fault));
    expect(code, output).toBe(1);
    const count = (pattern: RegExp) => output.match(pattern)?.length;
    expect([count(/^passed\t/gm), count(/^failed\t/gm)]).toEqual([all.length - 1, 1]);
    expect(output).toContain(all.find(({ id }) => id === finders.verify)?.title);
    expect(output).toContain('curl -i -X PUT');
  });

  describe('vitest: passes without a fault', async () => {
    const { baseUrl, apiKey, fetch } = createFakeCortex().clientOptions;
    beforeAll(() => vi.stubGlobal('fetch', fetch));
    afterAll(() => vi.unstubAllGlobals());
    Object.assign(process.env, { CORTEX_BASE_URL: baseUrl, CORTEX_API_KEY: apiKey });
    await import(/* @vite-ignore */ join(folder, testFileOf('vitest', `${VARIABLES}npx vitest run `, /\.spec\.mjs$/)));
    for (const name of ['CORTEX_BASE_URL', 'CORTEX_API_KEY']) delete process.env[name];
  });

  test('vitest: finds what node-test finds, since they differ in nothing but the runner', () => {
    const withoutRunner = (file: string) =>
      blocks
        .get(file)
        ?.replace(/^import \{ \w+, test \} from .*\n/m, '')
        .replace(/\bafter(All)?\(/, 'after(');
    expect(withoutRunner('contract.spec.mjs')?.split('\n').sort()).toEqual(
      withoutRunner('server.test.mjs')?.split('\n').sort(),
    );
  });

  test('respect: finds a fault where the guide says, after steps that pass', async () => {
    const { fault, finders } = rows.at(-1) as (typeof rows)[number];
    const { code, output } = await onServer('respect', tamperOf(fault));
    expect(code).not.toBe(0);
    expect([...output.matchAll(/^ *✗ .*step (\w+)/gm)].map(([, step]) => step)).toEqual([finders.respect]);
    expect(output).toMatch(/Steps: 15 passed, 1 failed, 16 total/);
  });

  test('schemas, node-test: find each fault where the guide says, and none without one', async () => {
    const schemas = testFileOf('schemas', `${VARIABLES}node --test `);
    const [first] = rows as [(typeof rows)[number]];
    const seed = [{ tag: 'another', secret: 'v' }];
    const servers = await Promise.all([undefined, ...rows, first].map(() => startTampered({ seed })));
    for (const [n, { fault }] of [...rows, first].entries()) servers[n + 1]?.tamperWith(tamperOf(fault));
    const files = servers.map(({ url }) => [schemas, url] as const);
    const tests = await nodeTests([
      ...files.slice(0, -1),
      [testFileOf('node-test', `${VARIABLES}node --test `), files.at(-1)?.[1]],
    ]);
    await Promise.all(servers.map(({ close }) => close()));
    const failed = (from: number, to?: number) =>
      tests.slice(from, to).flatMap(({ failed, name }) => (failed ? [name] : []));
    expect(failed(0, 5)).toEqual([]);
    expect(rows.map((_, n) => failed(5 * n + 5, 5 * n + 10))).toEqual(rows.map(({ finders }) => [finders.schemas]));
    const last = 5 * (rows.length + 1);
    expect(tests).toHaveLength(last + all.length);
    expect(failed(last)).toEqual([all.find(({ id }) => id === first.finders.verify)?.title]);
  });
});

// Without curl the recipe with Prism would wait for ever.
const lacksCurl = Boolean(await unavailable('curl', '--version'));

describe('does my client keep the contract?', () => {
  const client = (checksStatus: boolean, ...requests: string[]) => `
    const { CORTEX_BASE_URL, CORTEX_API_KEY } = process.env;
    async function send(method, path, body) {
      const headers = { authorization: 'Bearer ' + CORTEX_API_KEY, 'content-type': 'application/json' };
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      const response = await fetch(CORTEX_BASE_URL + '/api/v1/secrets' + path, init);
      if (${checksStatus} && !response.ok) throw new Error('the server responded with ' + response.status);
    }
    ${requests.map((request) => `await send(${request});`).join('\n')}`;
  const create = `'POST', '', { tag: 'a', name: 'A', secret: 'v' }`;
  const list = (pageSize: number) => `'GET', '?pageSize=${pageSize}'`;

  const clients: [fault: string, code: string, isFoundByPrism: boolean][] = [
    ['none', client(true, create, list(1000)), false],
    ['a pageSize of 5000', client(true, create, list(5000)), true],
    ['a pageSize of 5000, and no look at the status', client(false, create, list(5000)), false],
    ['a secret created twice, and no look at the status', client(false, create, create), false],
  ];
  beforeAll(async () => {
    for (const [n, [, code]] of clients.entries()) await writeFile(join(folder, `client-${n}.mjs`), code);
  });

  test('mock, msw: find each fault, and none without one', async () => {
    // The mock is a process: only a fault that it must find by itself, without an error of the client.
    const tried = { mock: [0, 3], msw: [0, 1, 2, 3] };
    const files = Object.entries(tried).flatMap(([name, clients]) => clients.map((n) => [name, n] as const));
    for (const [name, n] of files) {
      const code = blocks.get(testFileOf(name, 'node --test '))?.replaceAll('my-client.mjs', `client-${n}.mjs`) ?? '';
      await writeFile(join(folder, `${name}-${n}.mjs`), code);
    }
    const tests = await nodeTests(files.map(([name, n]) => [`${name}-${n}.mjs`]));
    expect(tests.map(({ failed }, i) => [files[i], failed])).toEqual(files.map((file) => [file, file[1] !== 0]));
  });

  test.skipIf(lacksCurl)('prism: finds each fault that an error shows', async () => {
    const imports = clients.map((_, n) => `import('./client-${n}.mjs')`).join(', ');
    const code = `
      const results = await Promise.allSettled([${imports}]);
      console.log(JSON.stringify(results.map(({ status }) => status === 'rejected')));
      process.exitCode = 3;`;
    await writeFile(join(folder, 'my-client.mjs'), code);
    const result = await recipe('prism', '4010', String(await freePort()));
    expect(result.code).toBe(3);
    const found: boolean[] = JSON.parse(/^\[.*\]$/m.exec(result.output)?.[0] ?? '[]');
    expect(clients.map(([fault], n) => [fault, found[n]])).toEqual(clients.map(([fault, , found]) => [fault, found]));
  });
});
