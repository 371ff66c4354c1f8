// Generated from spec/openapi.yaml by `npm run generate`. Do not edit.
import type * as schema from './schema.js';

/**
 * Checks a value against the contract, and removes undeclared properties from it. After a `false`, `errors` holds
 * the first problem.
 */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: null | { instancePath: string; params: Record<string, unknown> }[];
}
export declare const Secret: Validator<schema.Secret>;
export declare const SecretPage: Validator<schema.SecretPage>;
/** Matches the error types that the contract lists. */
export declare const KNOWN_ERROR_TYPE: RegExp;
