// node scripts/stryker/run.js [--mutate src/pipeline/retry.ts]   mutates the client, and prints the score of each module
//
// Exits with 1 if a module has a score of under 92 %. Takes Stryker's own options. Stryker runs in the project's folder, so
// that its runner finds the project's vitest.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { installIn } from '../lib/build.js';
import { MIN_SCORE, scores, tooLow } from './scores.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stryker = fileURLToPath(new URL('node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url));
const report = new URL('report.json', import.meta.url);

installIn('scripts/stryker');
await rm(report, { force: true });
const started = performance.now();
const args = [stryker, 'run', 'scripts/stryker/stryker.config.json', ...process.argv.slice(2)];
// vitest.config.js runs the tests of these modules first.
const env = { ...process.env, STRYKER_ARGS: args.slice(3).join(' ') };
const [code] = await once(spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' }), 'exit');
process.exitCode = code ?? 1;

const text = await readFile(report, 'utf8').catch(() => undefined);
if (text) {
  const rows = scores(JSON.parse(text));
  console.table(Object.fromEntries(rows.map(({ module, ...row }) => [module, row])));
  const low = tooLow(rows);
  if (low.length > 0) {
    console.error(`Under ${MIN_SCORE} %: ${low.join(', ')}. Test what survives, or say at the code why no test can.`);
    process.exitCode = 1;
  }
}
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
