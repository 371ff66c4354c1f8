/**
 * Validates a response by the contract, more strictly than a validating proxy: it may have no undeclared property, header
 * or body. Uses Ajv with JSON Schema 2020-12, as OpenAPI 3.1 requires.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { operations } from './document.js';

export interface Judged {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Headers that HTTP itself adds. */
const HTTP_HEADERS = /^(content-type|content-length|date|connection|keep-alive|transfer-encoding)$/;

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const compiled = new Map<object, ValidateFunction>();

/** Adds `additionalProperties: false` to every object of a schema. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy ? { additionalProperties: false, ...copy } : copy;
}

function problemsOf(schema: object, value: unknown, where: string): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(closed(schema) as object);
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${where}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Returns the problems of a response to an operation; none if it is valid. */
export function judge(operationId: string, { status, headers, body }: Judged): string[] {
  const operation = operations.get(operationId);
  if (!operation) return [`unknown operation ${operationId}`];
  const declared = operation.responses[status] ?? operation.responses.default;
  if (!declared) return [`${status} is not declared`];
  const problems: string[] = [];
  const names = Object.keys(declared.headers ?? {});
  for (const name of Object.keys(headers)) {
    const isDeclared = names.some((one) => one.toLowerCase() === name);
    if (!isDeclared && !HTTP_HEADERS.test(name)) problems.push(`the header ${name} is not declared`);
  }
  for (const [name, { required, schema }] of Object.entries(declared.headers ?? {})) {
    const text = headers[name.toLowerCase()];
    if (text === undefined && required) problems.push(`the header ${name} is missing`);
    const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
    if (value !== undefined) problems.push(...problemsOf(schema, value, name));
  }
  const content = declared.content?.['application/json'];
  if (!content) return body === '' ? problems : [...problems, 'the response has a body, and none is declared'];
  if (!headers['content-type']?.startsWith('application/json')) problems.push('the body is not declared as JSON');
  try {
    return [...problems, ...problemsOf(content.schema, JSON.parse(body), 'the body')];
  } catch {
    return [...problems, 'the body is not JSON'];
  }
}
