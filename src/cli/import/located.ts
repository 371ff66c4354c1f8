/** Turns the values of a JSON or YAML file into secrets: a map of tag to value, or a list of `{ tag, name, secret }`. */
import type { Entry, FileProblem, ParsedFile } from './entry.js';

interface Pair {
  readonly key: string;
  readonly line: number;
  readonly value: LocatedValue;
}

/** A value that knows its line. `other` is what no secret has: a number, a boolean, null. */
export type LocatedValue =
  | { readonly kind: 'string'; readonly line: number; readonly text: string }
  | { readonly kind: 'map'; readonly line: number; readonly pairs: readonly Pair[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly LocatedValue[] }
  | { readonly kind: 'other'; readonly line: number };

const FIELDS = ['tag', 'name', 'secret'];
const SHAPE = 'expected a map of tags to values, or a list of { tag, name, secret }';

export function toEntries(file: LocatedValue): ParsedFile {
  const problems: FileProblem[] = [];
  if (file.kind === 'map') return { entries: file.pairs.flatMap((pair) => entryOfPair(pair, problems)), problems };
  if (file.kind === 'list') return { entries: file.items.flatMap((item) => entryOfItem(item, problems)), problems };
  return { entries: [], problems: [{ line: file.line, text: SHAPE }] };
}

function entryOfPair({ key, line, value }: Pair, problems: FileProblem[]): Entry[] {
  if (value.kind === 'string') return [{ tag: key, name: undefined, secret: value.text, line }];
  problems.push({ line, text: 'the value must be a string; put it in quotes' });
  return [];
}

function entryOfItem(item: LocatedValue, problems: FileProblem[]): Entry[] {
  const { line } = item;
  if (item.kind !== 'map') {
    problems.push({ line, text: 'expected { tag, name, secret }' });
    return [];
  }
  const before = problems.length;
  const fields: Record<string, string> = {};
  for (const { key, line: at, value } of item.pairs) {
    // The key is not quoted: it may be a value.
    if (!FIELDS.includes(key)) problems.push({ line: at, text: 'unknown field; expected tag, name, secret' });
    else if (key in fields) problems.push({ line: at, text: `the field ${key} is there twice` });
    else if (value.kind !== 'string') problems.push({ line: at, text: `${key} must be a string; put it in quotes` });
    else fields[key] = value.text;
  }
  const { tag, name, secret } = fields;
  if (problems.length > before) return [];
  if (tag !== undefined && secret !== undefined) return [{ tag, name, secret, line }];
  problems.push({ line, text: `${tag === undefined ? 'tag' : 'secret'} is missing` });
  return [];
}
