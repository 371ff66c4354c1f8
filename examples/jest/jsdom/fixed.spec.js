/** @jest-environment jest-fixed-jsdom */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';

test('has a real fetch, with signals and limits', async () => {
  const server = createServer((_, response) => response.end('{"page":0,"secrets":[],"total":0,"totalPages":0}'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const secrets = createSecretsClient({ apiKey: 'a-key', baseUrl, retry: false });
  const { signal } = new AbortController();
  expect(await secrets.list({}, { signal, deadlineMs: 60_000 })).toMatchObject({ total: 0 });
  server.close();
});

test('has secrets.api, which needs Request', async () => {
  const cortex = createFakeCortex();
  const { data } = await createSecretsClient({ ...cortex.clientOptions }).api.GET('/api/v1/secrets');
  expect(data.total).toBe(0);
});
