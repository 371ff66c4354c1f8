// npm run generators [-- NAME ...]   runs foreign code generators on generated/openapi.json: they must print no warning,
// and their clients must compile and work against the in-memory Cortex on a port
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startFaulty } from './lib/faulty.js';
import { nodeProgram } from './lib/programs.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const execute = promisify(execFile);
const wanted = process.argv.slice(2);
const contract = join(root, 'generated', 'openapi.json');

// Some generators need a newer Node than this package.
const NODE = nodeProgram('22.23.3');

/**
 * The command line of each generator; `out` is its output folder.
 *
 * @typedef {{ version: string, bin: string, needs?: string[], args: (out: string) => string[] }} Generator
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

/** A line of output that is a warning or an error. */
const COMPLAINT = /warn|error|deprecat|unsupported|not supported|invalid|ignored|⚠/i;

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-generators-'));
const bin = (path) => join(folder, 'node_modules', path);
const { server, close } = await startFaulty();
let failed = 0;

/**
 * @param {string} name
 * @param {Generator} generator
 * @returns {Promise<string>} the problem; empty if there is none
 */
async function tryOut(name, { bin: program, args }) {
  const here = join(folder, name.replace(/\W/g, '-'));
  const made = join(here, 'made');
  await mkdir(made, { recursive: true });
  const target = { target: join(made, 'api.ts'), client: 'fetch', baseUrl: server.baseUrl };
  const config = { api: { input: { target: contract }, output: target } };
  await writeFile(join(here, 'orval.config.mjs'), `export default ${JSON.stringify(config)};`);

  const { stdout, stderr } = await execute(bin(NODE.file), [bin(program), ...args(made)], { cwd: here });
  const complaints = `${stdout}\n${stderr}`.split('\n').filter((line) => COMPLAINT.test(line));
  if (complaints.length > 0) return complaints.join('\n');

  const user = join(here, 'use.ts');
  await copyFile(join(root, 'test', 'generators', `${name.replace(/^@|\/.*/g, '')}.ts`), user);
  const settings =
    '--noEmit --strict --skipLibCheck --module preserve --moduleResolution bundler --target es2022 --lib es2022,dom,dom.iterable';
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

try {
  const chosen = Object.entries(GENERATORS).filter(
    ([name]) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) throw new Error(`unknown generator: ${wanted.join(', ')}`);
  const packages = chosen.flatMap(([name, { version, needs = [] }]) => [`${name}@${version}`, ...needs]);
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  // The generators run on the Node installed here, so the engines check against the current Node is turned off.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];
  const all = [...packages, NODE.spec, 'typescript@5.9.3', '@types/node@20.19.43'];
  await execute('npm', ['install', ...quiet, ...all], { cwd: folder, maxBuffer: 2 ** 26 });
  for (const [name, generator] of chosen) {
    const problem = await tryOut(name, generator).catch(({ stdout, stderr, message }) =>
      [stdout, stderr, message].filter(Boolean).join('\n'),
    );
    await fetch(`${server.controlUrl}/reset`, { method: 'POST' });
    if (problem) failed++;
    const what = problem ? `FAILED\n${problem}` : 'no warning, compiles, works';
    console.log(`${name.padEnd(24)}${generator.version.padEnd(10)}${what}`);
  }
} finally {
  await close();
  await rm(folder, { recursive: true, force: true });
}
if (failed > 0) process.exitCode = 1;
