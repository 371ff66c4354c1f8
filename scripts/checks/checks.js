// node scripts/checks/checks.js   all that `npm test` does before the tests, side by side
//
// Exits with 1 if one of them fails.
import { run, summary } from '../lib/checks/run.js';

// The types of the scripts, and the package, are checked with what has been built.
const afterBuild = async () => {
  if (await run('npm run --silent build'))
    await Promise.all([run('npm run --silent types:scripts'), run('npm run --silent package')]);
};
await Promise.all([
  afterBuild(),
  run('npm run --silent types:src'),
  run('npm run --silent lint'),
  run('npm run --silent generate -- --check'),
  run('node scripts/checks/browser.js'),
]);
summary();
