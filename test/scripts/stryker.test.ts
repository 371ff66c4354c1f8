/** The mutation scores that `node scripts/stryker/run.js` prints. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scores, tooLow } from '../../scripts/stryker/scores.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const mutants = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) });

test('counts timed-out mutants as caught, and uncovered ones as missed', () => {
  const files = { 'src/b.ts': mutants('Killed', 'Timeout', 'Survived', 'NoCoverage'), 'src/a.ts': mutants('Killed') };
  expect(scores({ files })).toEqual([
    {
      module: 'src/a.ts',
      score: '100.0 %',
      killed: 1,
      'timed out': 0,
      survived: 0,
      'not covered': 0,
      'not counted': 0,
    },
    { module: 'src/b.ts', score: '50.0 %', killed: 1, 'timed out': 1, survived: 1, 'not covered': 1, 'not counted': 0 },
    { module: 'all', score: '60.0 %', killed: 2, 'timed out': 1, survived: 1, 'not covered': 1, 'not counted': 0 },
  ]);
});

test('leaves mutants that did not run out of the score', () => {
  const [module] = scores({ files: { 'src/a.ts': mutants('Killed', 'CompileError', 'RuntimeError', 'Ignored') } });
  expect(module).toMatchObject({ score: '100.0 %', 'not counted': 3 });
});

test('a module with a score of under 92 % is too low; one without a score is not', () => {
  const caught = (killed: number) => mutants(...Array(killed).fill('Killed'), ...Array(100 - killed).fill('Survived'));
  const files = { 'src/a.ts': caught(92), 'src/b.ts': caught(91), 'src/c.ts': mutants() };
  expect(tooLow(scores({ files }))).toEqual(['src/b.ts', 'all']);
});

test('gives no score to a module without mutants', () => {
  expect(scores({ files: { 'src/a.ts': mutants() } }).map(({ score }) => score)).toEqual(['none', 'none']);
});

test.each(['', 'bench/', 'scripts/stryker/'])('%spackage-lock.json names no download address', async (folder) => {
  const { packages } = JSON.parse(await readFile(`${root}${folder}package-lock.json`, 'utf8'));
  expect(Object.values<{ resolved?: string }>(packages).filter(({ resolved }) => resolved)).toEqual([]);
});
