import { BaseSequencer } from 'vitest/node';
import base from '../../vitest.config.js';

/** The names of the modules in `--mutate`, such as `retry`. */
const MUTATED = process.env.STRYKER_ARGS?.match(/[\w-]+(?=\.ts)/g) ?? [];

/** A mutant's run ends with the first test that fails: those of its module run first, the slow ones last. */
const ORDER = [/test\/(pipeline|redaction|util)\//, /test\/(?!sockets|simulation)[\w-]+\.test\.ts$/, /test\/testing\//];

class FastFirst extends BaseSequencer {
  async sort(files) {
    const rank = ({ moduleId }) => {
      if (MUTATED.some((name) => moduleId.endsWith(`/${name}.test.ts`))) return -1;
      const found = ORDER.findIndex((pattern) => pattern.test(moduleId));
      return found < 0 ? ORDER.length : found;
    };
    return files.sort((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

/** The client's tests, and those of the in-memory Cortex; not those that need a build, Prism or a browser. */
export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/*.test.ts', 'test/{pipeline,redaction,util,testing}/**/*.test.ts'],
    // One reads the sources as text, and Stryker changes that. The other is random: a score must not depend on chance, and
    // with few runs it misses outcomes that it expects.
    exclude: ['test/mutations.test.ts', 'test/testing/model.test.ts'],
    // They take most of the time of all tests, and test only what the rest of redact.test.ts tests too.
    testNamePattern: /^(?!.*(a server that echoes what it was sent|a value of 2 MB))/,
    // Ten times what the slowest takes: a mutant often hangs.
    testTimeout: 10_000,
    // The tests need no module of their own, and loading them for each file would take as long as the tests.
    isolate: false,
    sequence: { sequencer: FastFirst },
    // Each mutant repeats the random tests: few runs of each are enough.
    env: { ...base.test.env, CORTEX_SECRETS_RUNS: '20', CORTEX_SECRETS_STEPS: '20' },
  },
};
