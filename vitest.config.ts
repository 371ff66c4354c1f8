import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

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
    testTimeout: 20_000,
    // Neither a key of the person who runs the tests nor an address of theirs has any business here.
    env: { CORTEX_API_KEY: '', CORTEX_BASE_URL: '' },
  },
});
