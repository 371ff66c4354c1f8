/** A mutation whose text is not found, or found twice, tests nothing. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contractMutations } from './contract-mutations.js';
import { mutations } from './mutations.js';
import { promises } from './promises/promises.js';

const files = new Map<string, string>();
function textOf(file: string): string {
  const text = files.get(file) ?? readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  files.set(file, text);
  return text;
}

const all = [...mutations.map(({ file, ...mutation }) => ({ ...mutation, file: `src/${file}` })), ...contractMutations];

test.each(all)('$name: its text occurs once in $file, and is changed', ({ file, find, replace }) => {
  const occurrences = textOf(file).split(find).length - 1;
  expect(occurrences, find).toBe(1);
  expect(replace).not.toBe(find);
});

test.each(
  Object.entries(promises).flatMap(([topic, sentences]) => Object.entries(sentences).map((one) => [topic, ...one])),
)('%s: mutations break the promise "%s"', (_, __, names) => {
  expect(names.length).toBeGreaterThan(0);
  expect((names as string[]).filter((name) => !mutations.some((mutation) => mutation.name === name))).toEqual([]);
});

test('each mutation has a name of its own', () => {
  const names = all.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
