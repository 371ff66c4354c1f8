// npm run quick   lint, types and the client's quick tests, side by side
//
// Exits with 1 if one of them fails.
import { run, summary } from '../lib/checks/run.js';

const slow = ['test/redaction/**', 'test/sockets.test.ts', 'test/pagination-simulation.test.ts'];
const folders = ['test/*.test.ts', 'test/pipeline', 'test/util', 'test/testing'];
await Promise.all([
  run('npm run --silent types:src'),
  run(`vitest run ${folders.join(' ')} ${slow.map((name) => `--exclude '${name}'`).join(' ')}`),
  run('biome check'),
]);
summary();
