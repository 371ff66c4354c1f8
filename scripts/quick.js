// npm run quick   lint, types and the client's quick tests, side by side
//
// Exits with 1 if one of them fails.
import { enterProject, runSteps } from './lib/steps.js';

const commandsOf = await enterProject();
const slow = ['test/util/redact', 'test/sockets', 'test/redaction', 'test/pagination-simulation'];
const folders = ['test/*.test.ts', 'test/pipeline', 'test/promises', 'test/util', 'test/testing'];
const failed = await runSteps([
  // The types of the scripts need a build.
  ...commandsOf('types')
    .slice(0, 1)
    .map((command) => ({ command })),
  { command: `vitest run ${folders.join(' ')} ${slow.map((name) => `--exclude ${name}.test.ts`).join(' ')}` },
  { command: 'biome check' },
]);
console.log(failed.length === 0 ? '\nAll passed.' : `\nFailed:\n${failed.map((one) => `  ${one}`).join('\n')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
