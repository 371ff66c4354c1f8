/** Parses a request by the contract: the operation and its input, or the problem with the request. */
import * as valid from '../../generated/request-validators.js';
import type { NewSecret, SecretUpdate } from '../../generated/schema.js';
import type { Validator } from '../../generated/validators.js';
import type { FakeOperation } from './faults.js';

/** A request as it arrives, from the fake `fetch` or from a socket. */
export interface FakeHttpRequest {
  readonly method: string;
  /** The request target (RFC 9112, section 3.2): the path with its query. */
  readonly target: string;
  header(name: string): string | null | undefined;
  /** Undefined if the body is larger than {@link MAX_BODY_BYTES}. */
  readonly body: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The vendor documents "request bodies up to 2 MB". */
export const MAX_BODY_BYTES = 2_000_000;

/** Why a request is not one of the contract. */
export class RequestProblem {
  readonly status: number;
  readonly message: string;
  /** The `Allow` header, if the path exists but doesn't have the method. */
  readonly allow: string | undefined;

  constructor(status: number, message: string, allow?: string) {
    this.status = status;
    this.message = message;
    this.allow = allow;
  }
}

/** An operation with its input, or with the problem of its input. */
export type ParsedRequest = { readonly path: string } & (
  | { readonly operation: 'list'; readonly input: PageQuery }
  | { readonly operation: 'create'; readonly input: NewSecret }
  | { readonly operation: 'update'; readonly tagOrId: string; readonly input: SecretUpdate }
  | { readonly operation: 'get' | 'delete'; readonly tagOrId: string }
  | { readonly operation: FakeOperation; readonly tagOrId?: string; readonly problem: RequestProblem }
);
type PageQuery = { page: number; pageSize: number };

const METHODS = { collection: ['GET', 'HEAD', 'POST'], item: ['GET', 'HEAD', 'PUT', 'DELETE'] };

/** Returns a RequestProblem if no operation of the contract has this path and method. */
export function parseRequest(request: FakeHttpRequest): ParsedRequest | RequestProblem {
  // Not by URL, which parses `//host/path` as another host and resolves `%2e%2e`.
  const [, path = '', search = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/.exec(request.target) ?? [];
  let segments: string[];
  try {
    segments = path.split('/').map(decodeURIComponent);
  } catch {
    return new RequestProblem(400, 'The path has invalid percent-encoding');
  }
  const [root, api, version, secrets, tagOrId, ...more] = segments;
  const isKnown = root === '' && api === 'api' && version === 'v1' && secrets === 'secrets';
  if (!isKnown || tagOrId === '' || more.length > 0) return new RequestProblem(404, 'Unknown path');
  const methods = tagOrId === undefined ? METHODS.collection : METHODS.item;
  const { method } = request;
  if (!methods.includes(method)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    return new RequestProblem(405, `Method not allowed; use one of ${allow}`, allow);
  }
  if (tagOrId === undefined) {
    if (method === 'POST') return { operation: 'create', path, ...inputOrProblem(parseBody(request, valid.NewSecret)) };
    return { operation: 'list', path, ...inputOrProblem(parseQuery(new URLSearchParams(search))) };
  }
  if (method === 'PUT')
    return { operation: 'update', path, tagOrId, ...inputOrProblem(parseBody(request, valid.SecretUpdate)) };
  return { operation: method === 'DELETE' ? 'delete' : 'get', path, tagOrId };
}

const inputOrProblem = <T>(input: T | RequestProblem) =>
  input instanceof RequestProblem ? { problem: input } : { input };

/** The query of a list; the validator fills in the defaults. */
function parseQuery(query: URLSearchParams): PageQuery | RequestProblem {
  const input: Record<string, unknown> = {};
  for (const [name, text] of query) {
    if (name !== 'page' && name !== 'pageSize') continue; // servers ignore unknown parameters
    if (name in input) return new RequestProblem(400, `${name} is given more than once`);
    input[name] = /^[+-]?\d+$/.test(text) ? Number(text) : text;
  }
  return validated(valid.ListQuery, input);
}

function parseBody<T>(request: FakeHttpRequest, validate: Validator<T>): T | RequestProblem {
  const { body } = request;
  if (body === undefined) return new RequestProblem(413, 'The body is larger than 2 MB');
  if (body === '') return new RequestProblem(400, 'The body is missing');
  if (!/^application\/json *(;|$)/i.test(request.header('content-type') ?? ''))
    return new RequestProblem(415, 'Content-Type must be application/json');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return new RequestProblem(400, 'The body is not JSON');
  }
  return validated(validate, value);
}

/** No message quotes a value. */
function validated<T>(validate: Validator<T>, value: unknown): T | RequestProblem {
  if (validate(value)) return value;
  const { instancePath = '', params = {} } = validate.errors?.[0] ?? {};
  const { missingProperty, additionalProperty, type, pattern, comparison, limit } = params;
  const field = instancePath.slice(1) || 'The body';
  const message = missingProperty
    ? `${missingProperty} is missing`
    : additionalProperty !== undefined
      ? `Unknown field ${JSON.stringify(additionalProperty)}`
      : type
        ? `${field} must be of type ${type}`
        : pattern
          ? `${field} must match ${pattern}`
          : comparison
            ? `${field} must be ${comparison} ${limit}`
            : `${field} must have at least ${limit} ${instancePath ? 'character' : 'field'}`;
  return new RequestProblem(400, message);
}
