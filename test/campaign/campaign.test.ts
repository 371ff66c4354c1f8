/** The short form of `npm run campaign`. */
import { expect, test } from 'vitest';
import { seedOf } from '../support/seed.js';
import { runCampaign } from './campaign.js';

test('after random calls against random faults, the outcomes match the server, and nothing leaks', async () => {
  const seed = seedOf(import.meta.url);
  const calls = 1000;
  console.log(`also by npm run campaign -- --calls ${calls} --seed ${seed}`);
  const { broken, ...report } = await runCampaign({ calls, seed });
  console.log(report);
  expect(broken.slice(0, 3)).toEqual([]);
  expect(report).toMatchObject({ listeners: 0, timers: 0 });
  // Deadlines are exceeded by scheduling delays only: 100 ms, if the machine has nothing else to do.
  expect(report.worstOverrunMs).toBeLessThan(10_000);
  // Otherwise the campaign has tested too little.
  expect(report.faults).toBeGreaterThan(calls / 10);
  // `processed` ends one call in a hundred: only a long campaign is sure to have one.
  expect(Object.keys(report.outcomes)).toEqual(expect.arrayContaining(['confirmed', 'rejected', 'unknown']));
}, 600_000);
