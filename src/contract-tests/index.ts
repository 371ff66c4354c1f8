/**
 * Tests of a server against the contract: {@link contractTests} makes them, for any test runner.
 *
 * @module cortex-secrets/contract-tests
 */
export { CleanUpError, ContractTestError } from './failure.js';
export { contractTests } from './suite.js';
export type {
  AssumptionResult,
  ContractOperation,
  ContractTest,
  ContractTestSuite,
  ContractTestsFetch,
  ContractTestsOptions,
  RuleSource,
} from './types.js';
