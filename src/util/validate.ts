/** Checks of what users give, shared by the options, the methods and the in-memory Cortex. */

/**
 * Refuses keys that are not in `names`: a misspelt option must not be ignored.
 *
 * @throws TypeError
 */
export function assertKnownKeys(what: string, given: unknown, names: readonly string[]): void {
  const odd = typeof given === 'object' && given && Object.keys(given).find((name) => !names.includes(name));
  if (odd !== undefined) {
    const problem = typeof odd === 'string' ? `there is no ${JSON.stringify(odd)}; it takes` : 'give an object with';
    throw new TypeError(`${what}: ${problem} ${names.join(', ')}`);
  }
}
