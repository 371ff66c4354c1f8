// node scripts/package/compilers.js   compiles a strict program that uses the packed package with each supported TypeScript
//
// Installs the compilers from npm, and the package with npm, pnpm and yarn: pnpm lets a program see only what it depends on
// itself. `npm test` does the same with npm, TypeScript 7 and the main settings only.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from '../lib/build.js';
import { compileStrictly, MAIN_SETTINGS, settingsOf } from '../lib/package/strict-program.js';

build();

/** The oldest supported compiler, the project's own, and the later ones. */
const COMPILERS = { 5.4: '5.4.5', 5.9: '5.9.3', 6: '6.0.3', 7: '7.0.2' };

/** The package managers beside npm, and how each installs into a folder without running scripts. */
const MANAGERS = {
  pnpm: { version: '10.34.8', file: 'pnpm/bin/pnpm.cjs', args: ['install', '--silent', '--ignore-scripts'] },
  yarn: {
    version: '1.22.22',
    file: 'yarn/bin/yarn.js',
    args: ['install', '--silent', '--ignore-scripts', '--no-lockfile', '--cache-folder', 'cache'],
  },
};

const TYPES = /** @type {const} */ (['@types/node', '20.19.43']);

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-compilers-'));
let failed = 0;
try {
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  const packages = Object.entries(COMPILERS).map(([name, version]) => `typescript-${name}@npm:typescript@${version}`);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const tarball = join(folder, stdout.trim());
  const managers = Object.entries(MANAGERS).map(([name, { version }]) => `${name}@${version}`);
  const args = ['install', ...quiet, tarball, TYPES.join('@'), ...packages, ...managers];
  await run('npm', args, { cwd: folder, maxBuffer: 2 ** 26 });
  /** @param {string} manager @param {string} installed @param {(compiler: string) => string[]} settings */
  const compile = async (manager, installed, settings) => {
    for (const name of Object.keys(COMPILERS)) {
      const tsc = join(folder, 'node_modules', `typescript-${name}`, 'bin', 'tsc');
      for (const setting of settings(name)) {
        const errors = await compileStrictly(tsc, installed, setting);
        const result = errors === '' ? 'passed' : `FAILED\n${errors}`;
        console.log(`${manager}, TypeScript ${name.padEnd(4)} ${setting}: ${result}`);
        if (errors !== '') failed++;
      }
    }
  };
  await compile('npm ', folder, settingsOf);
  for (const [name, { file, args }] of Object.entries(MANAGERS)) {
    const installed = join(folder, name);
    await mkdir(installed);
    const dependencies = { 'cortex-secrets': `file:${tarball}`, [TYPES[0]]: TYPES[1] };
    const user = { name: 'a-user', private: true, type: 'module', dependencies };
    await writeFile(join(installed, 'package.json'), JSON.stringify(user));
    await run(process.execPath, [join(folder, 'node_modules', file), ...args], { cwd: installed, maxBuffer: 2 ** 26 });
    await compile(name, installed, () => MAIN_SETTINGS.slice(0, 1));
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(failed === 0 ? 'All compilers passed.' : `${failed} failed.`);
process.exitCode = failed === 0 ? 0 : 1;
