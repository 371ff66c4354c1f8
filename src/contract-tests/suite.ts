/** Makes the tests of one server from the checks. */
import { validBaseUrl } from '../base-url.js';
import { assertKnownKeys } from '../util/validate.js';
import type { Check } from './check.js';
import { AUTH_CHECKS } from './checks/auth.js';
import { BODY_CHECKS } from './checks/bodies.js';
import { CREATE_CHECKS } from './checks/create.js';
import { DELETE_CHECKS } from './checks/delete.js';
import { LIST_CHECKS } from './checks/list.js';
import { READ_CHECKS } from './checks/read.js';
import { UPDATE_CHECKS } from './checks/update.js';
import { cleanUp } from './clean-up.js';
import { Session } from './session.js';
import { Tester } from './tester.js';
import type { AssumptionResult, ContractTest, ContractTestSuite, ContractTestsOptions } from './types.js';

export const CHECKS: readonly Check[] = [
  ...CREATE_CHECKS,
  ...READ_CHECKS,
  ...UPDATE_CHECKS,
  ...DELETE_CHECKS,
  ...LIST_CHECKS,
  ...BODY_CHECKS,
  ...AUTH_CHECKS,
];

const NAMES = ['baseUrl', 'apiKey', 'fetch', 'allowInsecureConnection', 'thorough'];

/**
 * The tests of a server against the contract, for any test runner.
 *
 * They change only secrets of their own, whose tags begin with `verify-` and 8 random characters, send about 300 requests
 * (without `thorough`), and wait if the server throttles.
 *
 * @example
 * ```ts
 * const suite = contractTests({ baseUrl, apiKey });
 * for (const { title, run } of suite.tests) test(title, run);
 * afterAll(() => suite.cleanUp());
 * ```
 * @throws TypeError if an option is missing or wrong; no message quotes the key
 */
export function contractTests(options: ContractTestsOptions): ContractTestSuite {
  return createSuite(options).suite;
}

/** Also returns the session, for tests that the command line adds. */
export function createSuite(options: ContractTestsOptions): { suite: ContractTestSuite; session: Session } {
  assertKnownKeys('contractTests', options, NAMES);
  const { baseUrl, apiKey, fetch, allowInsecureConnection = false, thorough = false } = options;
  if (typeof apiKey !== 'string' || !/^[!-~]+$/.test(apiKey))
    throw new TypeError('apiKey: must be a string of visible ASCII characters');
  if (fetch !== undefined && typeof fetch !== 'function') throw new TypeError('fetch: must be a function');
  const url = validBaseUrl(baseUrl, 'baseUrl', allowInsecureConnection);
  const session = new Session(url, apiKey, fetch ?? ((...args) => globalThis.fetch(...args)));
  const results = new Map<string, AssumptionResult>();

  const testOf = (check: Check): ContractTest => {
    const { id, title, operation, rule, source, assumption } = check;
    const run = async () => {
      const tester = new Tester(session, rule);
      let holds = false;
      try {
        await check.run(tester);
        holds = true;
      } catch (error) {
        session.shared = undefined; // the server may have changed it
        throw error;
      } finally {
        if (assumption !== undefined)
          results.set(id, { id, assumption, holds, server: tester.observation ?? describe(tester) });
      }
    };
    return { id, title, operation, rule, source, run };
  };

  const suite: ContractTestSuite = {
    tests: CHECKS.filter((check) => thorough || !check.thorough).map(testOf),
    get assumptions() {
      return [...results.values()];
    },
    get requestCount() {
      return session.requestCount;
    },
    tagPrefix: session.tagPrefix,
    cleanUp: () => cleanUp(session),
  };
  return { suite, session };
}

/** The last response of a test that doesn't say more. */
function describe({ last, session }: Tester): string {
  if (!last) return 'not known';
  const [, type] = /"type": ?"([A-Z_]{1,40})"/.exec(last.text) ?? [];
  const { sent, status } = last;
  return session.mask.mask(`${sent.method} ${status === 0 ? 'without a response' : status}${type ? ` ${type}` : ''}`);
}
