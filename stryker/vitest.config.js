import { BaseSequencer } from 'vitest/node';
import base from '../vitest.config.js';

/** A mutant's run ends with the first test that fails, so the slow tests run last. */
const ORDER = [/test\/(pipeline|util)\//, /test\/(?!sockets|redaction)[\w-]+\.test\.ts$/, /test\/testing\//];

class FastFirst extends BaseSequencer {
  async sort(files) {
    const rank = ({ moduleId }) => {
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
    include: ['test/*.test.ts', 'test/{pipeline,util,testing}/**/*.test.ts'],
    sequence: { sequencer: FastFirst },
    // Each mutant repeats the random tests: few runs of each are enough.
    env: { ...base.test.env, CORTEX_SECRETS_RUNS: '20', CORTEX_SECRETS_STEPS: '20' },
  },
};
