import { defineConfig } from 'vitest/config';

// Run by `node scripts/package/plugin.js` only: needs the example's own packages, and its build.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.spec.ts'],
    // Limits are for hangs, not for speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
