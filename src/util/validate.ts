/** Validates the input of users, for the options, the methods and the in-memory Cortex. */

/**
 * Rejects keys that are not in `names`: a misspelt option must not be ignored.
 *
 * @throws TypeError
 */
export function assertKnownKeys(what: string, given: unknown, names: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${what}: expected an object with ${names.join(', ')}`);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`${what}: unknown option ${JSON.stringify(unknown)}; expected one of ${names.join(', ')}`);
}
