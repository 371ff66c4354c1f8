// npm run mutations [-- WORDS]   breaks each promise of the client once, in a copy, and names the test that notices
//
// Ends badly where nothing notices, or where the code to break is not there any more.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mutations } from '../test/mutations.js';
import { copyOf, failures } from './lib/mutate.js';

const words = process.argv.slice(2).join(' ');
const copy = await copyOf('src', 'test', 'generated', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts');

/** The client's tests; those that take long run last. */
const slow = ['sockets', 'redaction', 'simulation', 'pipeline/timeout'].map((name) => `test/${name}.test.ts`);
// Not mutations.test.ts, which fails for every mutation: its text is gone.
const isClientTest = (/** @type {string} */ name) => name.endsWith('.test.ts') && name !== 'mutations.test.ts';
const files = (await readdir(join(copy.folder, 'test'))).filter(isClientTest);
const client = [...files.map((name) => `test/${name}`), 'test/pipeline', 'test/util', 'test/promises'];
const quick = [...client, ...slow.flatMap((file) => ['--exclude', file])];

/**
 * The first test that fails, or undefined. The tests that are most likely to fail run first: those of the module itself.
 *
 * @param {string} file
 */
async function firstFailure(file) {
  const own = `test/${file.replace(/ts$/, 'test.ts')}`;
  const likely = existsSync(join(copy.folder, own)) ? [[own, 'test/promises']] : [['test/promises']];
  for (const phase of [...likely, quick, slow]) {
    const [failure] = await failures(copy.folder, ...phase, '--bail', '1');
    if (failure) return `${failure.file}: ${failure.name}`;
  }
}

let survived = 0;
for (const mutation of mutations) {
  const { name, file, find } = mutation;
  if (!name.includes(words)) continue;
  let noticed;
  const seeded = await copy.seeded({ ...mutation, file: `src/${file}` }, async () => {
    noticed = await firstFailure(file);
  });
  if (!seeded || !noticed) survived++;
  if (!seeded) console.log(`NOT SEEDED  ${name}: ${file} has not exactly one ${JSON.stringify(find)}`);
  else console.log(`${noticed ? 'noticed ' : 'SURVIVED'}  ${name}${noticed ? `\n          by ${noticed}` : ''}`);
}
await copy.remove();
console.log(survived === 0 ? 'Each was noticed.' : `${survived} were not noticed.`);
process.exitCode = survived === 0 ? 0 : 1;
