import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// The tests must not use settings of the person who runs them: a key, colours, a debugger, a proxy on the way to loopback.
for (const name of Object.keys(process.env))
  if (/^CORTEX_(?!SECRETS_)/.test(name) || ['FORCE_COLOR', 'NODE_OPTIONS'].includes(name)) delete process.env[name];
process.env.NO_PROXY = process.env.no_proxy = '127.0.0.1,localhost,0.0.0.0,::1'; // wget reads the second only

/**
 * The files that take longest, slowest first: if one of them started last, the other cores would wait for it. Vitest
 * orders by the durations of the run before, and a fresh checkout has none.
 */
const SLOWEST = [
  'browser/site',
  'examples/rotate-secret',
  'cli/network',
  'docs/contract-testing',
  'cli/terminal',
  'contract-tests/suite',
  'contract/diff',
  'browser/client',
  'package/action',
  'cli/verify',
  'contract/generate',
  'redaction/redact',
  'cli/commands',
  'cli/completion',
  'scripts/mock',
].map((name) => `/test/${name}.test.ts`);

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = SLOWEST.findIndex((name) => moduleId.endsWith(name));
      return index < 0 ? SLOWEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  resolve: {
    // The tests look at the sources; test/package looks at what is shipped.
    alias: [
      { find: /^cortex-secrets$/, replacement: fileURLToPath(new URL('./src/index.ts', import.meta.url)) },
      {
        find: /^cortex-secrets\/(testing|contract-tests)$/,
        replacement: fileURLToPath(new URL('./src/$1/index.ts', import.meta.url)),
      },
    ],
  },
  test: {
    include: ['{test,examples}/**/*.test.{ts,tsx}'],
    setupFiles: ['test/support/setup.ts'],
    // A worker takes one file after another: a third of the time would go into starting workers and loading modules.
    isolate: false,
    // Limits are for hangs, not for speed: a compiler beside other work may take long.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: SlowestFirst },
    // vitest's default leaves one core for itself, which on two cores means one worker; a third one works while two wait for
    // a process or a browser.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
});
