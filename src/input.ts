/** Rejects, before anything is sent, what the types forbid. No message quotes a value. */
import type { WriteOptions } from './options.js';
import { assertKnownKeys } from './util/validate.js';
import { hasLoneSurrogate } from './util/well-formed.js';

const EMPTY_VALUE =
  'secret is empty, and nothing was sent; to store it, pass { allowEmptyValue: true } as the last argument';

/** The rule is an assumption: the vendor's pages disagree. */
const WRONG_TAG =
  'tag may have letters, digits, "-" and "_" only, and nothing was sent. This rule is an assumption: update takes other tags, and api.POST creates them';

/**
 * The fields of `given` that the contract names; rejects others, values that are not strings, and an empty value unless
 * `options` allow it.
 *
 * @throws TypeError
 */
export function checkInput<Name extends string, All extends boolean>(
  operation: string,
  given: { [name in Name]?: unknown },
  names: readonly Name[],
  all: All,
  options: WriteOptions | undefined,
): All extends true ? Record<Name, string> : Partial<Record<Name, string>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${operation}: expected an object with ${names.join(', ')}`);
  // The name of an unknown field is not quoted: a value may stand in the wrong place.
  if (Object.keys(given).some((name) => !names.includes(name as Name)))
    throw new TypeError(`${operation}: unknown field; expected ${all ? '' : 'one of '}${names.join(', ')}`);
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = given[name];
    if (name === 'secret' && value === '' && options?.allowEmptyValue !== true)
      throw new TypeError(`${operation}: ${EMPTY_VALUE}`);
    // JSON escapes half of a surrogate pair, and a server may store another character in its place.
    if (typeof value === 'string' && hasLoneSurrogate(value))
      throw new TypeError(`${operation}: ${name} must be well-formed Unicode`);
    if (typeof value === 'string') fields[name] = value;
    else if (all || value !== undefined) throw new TypeError(`${operation}: ${name} must be a string`);
  }
  if (Object.keys(fields).length === 0) throw new TypeError(`${operation}: expected ${names.join(' or ')}, or both`);
  return fields as never;
}

/** The contract's rule for the tag of a new secret; a tag that exists may be any string. */
export const isNewTag = (tag: string): boolean => /^[A-Za-z0-9_-]+$/.test(tag);

/**
 * Rejects a tag that the contract forbids for a new secret.
 *
 * @throws TypeError
 */
export function checkNewTag(operation: string, tag: unknown): void {
  if (typeof tag === 'string' && isNewTag(tag)) return;
  throw new TypeError(`${operation}: ${typeof tag === 'string' ? WRONG_TAG : 'tag must be a string'}`);
}

/**
 * The query of a page with its defaults, which are always sent: the vendor's pages disagree on whether they are optional.
 *
 * @throws RangeError
 */
export function checkPage(query: { page?: number | undefined; pageSize?: number | undefined }) {
  assertKnownKeys('secrets.list', query, ['page', 'pageSize']);
  const { page = 0, pageSize = 250 } = query;
  if (!(Number.isInteger(page) && page >= 0 && page < 2 ** 31))
    throw new RangeError('secrets.list: page must be an integer from 0 to 2147483647');
  if (!(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 1000))
    throw new RangeError('secrets.list: pageSize must be an integer from 1 to 1000');
  return { page, pageSize };
}
