import { fileURLToPath } from 'node:url';
import type { createFakeCortex } from 'cortex-secrets/testing';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { newQueryClient } from '../../examples/react-query.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** A user's page with an in-memory Cortex. */
const PAGE = `
  import { QueryClientProvider } from '@tanstack/react-query';
  import { createSecretsClient } from '../../dist/index.js';
  import { createFakeCortex } from '../../dist/testing/index.js';
  import { Suspense } from 'react';
  import { createRoot } from 'react-dom/client';
  import { NewValue, newQueryClient, SecretList, secretsQueries } from '../../examples/react-query.js';

  const cortex = createFakeCortex({ seed: [{ tag: 'a', name: 'First', secret: 'old' }] });
  const secrets = createSecretsClient({ ...cortex.clientOptions });
  const client = newQueryClient();
  Object.assign(globalThis, { cortex, client });
  createRoot(document.body.appendChild(document.createElement('main'))).render(
    <QueryClientProvider client={client}>
      <Suspense><SecretList queries={secretsQueries(secrets)} /></Suspense>
      <NewValue secrets={secrets} tag="a" />
    </QueryClientProvider>,
  );
`;

/** The tests of the example, in the browser of the client's tests. */
export async function expectExampleWorks(tab: Page): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: here, loader: 'tsx' },
    bundle: true,
    format: 'iife',
    jsx: 'automatic',
    alias: { 'cortex-secrets': fileURLToPath(new URL('../../dist/index.js', import.meta.url)) },
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
  });
  tab.setDefaultTimeout(60_000);
  const pageErrors: string[] = [];
  tab.on('pageerror', ({ message }) => pageErrors.push(message));
  await tab.setContent('<!doctype html><title>A tool</title>');
  await tab.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  await tab.getByText('a: First').waitFor();

  const input = tab.getByLabel('New value of a');
  await input.fill('canary of a value');
  await tab.getByRole('button').click();
  await tab.getByText('Stored').waitFor();
  expect(await input.inputValue()).toBe('');
  const seen = await tab.evaluate(() => {
    const { cortex, client } = globalThis as unknown as {
      cortex: ReturnType<typeof createFakeCortex>;
      client: ReturnType<typeof newQueryClient>;
    };
    const states = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()];
    cortex.fail('update', { status: 403 });
    return { stored: cortex.storedValue('a'), cached: JSON.stringify(states.map(({ state }) => state)) };
  });
  expect(seen.stored).toBe('canary of a value');
  expect(seen.cached).toContain('First');
  expect(seen.cached).not.toContain('canary');

  // The client does not retry a 500, and React Query must not either.
  const statuses = await tab.evaluate(async () => {
    const { cortex, client } = globalThis as unknown as {
      cortex: ReturnType<typeof createFakeCortex>;
      client: ReturnType<typeof newQueryClient>;
    };
    const recover = cortex.fail('list', { status: 500 }, { times: 9 });
    await client.refetchQueries();
    recover();
    return cortex.requests.filter(({ operation }) => operation === 'list').map(({ status }) => status);
  });
  expect(statuses).toEqual([200, 500]);

  await input.fill('canary of another value');
  await tab.getByRole('button').click();
  await tab.getByText('secrets.update("a"): 403').waitFor();
  expect(await tab.content()).not.toContain('canary');
  expect(pageErrors).toEqual([]);
}
