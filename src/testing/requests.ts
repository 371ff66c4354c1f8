/** Reads a request as the contract has it: which operation, with what; or says what is wrong with it. */
import * as valid from '../../generated/request-validators.js';
import type { NewSecret, SecretUpdate } from '../../generated/schema.js';
import type { Validator } from '../../generated/validators.js';
import type { FakeOperation } from './faults.js';

/** A request as it arrives. */
export interface Asked {
  readonly method: string;
  /** The path with its query, as it stands in the request. */
  readonly target: string;
  header(name: string): string | null | undefined;
  /** The body; undefined for one of more than {@link MAX_BODY_BYTES}. */
  readonly body: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** "Request bodies up to 2 MB", says the vendor. */
export const MAX_BODY_BYTES = 2_000_000;

/** What is wrong with a request, for people. */
export class Wrong {
  readonly status: number;
  readonly message: string;
  /** The methods that a path has, where it has not this one. */
  readonly allow: string | undefined;

  constructor(status: number, message: string, allow?: string) {
    this.status = status;
    this.message = message;
    this.allow = allow;
  }
}

/** A request as the contract has it, or what is wrong with it. */
export type Read = { readonly path: string } & (
  | { readonly operation: 'list'; readonly given: Page }
  | { readonly operation: 'create'; readonly given: NewSecret }
  | { readonly operation: 'update'; readonly tagOrId: string; readonly given: SecretUpdate }
  | { readonly operation: 'get' | 'delete'; readonly tagOrId: string }
  | { readonly operation: FakeOperation; readonly tagOrId?: string; readonly wrong: Wrong }
);
type Page = { page: number; pageSize: number };

const METHODS = { all: ['GET', 'HEAD', 'POST'], one: ['GET', 'HEAD', 'PUT', 'DELETE'] };

/** Wrong with status 404 or 405 where the contract has no such path or method. */
export function readRequest(asked: Asked): Read | Wrong {
  // Not by URL: it takes `//host/path` for another host, and `%2e%2e` for a way up.
  const [, path = '', search = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/.exec(asked.target) ?? [];
  let parts: string[];
  try {
    parts = path.split('/').map(decodeURIComponent);
  } catch {
    return new Wrong(400, 'The path is not percent-encoded as it should be');
  }
  const [root, api, version, secrets, tagOrId, ...more] = parts;
  const isThere = root === '' && api === 'api' && version === 'v1' && secrets === 'secrets';
  if (!isThere || tagOrId === '' || more.length > 0) return new Wrong(404, 'There is no such path');
  const methods = tagOrId === undefined ? METHODS.all : METHODS.one;
  const { method } = asked;
  if (!methods.includes(method)) {
    const allow = [...methods, 'OPTIONS'].join(', ');
    return new Wrong(405, `Use one of ${allow}`, allow);
  }
  if (tagOrId === undefined) {
    if (method === 'POST') return { operation: 'create', path, ...orWrong(jsonBody(asked, valid.NewSecret)) };
    return { operation: 'list', path, ...orWrong(listQuery(new URLSearchParams(search))) };
  }
  if (method === 'PUT') return { operation: 'update', path, tagOrId, ...orWrong(jsonBody(asked, valid.SecretUpdate)) };
  return { operation: method === 'DELETE' ? 'delete' : 'get', path, tagOrId };
}

const orWrong = <T>(given: T | Wrong) => (given instanceof Wrong ? { wrong: given } : { given });

/** The query of a list, with its defaults. */
function listQuery(query: URLSearchParams): Page | Wrong {
  const given: Record<string, unknown> = {};
  for (const [name, text] of query) {
    if (name !== 'page' && name !== 'pageSize') continue; // as servers do with names that they don't know
    if (name in given) return new Wrong(400, `${name} is given twice`);
    given[name] = /^[+-]?\d+$/.test(text) ? Number(text) : text;
  }
  return checked(valid.ListQuery, given);
}

function jsonBody<T>(asked: Asked, validate: Validator<T>): T | Wrong {
  const { body } = asked;
  if (body === undefined) return new Wrong(413, 'The body has more than 2 MB');
  if (body === '') return new Wrong(400, 'The body is missing');
  if (!/^application\/json *(;|$)/i.test(asked.header('content-type') ?? ''))
    return new Wrong(415, 'Content-Type must be application/json');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return new Wrong(400, 'The body is not JSON');
  }
  return checked(validate, value);
}

/** No message quotes a value. */
function checked<T>(validate: Validator<T>, value: unknown): T | Wrong {
  if (validate(value)) return value;
  const { instancePath = '', params = {} } = validate.errors?.[0] ?? {};
  const { missingProperty, additionalProperty, type, pattern, comparison, limit } = params;
  const field = instancePath.slice(1) || 'The body';
  const says = missingProperty
    ? `${missingProperty} is missing`
    : additionalProperty !== undefined
      ? `There is no field ${JSON.stringify(additionalProperty)}`
      : type
        ? `${field} must be of type ${type}`
        : pattern
          ? `${field} must match ${pattern}`
          : comparison
            ? `${field} must be ${comparison} ${limit}`
            : `${field} must have at least ${limit} ${instancePath ? 'character' : 'field'}`;
  return new Wrong(400, says);
}
