/** The bundled in-memory Cortex runs without `process` and `require`: it needs web globals only. */
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('the client and the in-memory Cortex run with web globals only', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createSecretsClient } from './dist/index.js';
        import { createFakeCortex } from './dist/testing/index.js';
        globalThis.work = async () => {
          // A constant clock: only the number of requests decides which one is over the limit.
          const cortex = createFakeCortex({ rateLimit: { requests: 4, perMs: 60_000 }, now: () => 0 });
          const secrets = createSecretsClient({ ...cortex.clientOptions });
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
  const globals = globalThis as unknown as Record<string, unknown>;
  const web: { work?: () => Promise<string> } = Object.fromEntries(names.map((name) => [name, globals[name]]));
  vm.runInNewContext(outputFiles[0]?.text ?? '', web);
  expect(JSON.parse((await web.work?.()) ?? '')).toEqual({ name: 'A', total: 1, status: 429, requests: 5 });
});
