/** Checks of what users give. No message quotes a key or a value. */
import { MAX_TIMER_MS } from './abort.js';

/**
 * Rejects keys that are not in `names`: a misspelt option must not be ignored.
 *
 * @throws TypeError
 */
export function assertKnownKeys(what: string, given: unknown, names: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${what}: expected an object with ${names.join(', ')}`);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  // A longer name, or one with other characters, may be a value in the wrong place.
  const quoted = /^[A-Za-z]{1,24}$/.test(unknown) ? ` "${unknown}"` : '';
  throw new TypeError(`${what}: unknown option${quoted}; expected one of ${names.join(', ')}`);
}

/**
 * @throws RangeError unless `value` is a number of milliseconds from `min` on, or Infinity
 */
export function assertMilliseconds(name: string, value: unknown, min: number): void {
  if (typeof value === 'number' && value >= min && (value <= MAX_TIMER_MS || value === Number.POSITIVE_INFINITY))
    return;
  throw new RangeError(`${name}: must be a number of milliseconds from ${min} to ${MAX_TIMER_MS}, or Infinity`);
}

/**
 * @throws RangeError unless `value` is an integer from `min` on, or Infinity
 */
export function assertInteger(name: string, value: unknown, min: number): void {
  if (typeof value === 'number' && value >= min && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY))
    return;
  throw new RangeError(`${name}: must be an integer from ${min}, or Infinity`);
}

/**
 * Rejects what a header can't carry, without quoting it: `Headers` itself quotes what it rejects.
 *
 * @throws TypeError
 */
export function assertApiKey(key: unknown, source = 'apiKey'): asserts key is string {
  if (typeof key === 'string' && /^[!-~]+$/.test(key)) return;
  throw new TypeError(`${source}: must be a string of visible ASCII characters, without spaces and line breaks`);
}
