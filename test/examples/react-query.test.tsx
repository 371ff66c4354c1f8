import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { QueryClientProvider } from '@tanstack/react-query';
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { build } from 'esbuild';
import { Suspense } from 'react';
import { renderToPipeableStream } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { newQueryClient, SecretList, secretsQueries } from '../../examples/react-query.js';
import { findChromium, launchChromium } from '../../scripts/lib/browser.js';

const here = fileURLToPath(new URL('.', import.meta.url));

describe('on a server', () => {
  /** Renders the list to HTML, with its suspended parts. */
  const render = (cortex: ReturnType<typeof createFakeCortex>) =>
    new Promise<string>((done, failed) => {
      const secrets = createSecretsClient({ ...cortex.clientOptions, retry: { baseDelayMs: 1, maxDelayMs: 5 } });
      let html = '';
      const sink = new Writable({
        write(chunk, _, next) {
          html += chunk;
          next();
        },
        final: () => done(html.replaceAll('<!-- -->', '')),
      });
      const { pipe } = renderToPipeableStream(
        <QueryClientProvider client={newQueryClient()}>
          <Suspense>
            <SecretList queries={secretsQueries(secrets)} />
          </Suspense>
        </QueryClientProvider>,
        { onAllReady: () => pipe(sink), onError: failed },
      );
    });
  const seed = [{ tag: 'a', name: 'First', secret: 'old' }];

  test('renders the list after two retried responses', async () => {
    const cortex = createFakeCortex({ seed });
    cortex.fail('list', { status: 503 }, { times: 2 });
    expect(await render(cortex)).toContain('<li>a: First</li>');
    expect(cortex.requests.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  test('leaves the retries to the client', async () => {
    const cortex = createFakeCortex({ seed });
    cortex.fail('list', { status: 503 }, { times: 50 });
    await render(cortex).catch(() => {});
    expect(cortex.requests).toHaveLength(4);
  });
});

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

test.skipIf(!findChromium())('in a browser, renders the list, and a form that keeps no value', async () => {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: here, loader: 'tsx' },
    bundle: true,
    format: 'iife',
    jsx: 'automatic',
    alias: { 'cortex-secrets': fileURLToPath(new URL('../../dist/index.js', import.meta.url)) },
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
  });
  const browser = await launchChromium();
  try {
    const tab = await browser.newPage();
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
  } finally {
    await browser.close();
  }
});
