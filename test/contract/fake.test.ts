/** The in-memory Cortex passes the contract suite: by its state if possible, otherwise by a fault. */

import { expect, test } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { FakeOperation } from '../../src/testing/faults.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';
import type { SeedSecret } from '../../src/testing/store.js';
import { contractSuite } from './suite.js';

const apiKey = 'a-key-for-the-mock';
type PublicFields = Omit<SeedSecret, 'secret'>;
const withValues = (...secrets: PublicFields[]) => secrets.map((fields) => ({ ...fields, secret: 'a value' }));
const mySecret = { id: 'se2da8159dbeefb974', tag: 'my-secret', name: 'My secret' };
const nameless = { id: 'se91c3f07be2ad5160', tag: 'cli_test_secret' };

contractSuite(async () => {
  let fake = createFake({ apiKey });
  const restart = (options: FakeCortexOptions) => {
    fake = createFake({ apiKey, ...options });
    return fake.cortex;
  };
  const { url, close } = await listen((request) => fake.handleRequest(request), { port: 0, host: '127.0.0.1' });
  return {
    url,
    close,
    exact: false,
    settle: ({ secret }) => void restart({ seed: secret ? withValues(mySecret) : [] }),
    arrange({ operation, value }, code) {
      const name = operation.replace(/Secrets?$/, '') as FakeOperation;
      if (code === 200) {
        restart({ seed: withValues(mySecret, nameless) });
        return {};
      }
      const cortex = restart({
        seed: code === 409 ? withValues(mySecret) : [],
        ...(code === 429 && { rateLimit: { requests: 0, perMs: 1000 } }),
      });
      if (code === 401) return { apiKey: 'another-key' };
      if (code === 403) return { apiKey: cortex.apiKeyWithoutPermission };
      const isFromState = code === 429 || code === 404 || (code === 409 && name === 'create');
      if (!isFromState) cortex.fail(name, { status: code, type: String(value?.type) }, { times: 2 });
      return {};
    },
  };
});

test('a list has page 0 and 250 secrets by default', async () => {
  const seed = withValues(...Array.from({ length: 300 }, (_, i) => ({ tag: `tag-${i}` })));
  const { fetch, baseUrl } = createFake({ apiKey, seed }).cortex;
  const list = async (query: string) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    return (await fetch(`${baseUrl}/api/v1/secrets${query}`, { headers })).json();
  };
  expect(await list('')).toMatchObject({ page: 0, secrets: { length: 250 }, total: 300, totalPages: 2 });
  expect(await list('?page=1')).toMatchObject({ page: 1, secrets: { length: 50 }, total: 300, totalPages: 2 });
  expect(await list('?page=2')).toMatchObject({ page: 2, secrets: [], total: 300, totalPages: 2 });
  expect(await list('?pageSize=1000')).toMatchObject({ page: 0, secrets: { length: 300 }, totalPages: 1 });
});
