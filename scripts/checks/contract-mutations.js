// node scripts/checks/contract-mutations.js [WORDS]   seeds faults into the contract and the in-memory Cortex, and shows which
// checks detect each
//
// Exits with 1 if no check detects a fault, or if the text to replace is not found exactly once.
import { execFile } from 'node:child_process';
import { contractMutations } from '../../test/contract-mutations.js';
import { copyOf, failures } from '../lib/checks/mutate.js';

const words = process.argv.slice(2).join(' ');
const copy = await copyOf(
  ...['src', 'test', 'generated', 'scripts', 'spec'],
  ...['package.json', 'redocly.yaml', 'tsconfig.json', 'vitest.config.ts'],
);

/** Runs one of the project's scripts in the copy; true if it fails. */
const fails = (/** @type {string} */ script) =>
  new Promise((resolve) => {
    execFile(process.execPath, [`scripts/contract/${script}`], { cwd: copy.folder }, (error) =>
      resolve(error !== null),
    );
  });

/** The test files of each check; the lint is a script. */
const CHECKS = {
  examples: ['document.test.ts', 'prism.test.ts'],
  proxy: ['proxy.test.ts'],
  'contract tests': ['false-alarms.test.ts'],
  fake: ['fake.test.ts', 'model.test.ts'],
  Arazzo: ['lifecycle.test.ts'],
};
const COLUMNS = ['lint', ...Object.keys(CHECKS)];

async function detectedBy(/** @type {boolean} */ isContract) {
  const seen = new Set();
  if (isContract) {
    if (await fails('lint.js')) seen.add('lint');
    if (await fails('generate.js')) return seen.add('lint');
  }
  const files = [
    ...['document', 'prism', 'proxy'].map((name) => `contract/${name}`),
    ...['contract-tests/false-alarms', 'testing/fake', 'testing/model'],
  ];
  const failed = await Promise.all([
    failures(copy.folder, ...files.map((name) => `test/${name}.test.ts`)),
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
    seen = await detectedBy(isContract).catch(({ message }) => {
      console.log(`NO RESULT: ${mutation.name}: ${message}`);
      return new Set();
    });
  });
  if (!seeded) console.log(`NOT SEEDED: ${mutation.name}: text to replace not found exactly once in ${mutation.file}`);
  else
    console.log(
      row(
        mutation.name,
        COLUMNS.map((one) => (seen.has(one) ? 'detected' : '-')),
      ),
    );
  if (seen.size === 0) {
    missed++;
    if (seeded) console.log(`MISSED: ${mutation.name}`);
  }
}
await copy.remove();
console.log(missed === 0 ? 'All faults were detected.' : `${missed} faults were not detected.`);
process.exitCode = missed === 0 ? 0 : 1;
