/** The short form of `npm run campaign`. */
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.js';

test('after random calls against random faults, the outcomes match the server, and nothing leaks', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const calls = 4000;
  console.log(`seed ${seed}: npm run campaign -- --calls ${calls} --seed ${seed}`);
  const { broken, ...report } = await runCampaign({ calls, seed });
  console.log(report);
  expect(broken.slice(0, 3)).toEqual([]);
  expect(report).toMatchObject({ listeners: 0, timers: 0 });
  // Deadlines are exceeded by scheduling delays only.
  expect(report.worstOverrunMs).toBeLessThan(5000);
  // Otherwise the campaign has tested too little.
  expect(report.faults).toBeGreaterThan(calls / 10);
  expect(Object.keys(report.outcomes).sort()).toEqual(
    expect.arrayContaining(['processed', 'confirmed', 'rejected', 'unknown']),
  );
}, 60_000);
