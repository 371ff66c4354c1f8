/** `cortex-secrets verify`: whether a server does what the contract says, with secrets of its own that it removes. */
import { DEFAULT_BASE_URL } from '../../base-url.js';
import type { SecretsClient } from '../../client.js';
import {
  type CleanUpError,
  type ContractTest,
  ContractTestError,
  type ContractTestsFetch,
} from '../../contract-tests/index.js';
import { createSuite, RULES } from '../../contract-tests/internal.js';
import { isCortexError } from '../../errors.js';
import type { Context } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { type TestResult, writeJUnit, writeReport } from './report.js';

export interface VerifyOptions {
  readonly thorough: boolean;
  readonly assumptions: 'warn' | 'fail';
  /** A path. */
  readonly junit: string | undefined;
  readonly seed: number | undefined;
  readonly runs: number | undefined;
}

/** The server is gone if this number of tests in a row get no response. */
const MAX_WITHOUT_RESPONSE = 3;

export async function runVerify(context: Context, options: VerifyOptions): Promise<void> {
  const { io, settings, client } = context;
  const { apiKey, baseUrl = DEFAULT_BASE_URL, allowInsecureConnection } = settings();
  await checkAccess(await client());
  const { thorough } = options;
  const { suite, session } = createSuite({
    apiKey,
    baseUrl,
    allowInsecureConnection,
    thorough,
    fetch: (await context.fetch()) as ContractTestsFetch | undefined,
  });

  let interruptedBy: number | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    // The second time: the requests in flight and the clean-up are given up.
    if (interruptedBy !== undefined) {
      io.error(`verify: interrupted; secrets whose tag begins with ${suite.tagPrefix} may be left`);
      process.exit(interruptedBy);
    }
    interruptedBy = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    io.note('Interrupted: removing the secrets of this run.');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const isStopped = () => interruptedBy !== undefined;
  io.note(`The contract against ${baseUrl}, with secrets whose tag begins with ${suite.tagPrefix}:`);

  const tests: readonly ContractTest[] = thorough
    ? [...suite.tests, sequencesTest(session, options, isStopped, (text) => io.note(text))]
    : suite.tests;
  const results: TestResult[] = [];
  let rejection: CliError | undefined;
  let problem: CleanUpError | undefined;
  try {
    rejection = await runTests(tests, options, results, isStopped);
  } finally {
    await suite.cleanUp().catch((error: CleanUpError) => {
      problem = error;
    });
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  if (rejection) {
    if (problem) io.error(`verify: ${problem.message}`);
    throw rejection;
  }
  await writeReport(context, results, suite.assumptions);
  if (options.junit !== undefined) await writeJUnit(options.junit, results);
  if (problem) throw new CliError(`verify: ${problem.message}`, interruptedBy ?? EXIT.failed);
  if (interruptedBy !== undefined) throw new CliError('verify: interrupted', interruptedBy);
  const failed = results.filter(({ result }) => result === 'failed').length;
  const notRun = results.filter(({ result }) => result === 'not run').length;
  if (failed > 0)
    throw new CliError(
      `verify: the server does not do what the contract says: ${failed} of ${tests.length} tests failed${notRun > 0 ? `, ${notRun} did not run, since it does not respond` : ''}`,
    );
  io.note(`The server does what the contract says: ${tests.length} tests, ${suite.requestCount} requests.`);
}

/** Adds to `results`; returns what says nothing about the contract, and ends the command. */
async function runTests(
  tests: readonly ContractTest[],
  { assumptions }: VerifyOptions,
  results: TestResult[],
  isStopped: () => boolean,
): Promise<CliError | undefined> {
  let silent = 0;
  for (const { run, ...test } of tests) {
    if (isStopped() || silent >= MAX_WITHOUT_RESPONSE) {
      results.push({ ...test, result: 'not run' });
      continue;
    }
    try {
      await run();
      silent = 0;
      results.push({ ...test, result: 'passed' });
    } catch (failure) {
      if (!(failure instanceof ContractTestError)) throw failure;
      const rejection = rejectionOf(failure, results.length === 0);
      if (rejection) return rejection;
      silent = failure.received.startsWith('no response') ? silent + 1 : 0;
      const isWarning = test.source === 'assumption' && assumptions === 'warn';
      results.push({ ...test, result: isWarning ? 'warning' : 'failed', failure });
    }
  }
  return undefined;
}

function sequencesTest(
  session: ReturnType<typeof createSuite>['session'],
  { seed, runs }: VerifyOptions,
  isStopped: () => boolean,
  note: (text: string) => void,
): ContractTest {
  return {
    id: 'sequences',
    title: 'random sequences of operations get the responses of the in-memory Cortex',
    operation: 'updateSecret',
    rule: RULES.never,
    source: 'documented',
    async run() {
      const { randomSequences } = await import('./sequences.js');
      const result = await randomSequences(session, { seed, runs, isStopped });
      note(`random sequences: ${result.runs}; repeat them with --thorough --seed ${result.seed}`);
      if (result.failure) throw result.failure;
    },
  };
}

/** A wrong key, a rate limit and a missing connection say nothing about the contract: they end the command as any other. */
async function checkAccess(secrets: SecretsClient): Promise<void> {
  try {
    await secrets.list({ pageSize: 1 });
  } catch (error) {
    if (!isCortexError(error) || error.name === 'ConnectionError') throw error;
    if (error.name === 'ApiError' && [401, 403, 429].includes(error.status)) throw error;
    // Anything else is what the tests are for.
  }
}

/** The same for what only the tests meet: a key that may read and not write, a limit that is reached for long. */
function rejectionOf({ received }: ContractTestError, isFirst: boolean): CliError | undefined {
  if (/^429 .*retry-after: \d/.test(received))
    return new CliError('verify: the rate limit was reached; run it again later', EXIT.rateLimit);
  if (isFirst && /^40[13] /.test(received))
    return new CliError('verify: the API key may not create secrets; give it the permission', EXIT.auth);
  return undefined;
}
