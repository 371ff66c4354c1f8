// node scripts/package/compilers.js   compiles a strict program that uses the packed package with each supported TypeScript
//
// Installs the compilers from npm. `npm test` does the same with TypeScript 7 and the main settings only.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from '../lib/build.js';
import { compileStrictly, settingsOf } from '../lib/package/strict-program.js';

build();

/** The oldest supported compiler, the project's own, and the later ones. */
const COMPILERS = { 5.4: '5.4.5', 5.9: '5.9.3', 6: '6.0.3', 7: '7.0.2' };

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-compilers-'));
let failed = 0;
try {
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  await writeFile(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }');
  const packages = Object.entries(COMPILERS).map(([name, version]) => `typescript-${name}@npm:typescript@${version}`);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const args = ['install', ...quiet, join(folder, stdout.trim()), '@types/node@20.19.43', ...packages];
  await run('npm', args, { cwd: folder, maxBuffer: 2 ** 26 });
  for (const name of Object.keys(COMPILERS)) {
    const tsc = join(folder, 'node_modules', `typescript-${name}`, 'bin', 'tsc');
    for (const setting of settingsOf(name)) {
      const errors = await compileStrictly(tsc, folder, setting);
      console.log(`TypeScript ${name.padEnd(4)} ${setting}: ${errors === '' ? 'passed' : `FAILED\n${errors}`}`);
      if (errors !== '') failed++;
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(failed === 0 ? 'All compilers passed.' : `${failed} failed.`);
process.exitCode = failed === 0 ? 0 : 1;
