/** Compiles the examples of the README and of pages in docs/, and runs them unchanged against the mock of the contract. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startPrism } from '../../scripts/lib/contract/prism.js';
import { compilerMessages } from '../support/compile.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');
/** Not plugins.md: its example needs the vendor's package. */
const PAGES = ['testing.md', 'networks.md', 'rate-limits.md'];
const pages = await Promise.all(PAGES.map((page) => readFile(join(root, 'docs', page), 'utf8')));
const blocks = [...[readme, ...pages].join('').matchAll(/```ts(?: [^\n]*)?\n([\s\S]*?)```/g)].map(
  ([, code]) => code as string,
);

let mock: { url: string; close: () => Promise<void> };
let folder: string;
let files: string[];
beforeAll(async () => {
  mock = await startPrism();
  // Inside the project, so that imports of the package resolve.
  folder = await mkdtemp(join(root, 'test', 'docs', '.readme-'));
  files = blocks.map((_, i) => join(folder, `${i}.ts`));
  await Promise.all(files.map((file, i) => writeFile(file, blocks[i] as string)));
});
afterAll(async () => {
  await mock.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('every example compiles', async () => {
  expect(await compilerMessages(folder, files)).toBe('');
});

describe('runs the example', () => {
  test.each(blocks.map((code, i) => ({ i, firstLine: code.split('\n')[0] })))('$i: $firstLine', async ({ i }) => {
    vi.stubEnv('CORTEX_API_KEY', 'a-key-for-the-mock');
    vi.stubEnv('CORTEX_BASE_URL', mock.url);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import(files[i] as string);
    if (i === 0) {
      expect(log.mock.calls).toEqual([
        ['my-secret', 'My secret'],
        ['cli_test_secret', undefined],
      ]);
    }
  });
});

test('has under 200 lines, and names the two commands', () => {
  expect(readme.split('\n').length).toBeLessThan(200);
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm cit');
});

test('names only subpaths that the package exports', async () => {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/`cortex-secrets\/([a-z.]+)`/g)].map(([, name]) => `./${name}`);
  expect(named.length).toBeGreaterThan(0);
  expect(Object.keys(exports)).toEqual(expect.arrayContaining(named));
});
