/** Parsing of Retry-After. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { retryAfterMs } from '../../src/pipeline/retry-after.js';

const date = 'Sun, 06 Nov 2033 08:49:37 GMT';
/** Half a minute after `date`: a result by this clock differs from one by the Date header. */
const localTime = new Date('2033-11-06T08:50:07Z');

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: localTime }));
afterEach(() => void vi.useRealTimers());

/** The delay by a Retry-After and a Date header. */
const parse = (value: string | null, now: string | null = date) =>
  retryAfterMs({
    get: (name) =>
      new Map([
        ['retry-after', value],
        ['date', now],
      ]).get(name) ?? null,
  });

describe('a number of seconds, or an HTTP date (RFC 9110, section 10.2.3)', () => {
  test.each([
    ['0', 0],
    ['1', 1000],
    ['120', 120_000],
    ['007', 7000],
    ['  3 ', 3000],
    ['2147484', 2_147_484_000],
    ['Sun, 06 Nov 2033 08:49:47 GMT', 10_000],
    ['Sunday, 06-Nov-33 08:50:37 GMT', 60_000],
    ['Sun Nov  6 09:49:37 2033', 3_600_000],
    ['Wed Nov 16 08:49:37 2033', 864_000_000],
    // In the past.
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    // A leap second, and a leap day.
    ['Sun, 06 Nov 2033 08:49:60 GMT', 23_000],
    ['Tue, 29 Feb 2028 00:00:00 GMT', 0],
  ])('%j: %i ms', (value, ms) => {
    expect(parse(value)).toBe(ms);
  });
});

describe('anything else is ignored', () => {
  test.each([
    [null],
    [''],
    [' '],
    ['-5'],
    ['+5'],
    ['1e3'],
    ['0x10'],
    ['1.5'],
    ['0.5'],
    ['5s'],
    ['soon'],
    ['1, 2'],
    ['1;2'],
    ['Infinity'],
    ['NaN'],
    ['2030'.concat('-01-01')],
    ['2030-01-01T00:00:00Z'],
    ['Fri, 31 Feb 2034 08:49:37 GMT'],
    ['Fri, 00 Jan 2034 08:49:37 GMT'],
    ['Tue, 29 Feb 2033 00:00:00 GMT'],
    ['Sun, 06 Foo 2033 08:49:37 GMT'],
    ['Sun, 06 anF 2033 08:49:37 GMT'],
    ['Sun, 6 Nov 2033 08:49:37 GMT'],
    ['Sun, 06 Nov 2033 24:49:37 GMT'],
    ['Sun, 06 Nov 2033 08:60:37 GMT'],
    ['Sun, 06 Nov 2033 08:49:61 GMT'],
    ['Sun, 06 Nov 2033 08:49:37'],
    ['Sun, 06 Nov 2033 08:49:37 +0100'],
    ['Sun, 06 Nov 2033 08:49:37 UTC'],
    ['sun, 06 nov 2033 08:49:37 gmt'],
    ['Sun, 06 Nov 2033 08:49:37 GMT, 5'],
    // A date within other text, in each of the three forms.
    ['xSun, 06 Nov 2033 08:49:37 GMT'],
    ['xSunday, 06-Nov-33 08:49:37 GMT'],
    ['Sunday, 06-Nov-33 08:49:37 GMTx'],
    ['xSun Nov  6 09:49:37 2033'],
    ['Sun Nov  6 09:49:37 20335'],
    ['1 Sun, 06 Nov 2033 08:49:37 GMT'],
    ['06 Nov 2033'],
    ['2033'.padStart(6, 'x')],
  ])('%j', (value) => {
    expect(parse(value)).toBeUndefined();
  });
});

test('a date is relative to the Date header, not to the local clock', () => {
  expect(parse('Sun, 06 Nov 1994 08:50:07 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(30_000);
});

test('without a valid Date header a date is relative to the local clock', () => {
  const soon = new Date(localTime.getTime() + 90_000).toUTCString();
  for (const now of [null, 'yesterday']) expect(parse(soon, now)).toBe(90_000);
});

test('a year of two digits that would be more than 50 years ahead is in the past (RFC 9110, section 5.6.7)', () => {
  const year = (localTime.getUTCFullYear() + 51) % 100;
  const past = `Sunday, 06-Nov-${String(year).padStart(2, '0')} 08:49:37 GMT`;
  expect(parse(past, null)).toBe(0);
});

test('a year of two digits that is 50 years ahead is in the future', () => {
  const year = String((localTime.getUTCFullYear() + 50) % 100).padStart(2, '0');
  expect(parse(`Saturday, 06-Nov-${year} 08:49:37 GMT`, null)).toBeGreaterThan(0);
});
