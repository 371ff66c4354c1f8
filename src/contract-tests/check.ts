/** What a check is. */
import type { Tester } from './tester.js';
import type { ContractOperation, RuleSource } from './types.js';

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly operation: ContractOperation;
  readonly rule: string;
  readonly source: RuleSource;
  /** What the contract assumes, if it is an assumption. */
  readonly assumption?: string;
  readonly thorough?: boolean;
  readonly run: (t: Tester) => Promise<void>;
}
