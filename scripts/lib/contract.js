// The hand-written contract becomes the files of generated/. Pure: nothing is written here but a temporary bundle.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';
import { redocly } from './redocly.js';

const NOTE = 'Generated from spec/openapi.yaml by `npm run generate`. Do not edit.';

/** The schemas whose values the client takes from the network. */
const ANSWERS = ['Secret', 'SecretPage'];

/** What the in-memory Cortex takes: two bodies, and the query of a list. */
const REQUESTS = ['NewSecret', 'SecretUpdate', 'ListQuery'];

const specFile = fileURLToPath(new URL('../../spec/openapi.yaml', import.meta.url));

/**
 * Every file of generated/, by name. The same contract gives the same bytes.
 *
 * @param {string} [spec] the contract's path
 * @returns {Promise<Record<string, string>>}
 */
export async function generate(spec = specFile) {
  const yaml = await bundle(spec);
  const document = parse(yaml);
  return {
    'openapi.yaml': `# ${NOTE}\n${yaml}`,
    'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
    'schema.d.ts': await types(document),
    'validators.js': validators(schemasOf(document), ANSWERS, ANSWER_OPTIONS),
    'validators.d.ts': validatorTypes(),
    'request-validators.js': validators(requestSchemasOf(document), REQUESTS, REQUEST_OPTIONS),
    'request-validators.d.ts': requestValidatorTypes(),
    'error-types.d.ts': errorTypes(document),
  };
}

async function bundle(spec) {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-'));
  try {
    const out = join(folder, 'openapi.yaml');
    const { code, stderr } = await redocly('bundle', spec, '--output', out);
    if (code !== 0) throw new Error(`redocly bundle failed:\n${stderr}`);
    return await readFile(out, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function types(document) {
  const ast = await openapiTS(structuredClone(document), {
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    alphabetize: true,
    silent: true,
  });
  return `// ${NOTE}\n\n${astToString(ast)}`;
}

// What the contract doesn't name is taken out of an answer, so that no method can hand it on.
const ANSWER_OPTIONS = { removeAdditional: 'all' };
// What a request leaves out is what the contract says it is then.
const REQUEST_OPTIONS = { useDefaults: true };

/** The schemas by name, with references that are names. */
const schemasOf = (document) =>
  JSON.parse(JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', ''));

/** The same, with the list's query as a schema, and with int32 as the bounds that it means. */
function requestSchemasOf(document) {
  const query = document.paths['/api/v1/secrets'].get.parameters.filter((one) => one.in === 'query');
  const bounded = ({ schema }) =>
    schema.format === 'int32' ? { minimum: -(2 ** 31), maximum: 2 ** 31 - 1, ...schema } : schema;
  const properties = Object.fromEntries(query.map((one) => [one.name, bounded(one)]));
  const required = query.filter((one) => one.required).map(({ name }) => name);
  return { ...schemasOf(document), ListQuery: { type: 'object', required, properties } };
}

function validators(schemas, names, options) {
  const ajv = new Ajv({
    code: { source: true, esm: true, lines: true, optimize: 2 },
    // A schema that is used twice is written once, and called.
    inlineRefs: false,
    messages: false,
    unicodeRegExp: false,
    // Its own list, so that a format that would need run-time code is refused here.
    formats: { int32: true },
    ...options,
  });
  ajv.addKeyword({ keyword: 'x-extensible-enum' });
  for (const name of names) ajv.addSchema(schemas[name], name);
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  if (/\brequire\(|\bimport\b/.test(code))
    throw new Error('A validator would need ajv at run time: simplify its schema');
  return `// ${NOTE}\n${lean(code)}`;
}

/** Without what nobody asks for: each schema as a constant, and which part of it was broken. */
function lean(code) {
  return code
    .replace(/^const (schema\d+) = .*;\n?/gm, (line, name) =>
      code.split(new RegExp(`\\b${name}\\b`)).length > 2 ? line : '',
    )
    .replace(/,schemaPath:"[^"]*",keyword:"\w+"/g, '');
}

function validatorTypes() {
  const lines = ANSWERS.map((name) => `export declare const ${name}: Validator<schema.${name}>;`);
  return `// ${NOTE}
import type * as schema from './schema.js';

/**
 * Whether a value is what the contract says. Takes out of it what the contract doesn't name; after a \`false\`,
 * \`errors\` holds the first thing that is wrong.
 */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: null | { instancePath: string; params: Record<string, unknown> }[];
}
${lines.join('\n')}
`;
}

function requestValidatorTypes() {
  return `// ${NOTE}
import type * as schema from './schema.js';
import type { Validator } from './validators.js';

export declare const NewSecret: Validator<schema.NewSecret>;
export declare const SecretUpdate: Validator<schema.SecretUpdate>;
/** Fills in the defaults. */
export declare const ListQuery: Validator<Required<NonNullable<schema.operations['listSecrets']['parameters']['query']>>>;
`;
}

function errorTypes(document) {
  const names = document.components.schemas.Error.properties.type['x-extensible-enum'];
  return `// ${NOTE}\n\n/** The error types that the contract knows. */
export type KnownErrorType =\n${names.map((name) => `  | '${name}'`).join('\n')};\n`;
}
