// node scripts/checks.js   all that `npm test` does before the tests: the same commands as `npm run lint`,
// `generate -- --check`, `build`, `types` and `package`, side by side
//
// Exits with 1 if one of them fails.
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSteps } from './lib/steps.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
// As npm does, so that this runs without npm too.
process.env.PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
const commandsOf = (/** @type {string} */ name) => scripts[name].split(' && ');

// The types of the scripts, and the package, are checked with what has been built.
const [types, ...typesOfScripts] = commandsOf('types');
const failed = await runSteps([
  { command: scripts.build },
  { command: types },
  ...[...typesOfScripts, ...commandsOf('package').reverse()].map((command) => ({ command, after: scripts.build })),
  ...commandsOf('lint').map((command) => ({ command })),
  { command: `${scripts.generate} --check` },
  { command: 'node scripts/browser.js' },
]);
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed:\n${failed.map((one) => `  ${one}`).join('\n')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
