// What the examples use of node:assert/strict.
import { inspect } from './inspect.js';

class AssertionError extends Error {
  /** @override */
  name = 'AssertionError';
}

function check(holds, message) {
  if (!holds) throw message instanceof Error ? message : new AssertionError(message);
}

function isDeepEqual(one, other) {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (one instanceof Date) return one.getTime() === other.getTime();
  if (one instanceof Set || one instanceof Map) return isDeepEqual([...one], [...other]);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isDeepEqual(one[key], other[key]))
  );
}

function matches(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function')
    return expected.prototype === undefined ? expected(error) === true : error instanceof expected;
  return Object.keys(expected).every((key) =>
    expected[key] instanceof RegExp ? expected[key].test(error[key]) : isDeepEqual(error[key], expected[key]),
  );
}

const isExpected = (error, expected, message) =>
  check(matches(error, expected), message ?? `threw another error than expected: ${inspect(error)}`);

export const assert = Object.assign((value, message = `${inspect(value)} is not true`) => check(value, message), {
  AssertionError,
  ok: (value, message = `${inspect(value)} is not true`) => check(value, message),
  equal: (actual, expected, message = `${inspect(actual)} is not ${inspect(expected)}`) =>
    check(Object.is(actual, expected), message),
  notEqual: (actual, expected, message = `${inspect(actual)} is ${inspect(expected)}`) =>
    check(!Object.is(actual, expected), message),
  deepEqual: (actual, expected, message = `${inspect(actual)} is not ${inspect(expected)}`) =>
    check(isDeepEqual(actual, expected), message),
  match: (text, pattern, message = `${inspect(text)} does not match ${pattern}`) => check(pattern.test(text), message),
  fail: (message = 'failed') => check(false, message),
  throws(run, expected, message) {
    try {
      run();
    } catch (error) {
      return isExpected(error, expected, message);
    }
    check(false, 'threw no error');
  },
  async rejects(promise, expected, message) {
    let error;
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (reason) {
      error = reason ?? new Error('undefined');
    }
    check(error !== undefined, 'rejected with no error');
    isExpected(error, expected, message);
  },
});
