import { expect, test } from 'vitest';
import { bundledSize } from '../../scripts/lib/package/bundle.js';

/** In bytes. openapi-fetch and the validators take 3,500 of them, redaction 4,600, error bodies 1,800. */
const BUDGET = 23_500;
/** The modules that an import loads: the package's own, the validators, and openapi-fetch. */
const MODULES = 52;

test(`the client has at most ${BUDGET} bytes, minified and gzipped, with its dependency`, async () => {
  const { minified, gzipped, modules } = await bundledSize('./src/index.ts');
  console.log(`the client for browsers: ${minified} bytes minified, ${gzipped} bytes gzipped, ${modules} modules`);
  expect(gzipped).toBeLessThanOrEqual(BUDGET);
  expect(modules).toBeLessThanOrEqual(MODULES);
});
