/**
 * The recipes of docs/contract-testing.md, unchanged but for their ports, in an empty folder with the packed package: each
 * finds a fault that the guide's tables name, and nothing else. Most of a recipe's time is the start of its programs, so that
 * each runs once as the guide has it, and further faults are tried in one process.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/lib/free-port.js';
import { contractTests } from '../../src/contract-tests/index.js';
import { CHECKS } from '../../src/contract-tests/suite.js';
import { unavailable } from '../mock/process.js';
import { SERVER_FAULTS } from '../support/server-faults.js';
import { startTampered, type Tamper, tamperedFetch } from '../support/tampered-cortex.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = await readFile(join(root, 'docs', 'contract-testing.md'), 'utf8');
/** The blocks whose first line names a file or a recipe, such as `sh verify`. */
const blocks = new Map(
  [...guide.matchAll(/^```(?:sh|js) ([\w.-]+)[^\n]*\n([\s\S]*?)^```/gm)].map(([, name, code]) => [
    name,
    code as string,
  ]),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-guide-'));
  // Packs what `npm test` has built before the tests.
  const pack = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const [{ filename }] = JSON.parse(pack.stdout);
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  const installed = join(folder, 'node_modules', 'cortex-secrets');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  await chmod(join(installed, 'dist', 'cli', 'main.js'), 0o755);
  // What else a recipe installs is what the project has installed: the same files, without a download.
  const projects = join(root, 'node_modules');
  const links = [
    'openapi-fetch',
    '@redocly/cli',
    'ajv',
    'msw',
    'vitest',
    '@stoplight/prism-cli',
    '.bin/redocly',
    '.bin/vitest',
  ];
  for (const [name, target] of [
    ...links.map((name) => [name, join(projects, name)] as const),
    ['.bin/cortex-secrets', join(installed, 'dist', 'cli', 'main.js')] as const,
  ]) {
    const path = join(folder, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(target, path);
  }
  for (const [name, code] of blocks) if (name?.endsWith('.mjs')) await writeFile(join(folder, name), code);
});
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
  // npx takes longer than what it starts: once is enough.
  return shell(name === 'verify' ? code : code.replaceAll(/\bnpx (?=\w)/g, 'node_modules/.bin/'));
}

/** The names of the tests of node:test that passed or failed, in their order. */
const tapOf = ({ output }: Result) =>
  [...output.matchAll(/^(not )?ok \d+ - (.+)$/gm)].map(([, not, name = '']) => ({ failed: not !== undefined, name }));

test('require.resolve and import.meta.resolve find the workflow, and beside it the contract that it refers to', async () => {
  await writeFile(
    join(folder, 'resolve.mjs'),
    `import { readFileSync } from 'node:fs';
     import { createRequire } from 'node:module';
     const url = import.meta.resolve('cortex-secrets/lifecycle.arazzo.yaml');
     const path = createRequire(import.meta.url).resolve('cortex-secrets/lifecycle.arazzo.yaml');
     const [, source] = /sourceDescriptions:[\\s\\S]*?url: (\\S+)/.exec(readFileSync(path, 'utf8'));
     console.log(readFileSync(new URL(source, url), 'utf8').slice(0, 9));`,
  );
  const { stdout } = await run(process.execPath, ['resolve.mjs'], { cwd: folder });
  expect(stdout).toBe('openapi: \n');
});

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
  test.each([
    ['verify', /^passed\t/gm, /^failed\t/gm],
    ['vitest', / (\d+) passed \(/, / (\d+) failed \|/],
    ['node-test', /^(?:#|ℹ) pass (\d+)$/m, /^(?:#|ℹ) fail (\d+)$/m],
  ])('%s: finds the fault, and passes all else', async (name, passed, failed) => {
    const [{ fault, finders }] = rows as [(typeof rows)[number]];
    const { code, output } = await onServer(name, tamperOf(fault));
    expect(code, output).toBe(1);
    const count = (pattern: RegExp) =>
      pattern.global ? (output.match(pattern)?.length ?? 0) : Number(pattern.exec(output)?.[1]);
    expect([count(passed), count(failed)]).toEqual([all.length - 1, 1]);
    expect(output).toContain(all.find(({ id }) => id === finders.verify)?.title);
    expect(output).toContain('curl -i -X PUT');
  });

  test('respect: finds a fault where the guide says, after steps that pass', async () => {
    const { fault, finders } = rows.at(-1) as (typeof rows)[number];
    const { code, output } = await onServer('respect', tamperOf(fault));
    expect(code).not.toBe(0);
    expect([...output.matchAll(/^ *✗ .*step (\w+)/gm)].map(([, step]) => step)).toEqual([finders.respect]);
    expect(output).toMatch(/Steps: 15 passed, 1 failed, 16 total/);
  });

  test('schemas: passes without a fault', async () => {
    const { code, output } = await onServer('schemas');
    expect(output).toMatch(/^(#|ℹ) pass 5$/m);
    expect(code).toBe(0);
  });

  test('schemas: finds each fault where the guide says', async () => {
    const code = `for (const [n, url] of JSON.parse(process.env.URLS).entries()) {
      process.env.CORTEX_BASE_URL = url;
      await import('./contract.test.mjs?' + n);
    }`;
    const run = (urls: string[]): Promise<Result> => {
      const tamper = tamperOf(rows[urls.length]?.fault ?? '');
      if (tamper) return withServer(tamper, (url) => run([...urls, url]));
      const env = { URLS: JSON.stringify(urls), CORTEX_API_KEY: 'fake-api-key' };
      return shell(`node --test-reporter=tap --input-type=module --eval "${code}"`, env);
    };
    const tests = tapOf(await run([]));
    const found = rows.map((_, n) => tests.slice(5 * n, 5 * n + 5).filter(({ failed }) => failed));
    expect(found.map((tests) => tests.map(({ name }) => name))).toEqual(rows.map(({ finders }) => [finders.schemas]));
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
    await writeFile(join(folder, 'my-client.mjs'), clients[0]?.[1] ?? '');
  });

  test.each(['mock', 'msw'])('%s: passes without a fault', async (name) => {
    const { code, output } = await recipe(name, '', '');
    expect(code, output).toBe(0);
  });

  test('mock, msw: find each fault', async () => {
    // The mock is a process: only the faults that it must find by itself, without an error of the client.
    const tried = { mock: [2, 3], msw: [1, 2, 3] };
    const names = Object.entries(tried).flatMap(([name, clients]) => clients.map((n) => [name, n] as const));
    for (const [name, n] of names) {
      const code = blocks.get(`${name}.test.mjs`)?.replaceAll('my-client.mjs', `client-${n}.mjs`) ?? '';
      await writeFile(join(folder, `${name}-${n}.mjs`), code);
    }
    const code = names.map(([name, n]) => `await import('./${name}-${n}.mjs');`).join('\n');
    const found = tapOf(await shell(`node --test-reporter=tap --input-type=module --eval "${code}"`));
    expect(found.map(({ failed }, i) => [names[i], failed])).toEqual(names.map((name) => [name, true]));
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
