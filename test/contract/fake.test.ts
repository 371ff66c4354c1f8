/** The contract as the in-memory Cortex has it: by its state where that brings the answer about, else by a fault. */

import { expect, test } from 'vitest';
import { listen } from '../../src/mock/http.js';
import { type FakeCortexOptions, fakeCortex } from '../../src/testing/fake.js';
import type { FakeOperation } from '../../src/testing/faults.js';
import type { SeedSecret } from '../../src/testing/store.js';
import { contractSuite } from './suite.js';

const apiKey = 'a-key-for-the-mock';
type Shown = Omit<SeedSecret, 'secret'>;
const kept = (...shown: Shown[]) => shown.map((one) => ({ ...one, secret: 'a value' }));
const mine = { id: 'se2da8159dbeefb974', tag: 'my-secret', name: 'My secret' };
const nameless = { id: 'se91c3f07be2ad5160', tag: 'cli_test_secret' };

contractSuite(async () => {
  let fake = fakeCortex({ apiKey });
  const become = (options: FakeCortexOptions) => {
    fake = fakeCortex({ apiKey, ...options });
    return fake.cortex;
  };
  const { url, close } = await listen((asked) => fake.handle(asked), { port: 0, host: '127.0.0.1' });
  return {
    url,
    close,
    exact: false,
    settle: ({ secret }) => void become({ seed: secret ? kept(mine) : [] }),
    arrange({ operation, value }, code) {
      const name = operation.replace(/Secrets?$/, '') as FakeOperation;
      if (code === 200) {
        become({ seed: kept(mine, nameless) });
        return {};
      }
      const cortex = become({
        seed: code === 409 ? kept(mine) : [],
        ...(code === 429 && { rateLimit: { requests: 0, perMs: 1000 } }),
      });
      if (code === 401) return { apiKey: 'another-key' };
      if (code === 403) return { apiKey: cortex.apiKeyWithoutPermission };
      const byState = code === 429 || code === 404 || (code === 409 && name === 'create');
      if (!byState) cortex.fail(name, { status: code, type: String(value?.type) }, { times: 2 });
      return {};
    },
  };
});

test('a page begins with the first secret and has 250, unless said', async () => {
  const seed = kept(...Array.from({ length: 300 }, (_, i) => ({ tag: `tag-${i}` })));
  const { fetch, baseUrl } = fakeCortex({ apiKey, seed }).cortex;
  const ask = async (query: string) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    return (await fetch(`${baseUrl}/api/v1/secrets${query}`, { headers })).json();
  };
  expect(await ask('')).toMatchObject({ page: 0, secrets: { length: 250 }, total: 300, totalPages: 2 });
  expect(await ask('?page=1')).toMatchObject({ page: 1, secrets: { length: 50 }, total: 300, totalPages: 2 });
  expect(await ask('?page=2')).toMatchObject({ page: 2, secrets: [], total: 300, totalPages: 2 });
  expect(await ask('?pageSize=1000')).toMatchObject({ page: 0, secrets: { length: 300 }, totalPages: 1 });
});
