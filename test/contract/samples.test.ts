/** The TypeScript samples of the docs, run as they stand against the mock. `npm run types` checks their types. */
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startPrism } from '../../scripts/lib/prism.js';
import { operations } from './document.js';

let mock: { url: string; close: () => Promise<void> };
beforeAll(async () => {
  mock = await startPrism();
});
afterAll(() => mock.close());
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What each sample prints when the mock answers with the contract's examples. */
const prints: Record<string, unknown[][]> = {
  list: [
    ['my-secret', 'My secret'],
    ['cli_test_secret', '(no name)'],
  ],
  get: [['se2da8159dbeefb974', 'My secret']],
  create: [['se2da8159dbeefb974']],
  update: [['my-secret', 'rotated']],
  delete: [['deleted']],
};

test('there is a sample in TypeScript and one for curl for each operation', () => {
  const files = readdirSync(new URL('../../spec/samples/', import.meta.url));
  const names = [...operations.keys()].map((id) => id.replace(/Secrets?$/, ''));
  expect(files.sort()).toEqual(names.flatMap((name) => [`${name}.sh`, `${name}.ts`]).sort());
});

describe('samples', () => {
  test.each(Object.keys(prints))('%s.ts', async (name) => {
    vi.stubEnv('CORTEX_API_KEY', 'a-key-for-the-mock');
    vi.stubEnv('CORTEX_BASE_URL', mock.url);
    vi.stubEnv('NEW_VALUE', 'example-value-not-a-real-one');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    vi.resetModules();
    await import(`../../spec/samples/${name}.ts`);
    expect(log.mock.calls).toEqual(prints[name]);
  });

  test.each(['create', 'update'])('%s.ts asks for a value that is not set', async (name) => {
    vi.stubEnv('NEW_VALUE', '');
    vi.resetModules();
    await expect(import(`../../spec/samples/${name}.ts`)).rejects.toThrow('Set NEW_VALUE');
  });
});
