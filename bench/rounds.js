// Measures several candidates in interleaved rounds, each round in a different order, and compares them within the
// round, so that other load on the machine affects all of them.

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * @param {Record<string, () => Promise<number>>} candidates each returns its figure for one round
 * @param {{ rounds: number, base: string }} setup `base` is the candidate that the others are compared with
 * @returns {Promise<Record<string, { median: number, ratio: number }>>}
 */
export async function inRounds(candidates, { rounds, base }) {
  const names = Object.keys(candidates);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await candidates[name](); // warm-up, not counted
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      figures[name].push(await candidates[name]());
    }
  }
  return Object.fromEntries(
    names.map((name) => [
      name,
      { median: median(figures[name]), ratio: median(figures[name].map((figure, i) => figure / figures[base][i])) },
    ]),
  );
}
