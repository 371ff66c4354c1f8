// node scripts/checks/newest-fetch.js [RANGE]   runs the client's tests with the newest openapi-fetch in the range that users install
//
// The lock file keeps one version; users get the newest. Works on a copy, so that node_modules stays as it is. Another
// RANGE, such as a version, is for finding out which version breaks something.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copyOf } from '../lib/checks/mutate.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const NAME = 'openapi-fetch';
/** The tests whose module under test is the client. */
const TESTS = [
  'test/api',
  'test/errors',
  'test/options',
  'test/pagination.',
  'test/secrets',
  'test/set',
  'test/sockets',
];
const FOLDERS = ['test/pipeline', 'test/promises', 'test/testing'];

const versionIn = async (/** @type {string} */ modules) =>
  JSON.parse(await readFile(join(modules, NAME, 'package.json'), 'utf8')).version;

/** Puts links to the project's packages beside another openapi-fetch. */
async function linkModules(/** @type {string} */ folder, /** @type {string} */ fetched) {
  const modules = join(folder, 'node_modules');
  await unlink(modules);
  await mkdir(modules);
  for (const name of await readdir(join(root, 'node_modules')))
    await symlink(join(name === NAME ? fetched : join(root, 'node_modules'), name), join(modules, name));
  return modules;
}

async function run(/** @type {string} */ cwd, /** @type {string[]} */ ...args) {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit' });
  const [code] = await once(child, 'close');
  return code === 0;
}

const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const range = process.argv[2] ?? dependencies[NAME];
const installed = await mkdtemp(join(tmpdir(), 'cortex-secrets-newest-'));
const copy = await copyOf(
  ...['src', 'test', 'generated', 'scripts', 'spec'],
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts'],
);
try {
  await writeFile(join(installed, 'package.json'), '{ "private": true }');
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${NAME}@${range}`];
  await promisify(execFile)('npm', install, { cwd: installed });
  const modules = await linkModules(copy.folder, join(installed, 'node_modules'));
  console.log(
    `${NAME} ${await versionIn(modules)} for ${range}; the lock file has ${await versionIn(join(root, 'node_modules'))}`,
  );
  const types = await run(
    copy.folder,
    'node_modules/typescript/bin/tsc',
    '--project',
    'tsconfig.build.json',
    '--noEmit',
  );
  const tests = await run(copy.folder, 'node_modules/vitest/vitest.mjs', 'run', '--bail', '20', ...TESTS, ...FOLDERS);
  console.log(`types: ${types ? 'passed' : 'FAILED'}, tests: ${tests ? 'passed' : 'FAILED'}`);
  process.exitCode = types && tests ? 0 : 1;
} finally {
  await copy.remove();
  await rm(installed, { recursive: true });
}
