// Generated from spec/openapi.yaml by `npm run generate`. Do not edit.
import type * as schema from './schema.js';
import type { Validator } from './validators.js';

type Query = NonNullable<schema.operations['listSecrets']['parameters']['query']>;

export declare const NewSecret: Validator<schema.NewSecret>;
export declare const SecretUpdate: Validator<schema.SecretUpdate>;
/** Fills in the defaults. */
export declare const ListQuery: Validator<{ [name in keyof Query]-?: NonNullable<Query[name]> }>;
