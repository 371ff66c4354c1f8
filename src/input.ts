/** Refuses, before anything is sent, what the types forbid. No message quotes a value. */
import { assertKnownKeys } from './util/validate.js';

/** `given` with the fields that the contract names; refuses others, and values that are no text. */
export function checkInput<Name extends string, All extends boolean>(
  operation: string,
  given: { [name in Name]?: unknown },
  names: readonly Name[],
  all: All,
): All extends true ? Record<Name, string> : Partial<Record<Name, string>> {
  assertKnownKeys(operation, given, names);
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = given[name];
    if (typeof value === 'string') fields[name] = value;
    else if (all || value !== undefined) throw new TypeError(`${operation}: ${name} must be a text (a string)`);
  }
  if (Object.keys(fields).length === 0) throw new TypeError(`${operation}: give ${names.join(' or ')}, or both`);
  return fields as never;
}

/** The query of a page with its defaults, which are always sent: the vendor's pages disagree on whether they may be left out. */
export function checkPage(query: { page?: number; pageSize?: number }): { page: number; pageSize: number } {
  assertKnownKeys('secrets.list', query, ['page', 'pageSize']);
  const { page = 0, pageSize = 250 } = query;
  if (!(Number.isInteger(page) && page >= 0 && page < 2 ** 31)) {
    throw new RangeError('secrets.list: page must be a whole number from 0 (to 2147483647)');
  }
  if (!(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 1000)) {
    throw new RangeError('secrets.list: pageSize must be a whole number from 1 to 1000');
  }
  return { page, pageSize };
}
