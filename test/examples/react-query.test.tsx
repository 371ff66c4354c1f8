/** The example on a server; in a browser: test/browser/react-query.ts. */
import { Writable } from 'node:stream';
import { QueryClientProvider } from '@tanstack/react-query';
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { Suspense } from 'react';
import { renderToPipeableStream } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { newQueryClient, SecretList, secretsQueries } from '../../examples/react-query.js';

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
