/** What the client weighs in a browser: bundled, minified and gzipped, with openapi-fetch and the validators. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** In bytes. It only goes down. */
const BUDGET = 12_000;

test(`the client is at most ${BUDGET} bytes, minified and gzipped`, async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export { createSecretsClient, isCortexError } from './src/index.ts';", resolveDir: root() },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const contents = outputFiles[0]?.contents as Uint8Array;
  const size = gzipSync(contents, { level: 9 }).length;
  console.log(`the client for browsers: ${contents.length} bytes minified, ${size} bytes gzipped`);
  expect(size).toBeLessThanOrEqual(BUDGET);
});

const root = () => fileURLToPath(new URL('../../', import.meta.url));
