/** The smoke suite of `node scripts/package/runtimes.js`, in this Node and on the build: a change of the mock must not break it unseen. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { startFaulty } from '../../scripts/lib/checks/faulty.js';
import { smoke } from './smoke.js';

test('every case passes', async () => {
  const cortexSecrets = await import('../../dist/index.js' as string);
  const { server, close } = await startFaulty();
  try {
    const results = await smoke(cortexSecrets, server, (value) => inspect(value, { depth: 9, showHidden: true }));
    expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  } finally {
    close();
  }
});
