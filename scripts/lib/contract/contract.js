// Makes the files of generated/ from the hand-written contract. Writes nothing but a temporary bundle.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { parse } from 'yaml';
import { toOpenApi30 } from './openapi30.js';
import { redocly } from './redocly.js';

const NOTE = 'Generated from spec/openapi.yaml by `npm run generate`. Do not edit.';

/** The schemas of the response bodies that the client checks. */
const RESPONSES = ['Secret', 'SecretPage'];

/** The schemas of the requests that the in-memory Cortex checks: two bodies, and the query of a list. */
const REQUESTS = ['NewSecret', 'SecretUpdate', 'ListQuery'];

const specFile = fileURLToPath(new URL('../../../spec/openapi.yaml', import.meta.url));

/**
 * Gives the content of every file of generated/, by name. The same contract gives the same bytes.
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
    'openapi-3.0.json': `${JSON.stringify(toOpenApi30(document), null, 2)}\n`,
    'schema.d.ts': await types(document),
    'validators.js': validators(schemasOf(document), RESPONSES, RESPONSE_OPTIONS) + knownErrorTypes(document),
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
  return `// ${NOTE}\n\n${withDescriptions(astToString(withUndefined(ast)), document.components.schemas)}`;
}

/**
 * Lets the optional fields of requests be `undefined`, also under `exactOptionalPropertyTypes`: neither a query nor JSON has
 * fields that are undefined.
 */
function withUndefined(ast) {
  const { transformed } = ts.transform(ast, [
    (context) => (root) => {
      const visit = (node, path) => {
        const isNamed = ts.isInterfaceDeclaration(node) || ts.isPropertySignature(node);
        const names = isNamed ? [...path, /** @type {ts.Identifier} */ (node.name).text] : path;
        const visited = ts.visitEachChild(node, (child) => visit(child, names), context);
        if (!ts.isPropertySignature(visited) || !visited.questionToken || !isOfRequest(names)) return visited;
        const { modifiers, name, questionToken, type } = visited;
        if (!type || type.kind === ts.SyntaxKind.NeverKeyword) return visited;
        const union = ts.factory.createUnionTypeNode([type, ts.factory.createKeywordTypeNode(UNDEFINED)]);
        return ts.factory.updatePropertySignature(visited, modifiers, name, questionToken, union);
      };
      return visit(root, []);
    },
  ]);
  return transformed;
}

const UNDEFINED = ts.SyntaxKind.UndefinedKeyword;

/** Whether the names from the root of the types to a field lead into a request: its parameters, or the schema of its body. */
const isOfRequest = ([root, first, second]) =>
  (root === 'operations' && (second === 'parameters' || second === 'requestBody')) ||
  (root === 'components' && first === 'schemas' && REQUESTS.includes(second));

/**
 * Repeats the description of each schema at its root type, where editors show it. `@interface` makes TypeDoc show the
 * fields, and not a reference to `components`.
 */
const withDescriptions = (code, schemas) =>
  code.replace(/^export type (\w+) = components\['schemas'\]\['\1'\];$/gm, (line, name) => {
    const { description } = schemas[name];
    return `/**\n * ${description.trim().replaceAll('\n', '\n * ')}\n * @interface\n */\n${line}`;
  });

// Undeclared properties are removed from a response, so that no method can return them.
const RESPONSE_OPTIONS = { removeAdditional: 'all' };
// Omitted parameters get the defaults of the contract.
const REQUEST_OPTIONS = { useDefaults: true };

/** The schemas by name, with names as references. */
const schemasOf = (document) =>
  JSON.parse(JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', ''));

/** The same, with the query of a list as a schema, and with int32 replaced by its bounds. */
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
    // Emits a schema that is used twice only once.
    inlineRefs: false,
    messages: false,
    unicodeRegExp: false,
    // Lengths in UTF-16 units: counting characters needs run-time code, and makes no difference for minLength 1. Without
    // a logger, since the option is deprecated and Ajv prints so; problems of a schema are errors all the same.
    unicode: false,
    logger: false,
    strictTypes: true,
    strictTuples: true,
    // Explicit, so that a format that needs run-time code fails here.
    formats: { int32: true, password: true },
    ...options,
  });
  ajv.addKeyword({ keyword: 'x-extensible-enum' });
  for (const name of names) ajv.addSchema(schemas[name], name);
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  if (/\brequire\(|\bimport\b/.test(code)) throw new Error('A validator needs ajv at run time; simplify its schema');
  return `// ${NOTE}\n${lean(code)}`;
}

/** Removes unused parts of the code: schemas as constants, the failed keyword in errors, and where a value stands. */
function lean(code) {
  return code
    .replace(/^const (schema\d+) = .*;\n?/gm, (line, name) =>
      code.split(new RegExp(`\\b${name}\\b`)).length > 2 ? line : '',
    )
    .replace(/,schemaPath:"[^"]*",keyword:"\w+"/g, '')
    .replaceAll(', parentData, parentDataProperty, rootData=data', '')
    .replace(/,parentData:\w+,parentDataProperty:\w+,rootData(?=\})/g, '');
}

function validatorTypes() {
  const lines = RESPONSES.map((name) => `export declare const ${name}: Validator<schema.${name}>;`);
  return `// ${NOTE}
import type * as schema from './schema.js';

/**
 * Checks a value against the contract, and removes undeclared properties from it. After a \`false\`, \`errors\` holds
 * the first problem.
 */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: null | { instancePath: string; params: Record<string, unknown> }[];
}
${lines.join('\n')}
/** Matches the error types that the contract lists. */
export declare const KNOWN_ERROR_TYPE: RegExp;
`;
}

function requestValidatorTypes() {
  return `// ${NOTE}
import type * as schema from './schema.js';
import type { Validator } from './validators.js';

type Query = NonNullable<schema.operations['listSecrets']['parameters']['query']>;

export declare const NewSecret: Validator<schema.NewSecret>;
export declare const SecretUpdate: Validator<schema.SecretUpdate>;
/** Fills in the defaults. */
export declare const ListQuery: Validator<{ [name in keyof Query]-?: NonNullable<Query[name]> }>;
`;
}

const errorTypeNames = (document) => document.components.schemas.ErrorBody.properties.type['x-extensible-enum'];

/** Each prefix once: the list is a part of every bundle. */
function knownErrorTypes(document) {
  const names = errorTypeNames(document);
  const prefix = 'INTEGRATION_';
  const rest = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const others = names.filter((name) => !name.startsWith(prefix));
  return `export const KNOWN_ERROR_TYPE = /^(?:${[...others, `${prefix}(?:${rest.join('|')})`].join('|')})$/;\n`;
}

function errorTypes(document) {
  const names = errorTypeNames(document);
  return `// ${NOTE}\n\n/** The error types that the contract lists. */
export type KnownErrorType =\n${names.map((name) => `  | '${name}'`).join('\n')};\n`;
}
