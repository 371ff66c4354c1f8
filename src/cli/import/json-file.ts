/** Parses a JSON file of secrets, with the lines that JSON.parse doesn't give, and without its silence on equal keys. */
import type { ParsedFile } from './entry.js';
import { type LocatedValue, toEntries } from './located.js';

/** A token of a text that JSON.parse has accepted. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Deeper than any file of secrets; a text of brackets alone must not overflow the stack. */
const MAX_DEPTH = 8;

export function parseJsonFile(given: string): ParsedFile {
  const text = given.replace(/^\uFEFF/, '');
  try {
    JSON.parse(text);
  } catch {
    // Without the cause: the SyntaxError of JSON.parse quotes the text.
    return { entries: [], problems: [{ line: 1, text: 'the file is not JSON' }] };
  }
  const reader = new Reader(text);
  const value = reader.read(0);
  if (reader.isTooDeep) return { entries: [], problems: [{ line: 1, text: 'the file is nested too deeply' }] };
  return toEntries(value);
}

/** Reads valid JSON into values that know their line. */
class Reader {
  readonly #tokens: Iterator<RegExpMatchArray>;
  readonly #text: string;
  isTooDeep = false;
  #token = '';
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.matchAll(TOKEN);
    this.#next();
  }

  #next(): void {
    const match = this.#tokens.next().value as RegExpMatchArray | undefined;
    const end = match?.index ?? this.#text.length;
    for (; this.#at < end; this.#at++) if (this.#text[this.#at] === '\n') this.#line++;
    this.#token = match?.[0] ?? '';
  }

  read(depth: number): LocatedValue {
    const line = this.#line;
    const token = this.#token;
    if (depth > MAX_DEPTH) {
      this.isTooDeep = true;
      return { kind: 'other', line };
    }
    this.#next();
    if (token === '{') return { kind: 'map', line, pairs: this.#list('}', () => this.#pair(depth)) };
    if (token === '[') return { kind: 'list', line, items: this.#list(']', () => this.read(depth + 1)) };
    if (token.startsWith('"')) return { kind: 'string', line, text: JSON.parse(token) };
    return { kind: 'other', line };
  }

  #pair(depth: number) {
    const line = this.#line;
    const key = JSON.parse(this.#token) as string;
    this.#next();
    this.#next(); // the colon
    return { key, line, value: this.read(depth + 1) };
  }

  /** Reads up to the closing bracket. */
  #list<T>(end: string, readOne: () => T): T[] {
    const all: T[] = [];
    while (this.#token !== end && !this.isTooDeep) {
      all.push(readOne());
      if (this.#token === ',') this.#next();
    }
    if (!this.isTooDeep) this.#next();
    return all;
  }
}
