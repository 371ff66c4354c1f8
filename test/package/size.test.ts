import { expect, test } from 'vitest';
import { bundledSize } from '../../scripts/lib/bundle.js';

/** In bytes. It only goes down. */
const BUDGET = 12_000;
/** The files that an import loads: ours, the validators, and openapi-fetch. */
const MODULES = 21;

test(`the client is at most ${BUDGET} bytes, minified and gzipped, all included`, async () => {
  const { minified, gzipped, modules } = await bundledSize('./src/index.ts');
  console.log(`the client for browsers: ${minified} bytes minified, ${gzipped} bytes gzipped, ${modules} modules`);
  expect(gzipped).toBeLessThanOrEqual(BUDGET);
  expect(modules).toBeLessThanOrEqual(MODULES);
});
