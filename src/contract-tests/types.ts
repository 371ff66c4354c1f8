/** What a user of the contract tests gives and gets. */

/** The operations of the contract. */
export type ContractOperation = 'listSecrets' | 'createSecret' | 'getSecret' | 'updateSecret' | 'deleteSecret';

/** Where a rule comes from: the vendor's reference, the vendor's own clients, or a decision of the contract. */
export type RuleSource = 'documented' | 'observed' | 'assumption';

/** A standard `fetch`, or a part of one. */
export type ContractTestsFetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<Response>;

/** The server to test. */
export interface ContractTestsOptions {
  /** The address; `/api/v1` at its end is taken off. */
  readonly baseUrl: string | URL;
  /** A key that may create secrets. */
  readonly apiKey: string;
  /** Sends the requests, for a server that is a function. @defaultValue the global `fetch`, looked up at each request */
  readonly fetch?: ContractTestsFetch | undefined;
  /** Allows http to any host, not only to loopback ones. @defaultValue false */
  readonly allowInsecureConnection?: boolean | undefined;
  /** Adds the tests that need hundreds of requests. @defaultValue false */
  readonly thorough?: boolean | undefined;
}

/** One test: a rule of the contract, and a function that rejects with a {@link ContractTestError} if the server breaks it. */
export interface ContractTest {
  readonly id: string;
  readonly title: string;
  readonly operation: ContractOperation;
  /** A JSON Pointer into the contract, as a URI fragment. */
  readonly rule: string;
  readonly source: RuleSource;
  readonly run: () => Promise<void>;
}

/** What a server does where the contract has an assumption only. */
export interface AssumptionResult {
  readonly id: string;
  /** What the contract assumes. */
  readonly assumption: string;
  /** What the server does. */
  readonly server: string;
  readonly holds: boolean;
}

/** The tests of one server. They can run in any order, each alone. */
export interface ContractTestSuite {
  readonly tests: readonly ContractTest[];
  /** The assumptions whose tests have run. */
  readonly assumptions: readonly AssumptionResult[];
  /** How many requests have been sent. */
  readonly requestCount: number;
  /** The beginning of all tags that the tests use: `verify-` and 8 random characters. */
  readonly tagPrefix: string;
  /**
   * Deletes the secrets that the tests have created. Retries while the server can't be reached, for up to 30 s.
   *
   * @throws Error with `tags`, the tags or ids that are left
   */
  cleanUp(): Promise<void>;
}
