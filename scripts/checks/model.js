// node scripts/checks/model.js [--runs 1000 --steps 50]   long runs of the model tests: the client and the
// in-memory Cortex against a Map, and against Prism
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, steps: { type: 'string', default: '50' } },
});
const env = { ...process.env, CORTEX_SECRETS_RUNS: values.runs, CORTEX_SECRETS_STEPS: values.steps };
const args = [vitest, 'run', 'test/testing/model.test.ts', 'test/contract/proxy.test.ts'];
spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
