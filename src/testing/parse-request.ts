/** Parses a request by the contract: the operation and its input, or the problem with the request. */
import * as valid from '../../generated/request-validators.js';
import type { NewSecret, SecretUpdate } from '../../generated/schema.js';
import type { Validator } from '../../generated/validators.js';
import { hasLoneSurrogate } from '../util/well-formed.js';
import { problemOfHeaders } from './body.js';
import type { FakeOperation } from './faults.js';
import { RequestProblem } from './request-problem.js';

/** A request as it arrives, from the fake `fetch` or from a socket. */
export interface FakeHttpRequest {
  readonly method: string;
  /** The request target (RFC 9112, section 3.2): the path with its query. */
  readonly target: string;
  header(name: string): string | null | undefined;
  /** The text of the body, or the problem with its bytes. */
  readonly body: string | RequestProblem;
  readonly signal?: AbortSignal | undefined;
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

interface ParsedTarget {
  readonly path: string;
  readonly search: string;
  /** Undefined in the path of the list. */
  readonly tagOrId: string | undefined;
}

/** Returns a RequestProblem if the contract doesn't have this path. */
export function parseTarget(target: string): ParsedTarget | RequestProblem {
  // Not by URL, which parses `//host/path` as another host and resolves `%2e%2e`.
  const [, path = '', search = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/.exec(target) ?? [];
  let segments: string[];
  try {
    segments = path.split('/').map(decodeURIComponent);
  } catch {
    return new RequestProblem(400, 'Not a valid tag or id'); // invalid percent-encoding
  }
  const [root, api, version, secrets, tagOrId, ...more] = segments;
  const isKnown = root === '' && api === 'api' && version === 'v1' && secrets === 'secrets';
  if (!isKnown || tagOrId === '' || more.length > 0) return new RequestProblem(404, 'Unknown path');
  return { path, search, tagOrId };
}

/** Returns a RequestProblem if no operation of the contract has this path and method. */
export function parseRequest(request: FakeHttpRequest, allowEmptyValues: boolean): ParsedRequest | RequestProblem {
  const target = parseTarget(request.target);
  if (target instanceof RequestProblem) return target;
  const { path, search, tagOrId } = target;
  const methods = tagOrId === undefined ? METHODS.collection : METHODS.item;
  const { method } = request;
  if (!methods.includes(method)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    return new RequestProblem(405, `Method not allowed; use one of ${allow}`, { allow });
  }
  if (tagOrId === undefined) {
    if (method === 'POST') {
      const input = parseBody(request, valid.NewSecret, allowEmptyValues);
      return { operation: 'create', path, ...inputOrProblem(input) };
    }
    return { operation: 'list', path, ...inputOrProblem(parseQuery(new URLSearchParams(search))) };
  }
  if (method === 'PUT') {
    const input = parseBody(request, valid.SecretUpdate, allowEmptyValues);
    return { operation: 'update', path, tagOrId, ...inputOrProblem(input) };
  }
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

function parseBody<T extends SecretUpdate>(
  { body, header }: FakeHttpRequest,
  validate: Validator<T>,
  allowEmptyValues: boolean,
): T | RequestProblem {
  if (body === '') return new RequestProblem(400, 'The body is missing');
  const problem = problemOfHeaders(header);
  if (problem) return problem;
  if (body instanceof RequestProblem) return body;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return new RequestProblem(400, 'The body is not JSON');
  }
  const isEmptyValue = allowEmptyValues && (value as SecretUpdate | null)?.secret === '';
  // The contract's assumption `minLength: 1` is its only rule for a value: any other one passes.
  const input = validated(validate, isEmptyValue ? { ...(value as SecretUpdate), secret: 'not empty' } : value);
  if (input instanceof RequestProblem) return input;
  // JSON has escapes for what UTF-8 can't encode, and serializers use them for text that was decoded wrongly.
  for (const [name, text] of Object.entries(input as Record<string, string>))
    if (hasLoneSurrogate(text)) return new RequestProblem(400, `${name} must not contain a lone surrogate`);
  return isEmptyValue ? { ...input, secret: '' } : input;
}

/** Their messages name both bounds, as the contract's examples do; the validator reports one. */
const RANGES: Record<string, string> = { page: 'between 0 and 2147483647', pageSize: 'between 1 and 1000' };

/** No message quotes a value. */
function validated<T>(validate: Validator<T>, value: unknown): T | RequestProblem {
  if (validate(value)) return value;
  const { instancePath = '', params = {} } = validate.errors?.[0] ?? {};
  const { missingProperty, additionalProperty, type, pattern, comparison, limit } = params;
  const field = instancePath.slice(1) || 'The body';
  const message = missingProperty
    ? `${missingProperty} must not be null`
    : additionalProperty !== undefined
      ? `Unknown field ${JSON.stringify(additionalProperty)}`
      : type
        ? `${field} must be of type ${type}`
        : pattern
          ? `${field} must match ${pattern}`
          : comparison
            ? `${field} must be ${RANGES[field] ?? `${comparison} ${limit}`}`
            : instancePath
              ? `${field} must not be empty`
              : 'Give a name or a secret';
  return new RequestProblem(400, message);
}
