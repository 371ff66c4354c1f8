/** Fills in the path of a request, and guards it: what a user gives must stay one segment below the API's path. */

/** `value` as one segment of a path. */
function segment(name: string, value: unknown): string {
  // WHATWG URLs take "." and ".." away, so that a DELETE would reach the collection.
  if (typeof value === 'string' && value !== '' && value !== '.' && value !== '..') {
    try {
      return encodeURIComponent(value);
    } catch {
      // A lone surrogate: no UTF-8 stands for it.
    }
  }
  throw new TypeError(`${name}: give a tag or an id, a well-formed text that is not empty, "." or ".."`);
}

/** The `pathSerializer` of openapi-fetch, so that the guard stands before `secrets.api` too. */
export function fillPath(path: string, values: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, values[name]));
}
