// Generated from spec/openapi.yaml by `npm run generate`. Do not edit.
import type * as schema from './schema.js';
import type { Validator } from './validators.js';

export declare const NewSecret: Validator<schema.NewSecret>;
export declare const SecretUpdate: Validator<schema.SecretUpdate>;
/** Fills in the defaults. */
export declare const ListQuery: Validator<Required<NonNullable<schema.operations['listSecrets']['parameters']['query']>>>;
