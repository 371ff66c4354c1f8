/** Parses a YAML file of secrets. A value that YAML reads as a number, a boolean or null is an error, not a guess. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { ParsedFile } from './entry.js';
import { type LocatedValue, toEntries } from './located.js';

const REASONS: Record<string, string> = {
  DUPLICATE_KEY: 'the same key stands on an earlier line',
  MULTIPLE_DOCS: 'the file has several documents',
  TAB_AS_INDENT: 'a tab as indentation',
  BAD_INDENT: 'wrong indentation',
};

export function parseYamlFile(given: string): ParsedFile {
  const lines = new LineCounter();
  const lineOf = (offset: number) => lines.linePos(offset).line;
  // Pretty errors quote the file.
  const document = parseDocument(given.replace(/^\uFEFF/, ''), { prettyErrors: false, lineCounter: lines });
  const problems = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    line: lineOf(pos[0]),
    text: REASONS[code] ?? `the file is not YAML (${code})`,
  }));
  if (problems.length > 0) return { entries: [], problems };
  return toEntries(located(document.contents, lineOf, 1));
}

/** Aliases and merges are `other`: a value stands where its tag stands. */
function located(node: unknown, lineOf: (offset: number) => number, near: number): LocatedValue {
  const start = (node as { range?: [number, number, number] | null } | null)?.range?.[0];
  const line = start === undefined ? near : lineOf(start);
  if (isScalar(node) && typeof node.value === 'string') return { kind: 'string', line, text: node.value };
  if (isSeq(node)) return { kind: 'list', line, items: node.items.map((item) => located(item, lineOf, line)) };
  if (!isMap(node)) return { kind: 'other', line };
  const pairs = node.items.map(({ key, value }) => {
    const at = located(key, lineOf, line);
    // A key that is no string can't be a tag: the check of tags finds it.
    return { key: at.kind === 'string' ? at.text : '', line: at.line, value: located(value, lineOf, at.line) };
  });
  return { kind: 'map', line, pairs };
}
