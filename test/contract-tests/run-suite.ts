/** Runs the contract tests against a server, outside of a test runner. */
import { type ContractTestError, contractTests } from '../../src/contract-tests/index.js';

type Target = Parameters<typeof contractTests>[0];

/** @param until ends the run at the first failure that it selects */
export async function runSuite(
  { baseUrl, apiKey, fetch }: Target,
  more: Partial<Target> = {},
  until: (source: string) => boolean = () => false,
) {
  const suite = contractTests({ baseUrl, apiKey, fetch, ...more });
  const failures: { id: string; source: string; error: ContractTestError }[] = [];
  for (const { id, source, run } of suite.tests) {
    await run().catch((error: ContractTestError) => failures.push({ id, source, error }));
    if (until(failures.at(-1)?.source ?? '')) break;
  }
  return { suite, failures };
}
