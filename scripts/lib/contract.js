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
    'validators.js': validators(document),
    'validators.d.ts': validatorTypes(),
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

function validators(document) {
  const ajv = new Ajv({
    code: { source: true, esm: true, lines: true, optimize: 2 },
    // A schema that is used twice is written once, and called.
    inlineRefs: false,
    messages: false,
    // What the contract doesn't name is taken out of an answer, so that no method can hand it on.
    removeAdditional: 'all',
    unicodeRegExp: false,
    // Its own list, so that a format that would need run-time code is refused here.
    formats: { int32: true },
  });
  ajv.addKeyword({ keyword: 'x-extensible-enum' });
  const schemas = JSON.parse(JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', ''));
  for (const name of ANSWERS) ajv.addSchema(schemas[name], name);
  const code = standalone.default(ajv, Object.fromEntries(ANSWERS.map((name) => [name, name])));
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

function errorTypes(document) {
  const names = document.components.schemas.Error.properties.type['x-extensible-enum'];
  return `// ${NOTE}\n\n/** The error types that the contract knows. */
export type KnownErrorType =\n${names.map((name) => `  | '${name}'`).join('\n')};\n`;
}
