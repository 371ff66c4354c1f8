/**
 * The public API, as a text that is compared: an export, an option or a type that changes is seen in review.
 * `npx vitest run test/package/public-api.test.ts --update` accepts a change that is intended.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { publicApi } from '../../scripts/lib/package/public-api.js';

test.each([
  ['cortex-secrets', 'index.d.ts'],
  ['cortex-secrets/testing', 'testing/index.d.ts'],
  ['cortex-secrets/contract-tests', 'contract-tests/index.d.ts'],
])('%s exports what its snapshot says', async (name, file) => {
  const api = publicApi(fileURLToPath(new URL(`../../dist/${file}`, import.meta.url)));
  await expect(`${api}\n`).toMatchFileSnapshot(`./public-api/${name.replace('/', '-')}.txt`);
});
