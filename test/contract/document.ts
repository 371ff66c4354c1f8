/** The parts of the bundled contract that the tests read. */
import { readFileSync } from 'node:fs';

export interface Example {
  summary: string;
  value: unknown;
}
interface Content {
  content?: { 'application/json': { schema: object; examples: Record<string, Example> } };
}
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; examples: Record<string, Example> }[];
  requestBody?: Required<Content>;
  responses: Record<string, Content & { headers?: Record<string, { required?: boolean; schema: object }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}

const document: unknown = JSON.parse(readFileSync(new URL('../../generated/openapi.json', import.meta.url), 'utf8'));

/** Replaces every reference in `node` with its target. */
function resolved(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(resolved);
  if (typeof node !== 'object' || node === null) return node;
  const { $ref } = node as { $ref?: string };
  if (typeof $ref === 'string') {
    const keys = $ref.slice(2).split('/');
    return resolved(keys.reduce((at, key) => (at as Record<string, unknown>)[key], document));
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolved(value)]));
}

const METHODS = ['get', 'post', 'put', 'delete'];

/** The operations by their ids. */
export const operations: Map<string, Operation> = new Map(
  Object.values((resolved(document) as Document).paths).flatMap((item) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([, operation]) => [operation.operationId, operation] as const),
  ),
);

/** The request of a named example: its parameters by name, and its body. */
export function requestOf(operation: string, example: string): { parameters: Record<string, unknown>; body?: unknown } {
  const { parameters = [], requestBody } = operations.get(operation) ?? {};
  const given = parameters.flatMap(({ name, examples }) =>
    examples[example] ? [[name, examples[example].value]] : [],
  );
  const body = examplesOf(requestBody).find(([name]) => name === example)?.[1].value;
  return { parameters: Object.fromEntries(given), ...(body !== undefined && { body }) };
}

/** The named examples of a response or a request; none if it has no body. */
export const examplesOf = (holder: Content | undefined): [string, Example][] =>
  Object.entries(holder?.content?.['application/json'].examples ?? {});
