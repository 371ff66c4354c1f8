// node scripts/package/jest-example.js   runs examples/jest in an empty folder, with the packed package, as a user would: with
// Jest 30, then with Jest 29, which older templates have
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from '../lib/build.js';

build();

const JEST_29 = ['jest', 'babel-jest', 'jest-environment-jsdom', 'jest-util', '@jest/globals'].map(
  (name) => `${name}@29.7.0`,
);

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-jest-'));

async function npm(/** @type {string[]} */ ...args) {
  console.log(`npm ${args.join(' ')}`);
  const child = spawn('npm', args, { cwd: folder, stdio: 'inherit' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`npm ${args[0]} exited with ${code}`);
}

try {
  await cp(join(root, 'examples', 'jest'), folder, { recursive: true });
  await cp(join(root, '.npmrc'), join(folder, '.npmrc'));
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root });
  await npm('ci');
  // The lock file has all but the package itself.
  const pack = `./${stdout.trim()}`;
  await npm('install', '--no-save', pack);
  await npm('test');
  await npm('install', '--no-save', pack, ...JEST_29);
  await npm('test');
} finally {
  await rm(folder, { recursive: true });
}
