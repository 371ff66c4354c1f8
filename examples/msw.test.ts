// MSW in front of an in-memory Cortex: for code that makes its own client, so that no test can hand it a `fetch`.
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

const cortex = createFakeCortex({ seed: [{ tag: 'database-password', name: 'Database', secret: 'old' }] });
const server = setupServer(
  // What a handler throws MSW takes for a 500; this is how it is told of a broken connection.
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

test('the value is stored', async () => {
  await rotate('database-password', 'new');
  expect(cortex.valueOf('database-password')).toBe('new');
});

test('a gateway in between is busy for a moment: asked again', async () => {
  server.use(http.put(`${cortex.baseUrl}/*`, () => new HttpResponse(null, { status: 503 }), { once: true }));
  await rotate('database-password', 'new');
  expect(cortex.valueOf('database-password')).toBe('new');
});

test('the connection breaks after Cortex has acted: asked again, and done once', async () => {
  cortex.fail('update', 'reset after processing');
  await rotate('database-password', 'new');
  expect(cortex.requests.map(({ status }) => status)).toEqual([undefined, 200]);
});

test('no such secret', async () => {
  await expect(rotate('databse-password', 'new')).rejects.toMatchObject({ name: 'ApiError', status: 404 });
});
