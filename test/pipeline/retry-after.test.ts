import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/pipeline/retry-after.js';

const date = 'Sun, 06 Nov 2033 08:49:37 GMT';
const read = (value: string | null, now: string | null = date) =>
  retryAfterMs({ get: (name) => (name === 'retry-after' ? value : now) });

describe('is read', () => {
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
    // In the past: at once.
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    // A leap second, and a leap day.
    ['Sun, 06 Nov 2033 08:49:60 GMT', 23_000],
    ['Tue, 29 Feb 2028 00:00:00 GMT', 0],
  ])('%j: %i ms', (value, ms) => {
    expect(read(value)).toBe(ms);
  });
});

describe('is ignored', () => {
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
    ['06 Nov 2033'],
    ['2033'.padStart(6, 'x')],
  ])('%j', (value) => {
    expect(read(value)).toBeUndefined();
  });
});

test('a date is read against the answer’s own Date, not against this machine’s clock', () => {
  expect(read('Sun, 06 Nov 1994 08:50:07 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(30_000);
});

test('without a Date it is read against this machine’s clock', () => {
  const soon = new Date(Date.now() + 90_000).toUTCString();
  for (const now of [null, 'yesterday']) {
    const ms = read(soon, now);
    expect(ms).toBeGreaterThan(80_000);
    expect(ms).toBeLessThanOrEqual(90_000);
  }
});

test('a year of two digits lies in the past if it would lie more than 50 years ahead', () => {
  const year = (new Date().getUTCFullYear() + 51) % 100;
  const past = `Sunday, 06-Nov-${String(year).padStart(2, '0')} 08:49:37 GMT`;
  expect(read(past, null)).toBe(0);
});
