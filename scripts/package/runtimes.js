// node scripts/package/runtimes.js [NAME ...]   installs the packed package in an empty folder, and runs one smoke suite in every
// runtime that npm provides
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ensureChromium, launchChromium } from '../lib/browser.js';
import { build as buildPackage } from '../lib/build.js';
import { startFaulty } from '../lib/checks/faulty.js';
import { freePort } from '../lib/free-port.js';
import { nodeProgram, packageNames } from '../lib/programs.js';

buildPackage();

const root = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
const wanted = process.argv.slice(2);

// Pinned, so that a new version of a runtime is a commit of its own.
const { bun, deno, workerd } = packageNames();

/** @type {Record<string, { spec?: string, file: string, args?: string[] }>} */
const PROGRAMS = {
  ...Object.fromEntries(
    ['20.20.2', '22.23.3', '24.9.0', '26.9.0'].map((version) => [
      `Node ${version.split('.')[0]}`,
      nodeProgram(version),
    ]),
  ),
  Bun: { spec: `@oven/bun-${bun}@1.4.5`, file: `@oven/bun-${bun}/bin/bun` },
  Deno: {
    spec: `@deno/${deno}@2.9.6`,
    file: `@deno/${deno}/deno`,
    args: ['run', '--allow-net', '--allow-env', '--allow-read'],
  },
};
const WORKERD = {
  spec: `@cloudflare/workerd-${workerd}@1.20261117.1`,
  file: `@cloudflare/workerd-${workerd}/bin/workerd`,
};
const isWanted = (name) =>
  wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word.toLowerCase()));

const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-runtimes-'));
/** @type {{ name: string, version: string, results: any[], problem?: string, skipped?: string }[]} */
const rows = [];

async function install() {
  const programs = Object.entries({ ...PROGRAMS, workerd: WORKERD }).filter(([name]) => isWanted(name));
  const packages = programs.map(([, { spec }]) => spec);
  const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const args = ['install', ...quiet, join(folder, stdout.trim()), ...packages];
  await execute('npm', args, { cwd: folder, maxBuffer: 2 ** 26 });
  await cp(join(root, 'test', 'runtimes'), join(folder, 'suite'), { recursive: true });
}

/** Starts a new server for each runtime, so that none depends on the state that another has left. */
async function inRuntime(name, run) {
  if (!isWanted(name)) return;
  const { server, close } = await startFaulty();
  try {
    rows.push({ name, ...(await run(server)) });
  } catch (thrown) {
    const error = /** @type {any} */ (thrown);
    const [problem = 'no error message'] = String(error?.stderr || error?.message || error)
      .trim()
      .split('\n');
    rows.push({ name, version: '?', results: [], problem });
  } finally {
    await close();
  }
}

const OPTIONS = { cwd: folder, timeout: 60_000 };
const bin = (path) => join(folder, 'node_modules', path);

async function versionOf(file) {
  const { stdout } = await execute(file, ['--version'], OPTIONS);
  return /\d+[.-]\d+[.-]\d+/.exec(stdout)?.[0] ?? '?';
}

/** @param {typeof PROGRAMS[string]} settings */
async function program({ file, args = [] }, server) {
  const version = await versionOf(bin(file));
  const suite = join(folder, 'suite', 'run.mjs');
  const { stdout } = await execute(bin(file), [...args, suite, JSON.stringify(server)], OPTIONS);
  return { version, results: JSON.parse(stdout) };
}

/** Bundles the suite and the client into one script, for runtimes without a file system. */
async function bundled(contents, format) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(folder, 'suite') },
    bundle: true,
    format,
    platform: 'browser',
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
}
const PARTS = `import * as cortexSecrets from 'cortex-secrets'; import { smoke } from './smoke.js';`;

/** Before 2024-11-11 a request with `cache` throws. */
async function inWorkerd(server, compatibilityDate) {
  const script = `${PARTS} export default { async fetch(request) {
    return Response.json(await smoke(cortexSecrets, await request.json(), (value) => JSON.stringify(value) + String(value)));
  } };`;
  await writeFile(join(folder, 'worker.js'), await bundled(script, 'esm'));
  const port = await freePort();
  await writeFile(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
);
`,
  );
  const version = await versionOf(bin(WORKERD.file));
  const child = spawn(bin(WORKERD.file), ['serve', 'config.capnp'], { cwd: folder, stdio: 'ignore' });
  try {
    const body = JSON.stringify(server);
    for (let left = 50; ; left--) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body }).catch(() => undefined);
      if (response) return { version, results: await response.json() };
      if (left === 0) throw new Error('workerd does not respond');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    child.kill();
  }
}

async function chromium(server) {
  const missing = await ensureChromium();
  if (missing && process.env.CORTEX_SECRETS_BROWSER === 'required') throw new Error(missing);
  if (missing) return { version: '-', results: [], skipped: missing };
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.controlUrl}/`);
    await page.evaluate(
      await bundled(
        `${PARTS} globalThis.suite = (server) => smoke(cortexSecrets, server, (value) => JSON.stringify(value) + String(value));`,
        'iife',
      ),
    );
    const results = await page.evaluate((given) => /** @type {any} */ (globalThis).suite(given), server);
    return { version: browser.version(), results };
  } finally {
    await browser.close();
  }
}

if (![...Object.keys(PROGRAMS), 'workerd', 'Chromium'].some(isWanted))
  throw new Error(`unknown runtime: ${wanted.join(', ')}`);
try {
  await install();
  for (const [name, settings] of Object.entries(PROGRAMS)) await inRuntime(name, (server) => program(settings, server));
  await inRuntime('workerd', (server) => inWorkerd(server, '2026-01-01'));
  await inRuntime('workerd of 2024-01', (server) => inWorkerd(server, '2024-01-01'));
  await inRuntime('Chromium', chromium);
} finally {
  await rm(folder, { recursive: true, force: true });
}

let failed = 0;
for (const { name, version, results, problem, skipped } of rows) {
  const passed = results.filter((result) => !result.problem);
  const what = skipped
    ? `SKIPPED, ${skipped}`
    : problem
      ? `FAILED, ${problem}`
      : `${passed.length} of ${results.length}`;
  console.log(`${name.padEnd(19)}${version.padEnd(18)}${what}`);
  if (problem || (!skipped && results.length === 0)) failed++;
  for (const result of results) {
    if (result.problem) failed++;
    if (result.problem || result.note)
      console.log(
        `${' '.repeat(37)}${result.problem ? 'FAILED  ' : ''}${result.name}: ${result.problem ?? result.note}`,
      );
  }
}
console.log(failed === 0 ? 'All runtimes passed.' : `${failed} failed.`);
process.exitCode = failed === 0 ? 0 : 1;
