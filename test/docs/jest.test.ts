/** docs/jest.md and docs/contract-testing.md show the files of examples/jest, which `scripts/package/jest-example.js` runs. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = await readFile(`${root}docs/jest.md`, 'utf8');
const pages = guide + (await readFile(`${root}docs/contract-testing.md`, 'utf8'));
const blocks = [...pages.matchAll(/^```js (examples\/jest\/\S+)[^\n]*\n([\s\S]*?)^```/gm)].map(([, path, code]) => ({
  path,
  code,
}));

test('shows files', () => {
  expect(blocks.map(({ path }) => path)).toContain('examples/jest/babel/contract.spec.js');
  expect(blocks.length).toBeGreaterThan(4);
});

test.each(blocks)('shows $path as it is', async ({ path, code }) => {
  expect(code).toBe(await readFile(`${root}${path}`, 'utf8'));
});

test('its patterns compile the two packages and nothing else, also in the folders of pnpm', () => {
  const patterns = [...guide.matchAll(/'(\/node_modules\/[^']+)'/g)].map(([, text]) =>
    (text as string).replaceAll('\\\\', '\\'),
  );
  const [plain, pnpm] = [patterns[0], patterns.find((text) => text.includes('pnpm'))].map(
    (text) => new RegExp(`${text}`),
  );
  const compiled = ['/a/node_modules/cortex-secrets/dist/index.js', '/a/node_modules/openapi-fetch/dist/index.mjs'];
  const ignored = ['/a/node_modules/yaml/dist/index.js', '/a/node_modules/cortex-secrets-else/index.js'];
  expect([...compiled, ...ignored].map((path) => plain?.test(path))).toEqual([false, false, true, true]);
  const store = '/a/node_modules/.pnpm/cortex-secrets@0.1.0/node_modules/cortex-secrets/dist/index.js';
  const other = '/a/node_modules/.pnpm/yaml@2.0.0/node_modules/yaml/index.js';
  expect([...compiled, store, ...ignored, other].map((path) => pnpm?.test(path))).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});
