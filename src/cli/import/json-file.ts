/**
 * Parses a JSON file of secrets (RFC 8259) into values that know where they stand. `JSON.parse` gives neither places nor
 * equal keys, and its errors quote the text; a YAML parser takes more than JSON, and half a minute for 50 MB.
 */
import { type LocatedValue, MAX_ENTRIES, ParsedFile } from './entry.js';
import { addEntries, IN_QUOTES, NULL_PROBLEM } from './structured-file.js';

/** Deeper than any file of secrets; a text of brackets alone must not overflow the stack. */
const MAX_DEPTH = 100;
/** A list has four of them for each secret. */
const MAX_VALUES = MAX_ENTRIES * 4 + 1000;

const SPACE = /[ \t\n\r]*/y;
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?![\w.+-])/y;
const HEX = /[0-9A-Fa-f]{4}/y;

export function parseJsonFile(given: string, takes: (key: string) => boolean = () => true): ParsedFile {
  const file = new ParsedFile(given.replace(/^\uFEFF/, ''), takes);
  try {
    addEntries(file, new JsonReader(file.text).readFile());
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    file.problems.add(error.at, error.message);
  }
  return file;
}

class JsonProblem extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(`the file is not JSON: ${what}`);
    this.at = at;
  }
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readFile(): LocatedValue {
    const value = this.#value(0);
    this.#skip(SPACE);
    if (this.#at < this.#text.length) throw new JsonProblem(this.#at, 'text after its end; a file has one value');
    return value;
  }

  get #next(): string | undefined {
    return this.#text[this.#at];
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #take(char: string): boolean {
    this.#skip(SPACE);
    if (this.#next !== char) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): LocatedValue {
    this.#skip(SPACE);
    const at = this.#at;
    if (depth > MAX_DEPTH) throw new JsonProblem(at, `nested more than ${MAX_DEPTH} deep`);
    if (++this.#values > MAX_VALUES) throw new JsonProblem(at, `more than ${MAX_VALUES} values, which is the limit`);
    if (this.#next === '"') return { kind: 'string', at, text: this.#string() };
    if (this.#take('{')) return { kind: 'map', at, pairs: this.#list('}', () => this.#pair(depth)) };
    if (this.#take('[')) return { kind: 'list', at, items: this.#list(']', () => this.#value(depth + 1)) };
    if (!this.#skip(LITERAL)) throw this.#problem('expected a value: a string stands in double quotes');
    return { kind: 'wrong', at, problem: this.#text[at] === 'n' ? NULL_PROBLEM : IN_QUOTES };
  }

  #pair(depth: number) {
    this.#skip(SPACE);
    const at = this.#at;
    if (this.#next !== '"') throw this.#problem('expected a key in double quotes');
    const key = this.#string();
    if (!this.#take(':')) throw this.#problem('expected ":" after the key');
    return { key, at, value: this.#value(depth + 1) };
  }

  /** Reads up to the closing bracket. */
  #list<T>(end: string, readOne: () => T): T[] {
    const all: T[] = [];
    if (this.#take(end)) return all;
    for (;;) {
      all.push(readOne());
      if (this.#take(end)) return all;
      const comma = this.#at;
      if (!this.#take(',')) throw this.#problem(`expected "," or "${end}"`);
      this.#skip(SPACE);
      if (this.#next === end) throw new JsonProblem(comma, `a comma before "${end}"; remove it`);
    }
  }

  #problem(what: string): JsonProblem {
    const { length } = this.#text;
    if (this.#at >= length) return new JsonProblem(length, 'it ends too early; is the file complete?');
    if (this.#next === "'") return new JsonProblem(this.#at, 'strings stand in double quotes, not in single ones');
    if (this.#next === '/' || this.#next === '#') return new JsonProblem(this.#at, 'it can have no comment');
    return new JsonProblem(this.#at, what);
  }

  #string(): string {
    const start = this.#at;
    let hasEscapes = false;
    let at = start + 1;
    for (; ; at++) {
      const unit = this.#text.charCodeAt(at);
      if (unit === 0x22) break;
      if (unit === 0x5c) {
        if (!this.#isEscape(at + 1)) throw new JsonProblem(at, 'unknown escape; a backslash is written as \\\\');
        hasEscapes = true;
        at++; // of the four digits after \u none ends the string
      } else if (Number.isNaN(unit)) throw new JsonProblem(start, 'the string that begins here has no end');
      else if (unit < 0x20)
        throw new JsonProblem(at, 'a line break or control character within a string; write it as \\n or \\u00..');
    }
    this.#at = at + 1;
    return hasEscapes ? JSON.parse(this.#text.slice(start, this.#at)) : this.#text.slice(start + 1, at);
  }

  #isEscape(at: number): boolean {
    const char = this.#text[at] ?? '';
    if (char !== 'u') return char !== '' && '"\\/bfnrt'.includes(char);
    HEX.lastIndex = at + 1;
    return HEX.test(this.#text);
  }
}
