/** A mutation whose text is not found, or found twice, tests nothing. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { placesOf } from '../scripts/lib/checks/mutate.js';
import { contractMutations } from './contract-mutations.js';
import { mutations } from './mutations.js';

const root = fileURLToPath(new URL('..', import.meta.url));

test('each mutation has a name of its own, and its text stands once', () => {
  const all = [...mutations, ...contractMutations];
  const names = all.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(all.filter((mutation) => placesOf(root, mutation).length !== 1)).toEqual([]);
});
