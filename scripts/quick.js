// npm run quick   lint, types and the client's quick tests, side by side
//
// Exits with 1 if one of them fails.
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSteps } from './lib/steps.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
// As npm does, so that this runs without npm too.
process.env.PATH = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;

const slow = ['test/util/redact', 'test/sockets', 'test/redaction', 'test/pagination-simulation'];
const folders = ['test/*.test.ts', 'test/pipeline', 'test/promises', 'test/util', 'test/testing'];
const failed = await runSteps([
  // The compiler checks only what has changed since its last run.
  { command: 'tsc --project tsconfig.json --incremental --tsBuildInfoFile node_modules/.cache/quick.tsbuildinfo' },
  { command: `vitest run ${folders.join(' ')} ${slow.map((name) => `--exclude ${name}.test.ts`).join(' ')}` },
  { command: 'biome check' },
]);
console.log(failed.length === 0 ? '\nAll passed.' : `\nFailed:\n${failed.map((one) => `  ${one}`).join('\n')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
