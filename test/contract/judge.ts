/**
 * Whether an answer is what the contract says, more strictly than a validating proxy sees it: no property, no header and
 * no body that is not declared. Ajv does it, by JSON Schema 2020-12 as OpenAPI 3.1 asks for.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { operations } from './document.js';

export interface Judged {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What HTTP itself adds. */
const PLUMBING = /^(content-type|content-length|date|connection|keep-alive|transfer-encoding)$/;

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const compiled = new Map<object, ValidateFunction>();

/** `schema` without room for properties that it doesn't name. */
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

/** What is wrong with an answer to an operation (by its operationId); an empty list for one that is right. */
export function judge(operationId: string, { status, headers, body }: Judged): string[] {
  const operation = operations.get(operationId);
  if (!operation) return [`there is no operation ${operationId}`];
  const declared = operation.responses[status] ?? operation.responses.default;
  if (!declared) return [`${status} is not declared`];
  const problems: string[] = [];
  const names = Object.keys(declared.headers ?? {});
  for (const name of Object.keys(headers)) {
    const isDeclared = names.some((one) => one.toLowerCase() === name);
    if (!isDeclared && !PLUMBING.test(name)) problems.push(`the header ${name} is not declared`);
  }
  for (const [name, { required, schema }] of Object.entries(declared.headers ?? {})) {
    const text = headers[name.toLowerCase()];
    if (text === undefined && required) problems.push(`the header ${name} is missing`);
    const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
    if (value !== undefined) problems.push(...problemsOf(schema, value, name));
  }
  const content = declared.content?.['application/json'];
  if (!content) return body === '' ? problems : [...problems, 'there is a body, and none is declared'];
  if (!headers['content-type']?.startsWith('application/json')) problems.push('the body is not declared as JSON');
  try {
    return [...problems, ...problemsOf(content.schema, JSON.parse(body), 'the body')];
  } catch {
    return [...problems, 'the body is not JSON'];
  }
}
