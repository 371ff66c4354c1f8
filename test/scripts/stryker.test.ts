/** The mutation scores that `node scripts/stryker/run.js` prints, and the mutants that are listed as equivalent. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { scores } from '../../scripts/stryker/scores.js';

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

test('gives no score to a module without mutants', () => {
  expect(scores({ files: { 'src/a.ts': mutants() } }).map(({ score }) => score)).toEqual(['none', 'none']);
});

test.each(['', 'bench/', 'scripts/stryker/'])('%spackage-lock.json names no download address', async (folder) => {
  const { packages } = JSON.parse(await readFile(`${root}${folder}package-lock.json`, 'utf8'));
  expect(Object.values<{ resolved?: string }>(packages).filter(({ resolved }) => resolved)).toEqual([]);
});

describe('scripts/stryker/EQUIVALENT.md', async () => {
  const text = await readFile(`${root}scripts/stryker/EQUIVALENT.md`, 'utf8');
  const mutantsOf = text.split(/^## /m).flatMap((section) => {
    const module = section.split('\n', 1)[0] as string;
    return [...section.matchAll(/^- `(.+?)` → `(.+?)`: (.+)$/gm)].map(([, line, mutant, reason]) => ({
      module,
      line: line as string,
      mutant: mutant as string,
      reason,
    }));
  });

  test('lists mutants of src/', () => {
    expect(mutantsOf.length).toBeGreaterThan(0);
    expect(new Set(mutantsOf.map(({ module }) => module.split('/')[0]))).toEqual(new Set(['src']));
    expect(text.match(/^- /gm)).toHaveLength(mutantsOf.length);
  });

  test.each(mutantsOf)('$module: `$line` occurs once in it', async ({ module, line, mutant }) => {
    expect((await readFile(`${root}${module}`, 'utf8')).split(line)).toHaveLength(2);
    expect(mutant).not.toBe(line);
  });
});
