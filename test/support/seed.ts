/**
 * The seed of this test file's random tests, which is printed: `CORTEX_SECRETS_SEED` replays a run, and
 * `CORTEX_SECRETS_RUNS` makes more or fewer of them.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param file `import.meta.url` of the test file */
export function seedOf(file: string): number {
  const seed = Number(process.env.CORTEX_SECRETS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const path = relative(process.cwd(), fileURLToPath(file));
  console.log(`seed ${seed}; replay with CORTEX_SECRETS_SEED=${seed} npx vitest run ${path}`);
  return seed;
}

export const runsOr = (runs: number): number => Number(process.env.CORTEX_SECRETS_RUNS ?? runs);
