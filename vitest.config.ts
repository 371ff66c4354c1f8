import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The tests must not use a key or an address of the person who runs them.
delete process.env.CORTEX_API_KEY;
delete process.env.CORTEX_BASE_URL;

export default defineConfig({
  resolve: {
    // The tests look at the sources; test/package looks at what is shipped.
    alias: [
      { find: /^cortex-secrets$/, replacement: fileURLToPath(new URL('./src/index.ts', import.meta.url)) },
      {
        find: /^cortex-secrets\/testing$/,
        replacement: fileURLToPath(new URL('./src/testing/index.ts', import.meta.url)),
      },
    ],
  },
  test: {
    include: ['{test,examples}/**/*.test.{ts,tsx}'],
    // Limits are for hangs, not for speed: a compiler beside other work may take long.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // vitest's default leaves one core for itself, which on two cores means one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
