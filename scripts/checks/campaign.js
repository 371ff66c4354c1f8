// npm run campaign -- [--calls 100000] [--seed N]   random calls against a server with random faults

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runCampaign } from '../../test/campaign/campaign.js';
import { build } from '../lib/build.js';

build();

const { values } = parseArgs({ options: { calls: { type: 'string', default: '100000' }, seed: { type: 'string' } } });
const calls = Number(values.calls);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (!Number.isSafeInteger(calls) || calls < 1 || !Number.isSafeInteger(seed)) {
  console.error('npm run campaign -- [--calls 100000] [--seed N]: both must be integers');
  process.exit(2);
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
/** Bytes on the heap, after the garbage of closed sockets and signals has been collected. */
const heap = async () => {
  for (let i = 0; i < 4; i++) {
    await sleep(1500);
    gc();
  }
  return process.memoryUsage().heapUsed;
};
/** Allowed growth of the heap: code that the engine compiles and caches during the run. */
const MAX_GROWN_KB = 3000;

console.log(`seed ${seed}`);
const warm = await runCampaign({ calls: Math.min(5000, calls), seed: seed + 1 });
const before = await heap();
const report = await runCampaign({ calls, seed });
const grownKb = Math.round(((await heap()) - before) / 1000);
const { broken, ...figures } = report;
console.log({ ...figures, grownKb, broken: broken.length + warm.broken.length });
for (const line of [...warm.broken, ...broken].slice(0, 20)) console.error(line);
if (broken.length + warm.broken.length + figures.listeners + figures.timers > 0 || grownKb > MAX_GROWN_KB) {
  console.error(`Replay with: npm run campaign -- --calls ${calls} --seed ${seed}`);
  process.exitCode = 1;
}
