// npm run mutations [-- WORDS]   breaks each promise of the client once, in a copy, and names the test that notices
//
// Ends badly where nothing notices, or where the code to break is not there any more.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutations } from '../test/mutations.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const words = process.argv.slice(2).join(' ');
const copy = await mkdtemp(join(tmpdir(), 'cortex-secrets-mutations-'));
for (const name of ['src', 'test', 'generated', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
  await cp(join(root, name), join(copy, name), { recursive: true });
}
await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
/** The tests that take long are asked last. */
const slow = ['sockets', 'silence', 'timeout'].map((name) => `test/client/${name}.test.ts`);
const phases = [['test/client', ...slow.flatMap((file) => ['--exclude', file])], slow];

/** The first test that fails, or undefined. */
async function firstFailure() {
  for (const phase of phases) {
    const failure = await failureIn(phase);
    if (failure) return failure;
  }
}

function failureIn(phase) {
  const args = [vitest, 'run', ...phase, '--bail', '1', '--reporter', 'json'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, timeout: 180_000, maxBuffer: 2 ** 28 }, (error, stdout) => {
      if (!error) return resolve(undefined);
      const start = stdout.indexOf('{"num');
      const report = start < 0 ? { testResults: [] } : JSON.parse(stdout.slice(start));
      const failed = report.testResults
        .flatMap(({ name, assertionResults, message }) => [
          ...assertionResults.map((one) => ({ ...one, file: name })),
          ...(message ? [{ status: 'failed', file: name, fullName: message.split('\n')[0] }] : []),
        ])
        .find(({ status }) => status === 'failed');
      resolve(
        failed
          ? `${failed.file.split('/').at(-1)}: ${failed.fullName}`
          : `the run itself: ${error.message.slice(0, 80)}`,
      );
    });
  });
}

let survived = 0;
for (const { name, file, find, replace } of mutations) {
  if (!name.includes(words)) continue;
  const path = join(copy, 'src', file);
  const whole = await readFile(path, 'utf8');
  if (whole.split(find).length !== 2) {
    survived++;
    console.log(`NOT SEEDED  ${name}: ${file} has not exactly one ${JSON.stringify(find)}`);
    continue;
  }
  await writeFile(
    path,
    whole.replace(find, () => replace),
  );
  const noticed = await firstFailure();
  await writeFile(path, whole);
  if (!noticed) survived++;
  console.log(`${noticed ? 'noticed ' : 'SURVIVED'}  ${name}${noticed ? `\n          by ${noticed}` : ''}`);
}
await rm(copy, { recursive: true });
console.log(survived === 0 ? 'Each was noticed.' : `${survived} were not noticed.`);
process.exitCode = survived === 0 ? 0 : 1;
