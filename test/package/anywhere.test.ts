/** The in-memory Cortex needs nothing but what the web has: bundled, it runs where there is neither `process` nor `require`. */
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('a client and the in-memory Cortex, in a world of web globals alone', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createSecretsClient } from './dist/index.js';
        import { createFakeCortex } from './dist/testing/index.js';
        globalThis.work = async () => {
          // A clock that stands still: whether a request is over the limit depends on their number alone.
          const cortex = createFakeCortex({ rateLimit: { requests: 4, perMs: 60_000 }, now: () => 0 });
          const { apiKey, baseUrl, fetch } = cortex;
          const secrets = createSecretsClient({ apiKey, baseUrl, fetch });
          cortex.fail('get', 'truncated body');
          await secrets.create({ tag: 'a', name: 'A', secret: 'v' });
          const { name } = await secrets.get('a');
          const { total } = await secrets.list();
          const { status } = await secrets.list({}, { retry: false }).catch((error) => error);
          return JSON.stringify({ name, total, status, requests: cortex.requests.length });
        };`,
      resolveDir: fileURLToPath(new URL('../../', import.meta.url)),
    },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
  });
  const names = [
    ...[
      'Headers',
      'Request',
      'Response',
      'URL',
      'URLSearchParams',
      'TextEncoder',
      'TextDecoder',
      'ReadableStream',
      'FormData',
      'Blob',
    ],
    ...['AbortController', 'AbortSignal', 'setTimeout', 'clearTimeout', 'performance'],
  ];
  const world = globalThis as unknown as Record<string, unknown>;
  const web: { work?: () => Promise<string> } = Object.fromEntries(names.map((name) => [name, world[name]]));
  vm.runInNewContext(outputFiles[0]?.text ?? '', web);
  expect(JSON.parse((await web.work?.()) ?? '')).toEqual({ name: 'A', total: 1, status: 429, requests: 5 });
});
