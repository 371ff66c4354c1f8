const CAUGHT = ['Killed', 'Timeout'];
const MISSED = ['Survived', 'NoCoverage'];

const percent = (caught, missed) =>
  caught + missed === 0 ? 'none' : `${((100 * caught) / (caught + missed)).toFixed(1)} %`;

function row(module, mutants) {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const caught = count(...CAUGHT);
  return {
    module,
    score: percent(caught, count(...MISSED)),
    killed: count('Killed'),
    'timed out': count('Timeout'),
    survived: count('Survived'),
    'not covered': count('NoCoverage'),
    // Mutants that don't run (compile errors, ignored ones) say nothing about the tests.
    'not counted': mutants.length - caught - count(...MISSED),
  };
}

/**
 * The mutation score of each module, and of all: the share of the mutants that a test notices.
 *
 * @param {{ files: Record<string, { mutants: { status: string }[] }> }} report in Stryker's mutation-testing report format
 */
export function scores({ files }) {
  const modules = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...modules.map(([module, { mutants }]) => row(module, mutants)),
    row(
      'all',
      modules.flatMap(([, { mutants }]) => mutants),
    ),
  ];
}

/** The least score of a module, in percent. */
export const MIN_SCORE = 92;

/** The modules whose score is below the least one. */
export const tooLow = (/** @type {{ module: string, score: string }[]} */ rows) =>
  rows.filter(({ score }) => Number.parseFloat(score) < MIN_SCORE).map(({ module }) => module);
