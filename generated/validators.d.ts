// Generated from spec/openapi.yaml by `npm run generate`. Do not edit.
import type * as schema from './schema.js';

/**
 * Whether a value is what the contract says. Takes out of it what the contract doesn't name; after a `false`,
 * `errors` holds the first thing that is wrong.
 */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: null | { instancePath: string; params: Record<string, unknown> }[];
}
export declare const Secret: Validator<schema.Secret>;
export declare const SecretPage: Validator<schema.SecretPage>;
