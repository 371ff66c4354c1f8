// node scripts/package/generators.js [NAME ...]   runs foreign tools on the contract
//
// Code generators must print no warning, and their clients must compile, have types for errors, and work against the
// in-memory Cortex on a port. Parsers, linters and contract testers must accept the contract.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startFaulty } from '../lib/checks/faulty.js';
import { TOOLS } from '../lib/contract/contract-tools.js';
import { nodeProgram } from '../lib/programs.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
const wanted = process.argv.slice(2);
const contract = join(root, 'generated', 'openapi.json');

// Some generators need a newer Node than this package.
const NODE = nodeProgram('22.23.3');

/**
 * The command line of each generator; `out` is its output folder.
 *
 * @typedef {{ version: string, bin: string, packages?: string[], needs?: string[], args: (out: string) => string[] }} Generator
 * @type {Record<string, Generator>}
 */
const GENERATORS = {
  '@hey-api/openapi-ts': {
    version: '0.99.0',
    bin: '@hey-api/openapi-ts/bin/run.js',
    args: (out) => ['-i', contract, '-o', out, '-c', '@hey-api/client-fetch', '--no-log-file'],
  },
  orval: {
    version: '8.38.0',
    bin: 'orval/dist/bin/orval.mjs',
    args: () => ['--config', 'orval.config.mjs'],
  },
  kubb: {
    version: '4.39.3',
    bin: '@kubb/cli/bin/kubb.cjs',
    packages: ['cli', 'core', 'plugin-oas', 'plugin-ts', 'plugin-client'].map((name) => `@kubb/${name}@4.39.3`),
    args: () => ['generate', '--config', 'kubb.config.mjs'],
  },
  'swagger-typescript-api': {
    version: '13.13.0',
    bin: 'swagger-typescript-api/dist/cli.mjs',
    args: (out) => ['generate', '--path', contract, '--output', out, '--name', 'api.ts'],
  },
  'openapi-zod-client': {
    version: '1.18.3',
    bin: 'openapi-zod-client/bin.js',
    // The generated client imports these.
    needs: ['@zodios/core@10.9.6', 'axios@1.21.0', 'zod@3.25.76'],
    // By default it warns that it ignores `default` responses.
    args: (out) => [contract, '-o', join(out, 'api.ts'), '--export-schemas', '--default-status', 'auto-correct'],
  },
};

const KUBB_CONFIG = `
import { defineConfig } from '@kubb/core';
import { pluginClient } from '@kubb/plugin-client';
import { pluginOas } from '@kubb/plugin-oas';
import { pluginTs } from '@kubb/plugin-ts';
import { build as buildPackage } from '../lib/build.js';

buildPackage();
export default defineConfig({
  root: '.',
  input: { path: ${JSON.stringify(contract)} },
  output: { path: './made', format: false, lint: false },
  plugins: [pluginOas({ validate: true }), pluginTs({}), pluginClient({ client: 'fetch', dataReturnType: 'full' })],
});`;

/** A line of output that is a warning or an error. */
const COMPLAINT = /warn|\berrors?\b|deprecat|unsupported|not supported|invalid|ignored|⚠/i;

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-generators-'));
const bin = (path) => join(folder, 'node_modules', path);
const document = JSON.parse(await readFile(contract, 'utf8'));
const { firstPage } = document.paths['/api/v1/secrets'].get.responses[200].content['application/json'].examples;
const seed = firstPage.value.secrets.map((secret) => ({ ...secret, secret: 'a value' }));
await writeFile(join(folder, 'seed.json'), JSON.stringify(seed));
let failed = 0;

/**
 * @param {string} name
 * @param {Generator} generator
 * @returns {Promise<string>} the problem; empty if there is none
 */
