// npm run mutations [-- WORDS]   breaks each promise of the client once, in a copy, and prints the test that fails
//
// Exits with 1 if no test fails, if the tests do not end, or if the text to replace is not found exactly once.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mutations } from '../../test/mutations.js';
import { copyOf, failures } from '../lib/checks/mutate.js';

const words = process.argv.slice(2).join(' ');
const chosen = mutations.filter(({ name }) => name.includes(words));
if (chosen.length === 0) {
  console.error(`No mutation has "${words}" in its name; the names are in test/mutations.js.`);
  process.exit(2);
}
const copy = await copyOf('src', 'test', 'generated', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts');

/** Less than that of vitest.config.ts: a fault often makes a call hang, and no test takes a tenth of it. */
const LIMIT = ['--testTimeout', '60000'];
/** The client's tests; the slow ones run last. */
const slow = ['sockets', 'simulation', 'redaction/leaks', 'pipeline/timeout'].map((name) => `test/${name}.test.ts`);
// Not mutations.test.ts, which fails for every mutation: its text is gone.
const isClientTest = (/** @type {string} */ name) => name.endsWith('.test.ts') && name !== 'mutations.test.ts';
const files = (await readdir(join(copy.folder, 'test'))).filter(isClientTest);
const client = [...files.map((name) => `test/${name}`), 'test/pipeline', 'test/util', 'test/redaction'];
const notSlow = slow.flatMap((file) => ['--exclude', file]);

/**
 * The first test that fails, or undefined. The tests that are most likely to fail run first: those of the module itself, or
 * of its folder.
 *
 * @param {string} file
 */
async function firstFailure(file) {
  const own = file.replace(/^src/, 'test').replace(/ts$/, 'test.ts');
  const likely = existsSync(join(copy.folder, own)) ? own : dirname(own);
  const phases = [[...client, ...notSlow], slow];
  if (likely !== 'test') phases.unshift(likely === own ? [own] : [likely, ...notSlow]);
  for (const phase of phases) {
    const [failure] = await failures(copy.folder, ...phase, ...LIMIT, '--bail', '1');
    if (failure) return `${failure.file}: ${failure.name}`;
  }
}

let survived = 0;
for (const mutation of chosen) {
  const { name, find } = mutation;
  let detectedBy;
  let problem;
  const seeded = await copy.seeded(mutation, async (file) => {
    detectedBy = await firstFailure(file).catch(({ message }) => {
      problem = message;
    });
  });
  if (!seeded || !detectedBy) survived++;
  if (!seeded) console.log(`NOT SEEDED  ${name}: ${JSON.stringify(find)} not found exactly once`);
  else if (problem) console.log(`NO RESULT  ${name}: ${problem}`);
  else
    console.log(`${detectedBy ? 'detected' : 'SURVIVED'}  ${name}${detectedBy ? `\n          by ${detectedBy}` : ''}`);
}
await copy.remove();
console.log(survived === 0 ? 'All mutations were detected.' : `${survived} mutations were not detected.`);
process.exitCode = survived === 0 ? 0 : 1;
