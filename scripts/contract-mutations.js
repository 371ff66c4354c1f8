// npm run mutations:contract [-- WORDS]   seeds faults into the contract and the in-memory Cortex, and shows which check sees which
//
// Ends badly where no check sees one, or where the place of a fault is not there any more.
import { execFile } from 'node:child_process';
import { contractMutations } from '../test/contract-mutations.js';
import { copyOf, failures } from './lib/mutate.js';

const words = process.argv.slice(2).join(' ');
const copy = await copyOf(
  ...['src', 'test', 'generated', 'scripts', 'spec'],
  ...['package.json', 'redocly.yaml', 'tsconfig.json', 'vitest.config.ts'],
);

/** Whether one of the project's own scripts fails in the copy. */
const fails = (/** @type {string} */ script) =>
  new Promise((resolve) => {
    execFile(process.execPath, [`scripts/${script}`], { cwd: copy.folder }, (error) => resolve(error !== null));
  });

/** The checks, by the tests that make them up; the lint is a script. */
const CHECKS = {
  'contract suite': ['document.test.ts', 'prism.test.ts', 'fake.test.ts'],
  proxy: ['proxy.test.ts'],
  model: ['model.test.ts'],
  Arazzo: ['lifecycle.test.ts'],
};
const COLUMNS = ['lint', ...Object.keys(CHECKS)];

async function seenBy(/** @type {boolean} */ isContract) {
  const seen = new Set();
  if (isContract) {
    if (await fails('lint.js')) seen.add('lint');
    if (await fails('generate.js')) return seen.add('lint');
  }
  const files = ['document', 'prism', 'fake', 'proxy'].map((name) => `test/contract/${name}.test.ts`);
  const failed = await Promise.all([
    failures(copy.folder, ...files, 'test/testing/model.test.ts'),
    failures(copy.folder, 'test/contract/lifecycle.test.ts', '-t', 'a correct server passes'),
  ]);
  for (const { file } of failed.flat()) {
    const [check] = Object.entries(CHECKS).find(([, files]) => files.includes(file)) ?? [file];
    seen.add(check);
  }
  return seen;
}

const row = (name, cells) => `${name.padEnd(52)}${cells.map((cell) => cell.padEnd(16)).join('')}`;
console.log(row('fault', COLUMNS));
let missed = 0;
for (const mutation of contractMutations) {
  if (!mutation.name.includes(words)) continue;
  const isContract = mutation.file.startsWith('spec/');
  let seen = new Set();
  const seeded = await copy.seeded(mutation, async () => {
    seen = await seenBy(isContract);
  });
  if (!seeded) console.log(`NOT SEEDED: ${mutation.name}: its place is not found exactly once in ${mutation.file}`);
  else
    console.log(
      row(
        mutation.name,
        COLUMNS.map((one) => (seen.has(one) ? 'seen' : '-')),
      ),
    );
  if (seen.size === 0) {
    missed++;
    if (seeded) console.log(`MISSED: ${mutation.name}`);
  }
}
await copy.remove();
console.log(missed === 0 ? 'Each was seen.' : `${missed} were not seen.`);
process.exitCode = missed === 0 ? 0 : 1;