async function tryOut(name, { bin: program, args }, server) {
  const here = join(folder, name.replace(/\W/g, '-'));
  const made = join(here, 'made');
  await mkdir(made, { recursive: true });
  const target = { target: join(made, 'api.ts'), client: 'fetch', baseUrl: server.baseUrl };
  const config = { api: { input: { target: contract }, output: target } };
  await writeFile(join(here, 'orval.config.mjs'), `export default ${JSON.stringify(config)};`);
  await writeFile(join(here, 'kubb.config.mjs'), KUBB_CONFIG);

  const { stdout, stderr } = await execute(bin(NODE.file), [bin(program), ...args(made)], { cwd: here });
  const complaints = `${stdout}\n${stderr}`.split('\n').filter((line) => COMPLAINT.test(line));
  if (complaints.length > 0) return complaints.join('\n');

  const user = join(here, 'use.ts');
  await copyFile(join(root, 'test', 'generators', `${name.replace(/^@|\/.*/g, '')}.ts`), user);
  await copyFile(join(root, 'test', 'generators', 'types.ts'), join(here, 'types.ts'));
  const settings =
    '--noEmit --strict --skipLibCheck --module preserve --moduleResolution bundler --allowImportingTsExtensions --target es2022 --lib es2022,dom,dom.iterable';
  await execute(process.execPath, [bin('typescript/bin/tsc'), ...settings.split(' '), user], { cwd: here });

  const outfile = join(here, 'use.mjs');
  await build({
    entryPoints: [user],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { use } = await import(outfile);
  const { tag, total, status, type } = await use(server.baseUrl, server.apiKey);
  const seen = JSON.stringify({ tag, total, status, type });
  const meant = JSON.stringify({ tag: 'a', total: 1, status: 404, type: 'NOT_FOUND' });
  return seen === meant ? '' : `the generated client returned ${seen}, expected ${meant}`;
}

/** @returns {Promise<string>} the output of the tool's program; throws if it fails */
async function runTool({ program }, server) {
  const file = join(folder, program);
  await copyFile(join(root, 'test', 'generators', 'tools', program), file);
  const args = [file, join(root, 'generated'), JSON.stringify(server)];
  return (await execute(bin(NODE.file), args, { cwd: folder, timeout: 180_000, maxBuffer: 2 ** 26 })).stdout;
}

/** Prints a row: what `check` returns, or the problem that it throws. A new server for each. */
async function report(name, version, check, ...options) {
  const { server, close } = await startFaulty(...options);
  let result = '';
  try {
    result = await check(server);
  } catch (thrown) {
    const { stdout, stderr, message } = /** @type {any} */ (thrown);
    result = `FAILED\n${[stdout, stderr, message].filter(Boolean).join('\n')}`;
    failed++;
  } finally {
    await close();
  }
  console.log(`${name.padEnd(30)}${version.padEnd(10)}${result}`);
}

try {
  const isWanted = (/** @type {[string, unknown]} */ [name]) =>
    wanted.length === 0 || wanted.some((word) => name.includes(word));
  const generators = Object.entries(GENERATORS).filter(isWanted);
  const tools = Object.entries(TOOLS).filter(isWanted);
  if (generators.length + tools.length === 0) throw new Error(`unknown tool: ${wanted.join(', ')}`);
  const packages = [
    ...generators.flatMap(([name, { version, packages = [`${name}@${version}`], needs = [] }]) => [
      ...packages,
      ...needs,
    ]),
    ...tools.flatMap(([, { packages }]) => packages),
  ];
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  // The tools run on the Node installed here, so the engines check against the current Node is turned off.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];
  const all = [...packages, NODE.spec, 'typescript@5.9.3', '@types/node@20.19.43'];
  await execute('npm', ['install', ...quiet, ...new Set(all)], { cwd: folder, maxBuffer: 2 ** 26 });
  for (const [name, generator] of generators) {
    await report(name, generator.version, async (server) => {
      const problem = await tryOut(name, generator, server);
      if (problem) throw new Error(problem);
      return 'no warning, compiles, has error types, works';
    });
  }
  for (const [name, tool] of tools) {
    await report(
      name,
      tool.version,
      async (server) => /SKIPPED: .*/.exec(await runTool(tool, server))?.[0] ?? 'passes',
      ...(name === 'specmatic' ? ['--seed', join(folder, 'seed.json')] : []),
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (failed > 0) process.exitCode = 1;
