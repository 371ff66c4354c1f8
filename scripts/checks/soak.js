// node scripts/checks/soak.js [--runs 10] [-- FILTER]   runs the tests again and again while other processes keep every core busy
//
// Prints the tests that failed, with their seeds, and exits with 1 if there are any.
import { execFile, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { build } from '../lib/build.js';

build();

/** @returns {{ runs: number, filters: string[] }} */
function readArguments() {
  const options = /** @type {const} */ ({ runs: { type: 'string', default: '10' } });
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError('--runs: must be an integer from 1');
  return { runs, filters: positionals };
}

let given;
try {
  given = readArguments();
} catch (error) {
  console.error(`${/** @type {Error} */ (error).message}\nusage: node scripts/checks/soak.js [--runs 10] [-- FILTER]`);
  process.exit(2);
}
const { runs, filters } = given;

const root = fileURLToPath(new URL('../../', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** The exit code and the output of one run of the tests. */
const runTests = () =>
  new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 2 ** 28 };
    execFile(process.execPath, [vitest, 'run', ...filters], options, (error, stdout, stderr) =>
      resolve({ failed: error !== null, output: stripVTControlCharacters(stdout + stderr) }),
    );
  });

const busy = Array.from({ length: availableParallelism() }, () =>
  spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
);
let failures = 0;
try {
  for (let run = 1; run <= runs; run++) {
    const begin = performance.now();
    const { failed, output } = await runTests();
    const summary = /^ *Tests .*$/m.exec(output)?.[0].trim() ?? 'no summary';
    console.log(`run ${run} of ${runs}: ${summary}, ${Math.round((performance.now() - begin) / 1000)} s`);
    if (!failed) continue;
    failures++;
    for (const line of output.split('\n'))
      if (/^ *FAIL |\bseed\b.*\d|SEED=|AssertionError|Error: /i.test(line))
        console.log(`  ${line.trim().slice(0, 200)}`);
  }
} finally {
  for (const child of busy) child.kill();
}
console.log(`${failures} of ${runs} runs failed.`);
process.exitCode = failures === 0 ? 0 : 1;
