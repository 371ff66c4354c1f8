// MSW in front of an in-memory Cortex, for code that creates its own client and takes no `fetch` from a test.
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

const cortex = createFakeCortex({ seed: [{ tag: 'database-password', name: 'Database', secret: 'old' }] });
const server = setupServer(
  // MSW turns an error of a handler into a 500; HttpResponse.error() is a failed connection.
  http.all(`${cortex.baseUrl}/*`, ({ request }) => cortex.fetch(request).catch(() => HttpResponse.error())),
);

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
  vi.stubEnv('CORTEX_BASE_URL', cortex.baseUrl);
  vi.stubEnv('CORTEX_API_KEY', cortex.apiKey);
});
afterEach(() => {
  server.resetHandlers();
  cortex.reset();
});
afterAll(() => {
  server.close();
  vi.unstubAllEnvs();
});

/** The code under test. */
async function rotate(tag: string, secret: string): Promise<string> {
  const { id } = await createSecretsClient().update(tag, { secret });
  return id;
}

test('stores the value', async () => {
  await rotate('database-password', 'new');
  expect(cortex.storedValue('database-password')).toBe('new');
});

test('retries after a 503 of a gateway', async () => {
  server.use(http.put(`${cortex.baseUrl}/*`, () => new HttpResponse(null, { status: 503 }), { once: true }));
  await rotate('database-password', 'new');
  expect(cortex.storedValue('database-password')).toBe('new');
});

test('retries if the connection breaks after Cortex has processed the update', async () => {
  cortex.fail('update', 'reset after processing');
  await rotate('database-password', 'new');
  expect(cortex.requests.map(({ status }) => status)).toEqual([undefined, 200]);
});

test('rejects if there is no such secret', async () => {
  await expect(rotate('databse-password', 'new')).rejects.toMatchObject({ name: 'ApiError', status: 404 });
});
