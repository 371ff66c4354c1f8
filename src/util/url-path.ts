/** Fills in the path of a request: each of the user's values must stay one segment of it. */

/** `value` as one segment of a path. */
function segment(name: string, value: unknown): string {
  // WHATWG URLs remove "." and "..", so that a DELETE would reach the collection.
  if (typeof value === 'string' && value !== '' && value !== '.' && value !== '..') {
    try {
      return encodeURIComponent(value);
    } catch {
      // A lone surrogate has no UTF-8.
    }
  }
  throw new TypeError(`${name}: must be a tag or an id, a well-formed string that is not empty, "." or ".."`);
}

/** The `pathSerializer` of openapi-fetch, so that paths of `secrets.api` are checked too. */
export function fillPath(path: string, values: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, values[name]));
}
