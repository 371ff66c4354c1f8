import { expect, test } from 'vitest';
import { bundledSize } from '../../scripts/lib/bundle.js';

/**
 * In bytes. It only goes down. The goal was 8_500: openapi-fetch and the validators take 3_200 of it, and what is left
 * does not hold all that a call promises.
 */
const BUDGET = 11_800;
/** The files that an import loads: ours, the validators, and openapi-fetch. */
const MODULES = 21;

test(`the client is at most ${BUDGET} bytes, minified and gzipped, all included`, async () => {
  const { minified, gzipped, modules } = await bundledSize('./src/index.ts');
  console.log(`the client for browsers: ${minified} bytes minified, ${gzipped} bytes gzipped, ${modules} modules`);
  expect(gzipped).toBeLessThanOrEqual(BUDGET);
  expect(modules).toBeLessThanOrEqual(MODULES);
});
