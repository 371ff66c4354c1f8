/**
 * The recipes of docs/contract-testing.md, unchanged but for their ports, in an empty folder with the packed package: each
 * passes without a fault, and finds faults that the guide's tables name, each alone.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/lib/free-port.js';
import { CHECKS } from '../../src/contract-tests/suite.js';
import { runSuite } from '../contract-tests/run-suite.js';
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
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./${filename}`], { cwd: folder });
  // What else a recipe installs is what the project has installed: the same files, without a download.
  for (const name of ['@redocly/cli', 'ajv', 'msw', 'vitest', '@stoplight/prism-cli', '.bin/redocly', '.bin/vitest']) {
    const path = join(folder, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(root, 'node_modules', name), path);
  }
  for (const [name, code] of blocks) if (name?.endsWith('.mjs')) await writeFile(join(folder, name), code);
});
afterAll(() => rm(folder, { recursive: true }));

interface Result {
  code: number;
  output: string;
}

/** The recipes that have run as the guide has them. */
const tried = new Set<string>();

/** Runs a recipe's commands, with another port in place of the guide's. */
async function recipe(name: string, port: string, replacement: string): Promise<Result> {
  let code = blocks.get(name)?.replaceAll(port, replacement);
  if (code === undefined) throw new Error(`docs/contract-testing.md has no recipe "${name}"`);
  // npx takes longer than what it starts: once is enough.
  if (tried.has(name)) code = code.replace(/^npx /gm, 'node_modules/.bin/');
  tried.add(name);
  const env = { ...process.env, npm_config_offline: 'true', NO_COLOR: '1' };
  const child = spawn('sh', ['-ec', code], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [exitCode] = await once(child, 'close');
  return { code: exitCode, output };
}

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
      const { failures } = await runSuite(tamperedFetch(tamperOf(fault)));
      expect(failures.map(({ id }) => id)).toContain(finders.verify);
    }
  });

  /** What a recipe prints about a step or a test that failed. */
  const failures = {
    respect: /^ *✗ .*step (\w+)/gm,
    schemas: /^(?:not ok \d+ - |✖ (?!failing tests:))(\w+)/gm,
  };

  const run = async (name: string, tamper?: Tamper) => {
    const server = await startTampered({ seed: [{ tag: 'another', secret: 'v' }] });
    server.tamperWith(tamper);
    const result = await recipe(name, 'http://127.0.0.1:4020', server.url);
    await server.close();
    return result;
  };

  const titleOf = (id: string) => CHECKS.find((check) => check.id === id)?.title ?? 'no such test';
  describe.each(['verify', 'vitest', 'node-test'])('%s', (name) => {
    test('passes without a fault, and fails with one', async () => {
      const passed = await run(name);
      expect(passed, passed.output).toMatchObject({ code: 0 });
      const [{ fault, finders }] = rows as [(typeof rows)[number]];
      const failed = await run(name, tamperOf(fault));
      expect(failed).toEqual({ code: 1, output: expect.stringContaining(titleOf(finders.verify)) });
      expect(failed.output).toContain('curl -i -X PUT');
    });
  });

  describe.each(['respect', 'schemas'] as const)('%s', (name) => {
    test('passes without a fault', async () => {
      const { code, output } = await run(name);
      expect(output).toMatch(/Steps: 18 passed, 18 total|^(#|ℹ) pass 5$/m);
      expect(code).toBe(0);
    });

    const tried = name === 'schemas' ? rows : rows.slice(0, 1);
    test.each(tried)('finds a server that $fault, where the guide says', async ({ fault, finders }) => {
      const { code, output } = await run(name, tamperOf(fault));
      const failed = [...output.matchAll(failures[name])].map(([, step]) => step);
      expect(code).not.toBe(0);
      expect([...new Set(failed)]).toEqual([finders[name]]);
    });
  });
});

// Without curl the recipe with Prism would wait for ever.
const recipes = (await unavailable('curl', '--version')) ? ['mock', 'msw'] : ['mock', 'msw', 'prism'];

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

  const clients: [string, string, string[]][] = [
    ['without a fault', client(true, create, list(1000)), []],
    ['with a pageSize of 5000', client(true, create, list(5000)), ['mock', 'msw', 'prism']],
    ['with a pageSize of 5000, and no look at the status', client(false, create, list(5000)), ['mock', 'msw']],
    ['that creates a secret twice, and does not look at the status', client(false, create, create), ['mock', 'msw']],
  ];
  describe.each(clients)('a client %s', (_, code, finders) => {
    test(`is found by: ${finders.join(', ') || 'no recipe'}`, async () => {
      await writeFile(join(folder, 'my-client.mjs'), code);
      const found: string[] = [];
      for (const name of recipes) {
        const result = await recipe(name, '4010', String(await freePort()));
        if (result.code !== 0) found.push(name);
      }
      expect(found).toEqual(finders.filter((name) => recipes.includes(name)));
    });
  });
});
