// Ranks the entries of the index for a query: in the page, and in tests.

/**
 * @typedef {object} Entry
 * @property {string} url
 * @property {string} title of the section
 * @property {string} page the title of its page
 * @property {string} part Guide, Client, API or Command line
 * @property {string} text
 * @property {string[]} [names] of parameters and fields
 */

/** What counts as one word: `--dry-run` is two, `pageSize` one. */
const wordsIn = (text) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** Without the plural, so that "outcome" finds "Outcomes" as well as the other way round. */
const stem = (word) => (word.length > 3 ? word.replace(/ies$/, 'y').replace(/(?<![su])s$/, '') : word);

/** The reader mostly wants to do something first: the guide, then the command line, then the references. */
const PARTS = { Guide: 1.4, 'Command line': 1.3, API: 1.1, Client: 1 };
/** What only tests use. */
const TESTING = /^[a-z]+\/cortex-secrets_testing\./;

/** Words that say nothing about a section. */
const SMALL = new Set(['a', 'an', 'the', 'of', 'for', 'to', 'in', 'with', 'and']);

/** The words of an entry, read once. */
const read = new WeakMap();
function partsOf(entry) {
  const present = read.get(entry);
  if (present) return present;
  const counts = new Map();
  for (const word of wordsIn(entry.text).map(stem)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const title = wordsIn(entry.title)
    .filter((word) => !SMALL.has(word))
    .map(stem);
  const made = {
    title,
    names: (entry.names ?? []).map((name) => stem(name.toLowerCase())),
    page: wordsIn(entry.page).map(stem),
    counts,
    text: ` ${wordsIn(entry.text).map(stem).join(' ')} `,
  };
  read.set(entry, made);
  return made;
}

/** How well a list of words has a word: 1 as it is, 0.4 at the start of another. */
function within(list, word) {
  if (list.includes(word)) return 1;
  return word.length > 1 && list.some((one) => one.startsWith(word)) ? 0.4 : 0;
}

function inText(counts, word) {
  let count = counts.get(word) ?? 0;
  if (count === 0 && word.length > 2) for (const [one, n] of counts) if (one.startsWith(word)) count += n * 0.4;
  return Math.log2(1 + count);
}

function score(entry, words) {
  const { title, names, page, counts, text } = partsOf(entry);
  let sum = 0;
  for (const word of words) {
    const inTitle = within(title, word);
    const found = 10 * inTitle + (names.includes(word) ? 20 : 0) + 4 * within(page, word) + 1.5 * inText(counts, word);
    if (found === 0) return 0;
    // A title that says little else.
    sum += found + (inTitle === 1 ? 6 / title.length : 0);
  }
  const phrase = words.join(' ');
  if (words.length > 1)
    sum += (` ${title.join(' ')} `.includes(` ${phrase} `) ? 10 : 0) + (text.includes(` ${phrase} `) ? 4 : 0);
  const kind = (entry.url.includes('#') ? 1 : 1.25) * (TESTING.test(entry.url) ? 0.5 : 1);
  return (sum / words.length) * kind * (PARTS[entry.part] ?? 1);
}

/**
 * The entries that have every word of the query, the best first.
 *
 * @param {Entry[]} entries
 * @param {string} query
 * @returns {{ entry: Entry, words: string[], score: number }[]}
 */
export function rank(entries, query) {
  const all = wordsIn(query);
  const said = all.filter((word) => !SMALL.has(word));
  const words = (said.length > 0 ? said : all).map(stem);
  if (words.length === 0) return [];
  return entries
    .map((entry) => ({ entry, words, score: score(entry, words) }))
    .filter((result) => result.score > 0)
    .sort((one, other) => other.score - one.score);
}
