/** What one reading of a list shows. test/pagination.test.ts tests what listAll makes of it. */
import { expect, test } from 'vitest';
import { Pass } from '../src/list-pass.js';

/** A pass over pages, each with its total and its ids. */
function passOf(pages: [total: number, ids: string][], idsExpected = 0): Pass {
  const pass = new Pass(idsExpected);
  for (const [page, [total, ids]] of pages.entries()) {
    const secrets = [...ids].map((id) => ({ id, tag: id }));
    pass.add({ page, total, totalPages: pages.length, secrets });
  }
  return pass;
}

test('a pass is not over before its first page', () => {
  expect(new Pass().isOver).toBe(false);
  expect(new Pass(5).isOver).toBe(false);
});

test('one page proves a list only if it has as many secrets as it announces', () => {
  expect(passOf([[2, 'ab']]).isProven).toBe(true);
  expect(passOf([[2, 'a']]).isProven).toBe(false);
});

test('passes are equal if their pages are, not if one has what the other has and more', () => {
  const pass = passOf([[3, 'ab']]);
  expect(pass.equals(passOf([[3, 'ab']]))).toBe(true);
  for (const other of ['abc', 'a', 'ba']) {
    expect(pass.equals(passOf([[3, other]])), other).toBe(false);
    expect(passOf([[3, other]]).equals(pass), other).toBe(false);
  }
});

test('what an earlier pass announced is expected no longer once a pass has ended without it', () => {
  expect(passOf([[3, 'abc']], 3).announced).toBe(3);
  expect(passOf([[3, 'abc']], 5).announced).toBe(0);
  expect(passOf([[4, 'abc']], 3).announced).toBe(4);
});

test('an id that comes twice is not two secrets', () => {
  const pages: [number, string][] = [
    [2, 'a'],
    [2, 'a'],
  ];
  expect(passOf(pages).problem()).toEqual([
    'is 2, but the pages have 1 secrets: 1 are missing. Call listAll again when others create and delete less',
    '/total',
  ]);
  expect(
    passOf([
      [2, 'a'],
      [2, 'b'],
    ]).problem(),
  ).toBeUndefined();
});
