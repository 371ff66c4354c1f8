// node scripts/checks.js   all that `npm test` does before the tests: the same commands as `npm run lint`,
// `generate -- --check`, `build`, `types` and `package`, side by side
//
// Exits with 1 if one of them fails.
import { enterProject, runSteps } from './lib/steps.js';

const commandsOf = await enterProject();
const build = commandsOf('build').join(' && ');

// The types of the scripts, and the package, are checked with what has been built.
const [types = '', ...typesOfScripts] = commandsOf('types');
const failed = await runSteps([
  { command: build },
  { command: types },
  ...[...typesOfScripts, ...commandsOf('package').reverse()].map((command) => ({ command, after: build })),
  ...commandsOf('lint').map((command) => ({ command })),
  { command: `${commandsOf('generate')} --check` },
  { command: 'node scripts/browser.js' },
]);
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed:\n${failed.map((one) => `  ${one}`).join('\n')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
