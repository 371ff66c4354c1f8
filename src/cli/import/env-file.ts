/**
 * Parses a .env file: strict, since what a tool guesses here becomes the value of a secret.
 *
 * Quotes and multi-line values are those that dotenv documents. Unlike there, `#` begins a comment only after white space
 * or at the start of a line, equal keys are an error, and so is everything that does not parse. `$` has no meaning.
 */
import type { Entry, FileProblem, ParsedFile } from './entry.js';

const BLANK = /[ \t]*/y;
const COMMENT = /#[^\n]*/y;
const KEY = /(?:export[ \t]+)?([A-Za-z0-9_.-]+)[ \t]*=[ \t]*/y;
/** A value without quotes, up to a comment or the end of the line. */
const BARE = /(?:(?![ \t]+#)[^\n])*/y;
const QUOTED: Record<string, RegExp> = {
  "'": /'([^']*)'/y,
  '`': /`([^`]*)`/y,
  '"': /"((?:[^"\\]|\\[\s\S])*)"/y,
};
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

export function parseEnvFile(given: string): ParsedFile {
  // As in dotenv, a file with the line ends of Windows has the same values.
  const text = given.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');
  return new EnvParser(text).parse();
}

class EnvParser {
  readonly #text: string;
  readonly #entries: Entry[] = [];
  readonly #problems: FileProblem[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedFile {
    while (this.#at < this.#text.length) {
      const line = this.#line;
      const problem = this.#parseLine();
      if (problem) {
        this.#problems.push({ line, text: problem });
        this.#take(/[^\n]*/y);
      }
      this.#take(/\n/y);
    }
    return { entries: this.#entries, problems: this.#problems };
  }

  /** Moves over what a sticky pattern matches. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at += match[0].length;
    for (const char of match[0]) if (char === '\n') this.#line++;
    return match;
  }

  #isAtEndOfLine(): boolean {
    return this.#at >= this.#text.length || this.#text[this.#at] === '\n';
  }

  /** Parses a line, or several if a value in quotes has several. Returns what is wrong with it. */
  #parseLine(): string | undefined {
    this.#take(BLANK);
    this.#take(COMMENT);
    if (this.#isAtEndOfLine()) return undefined;
    const line = this.#line;
    const tag = this.#take(KEY)?.[1];
    if (tag === undefined) return 'expected KEY=value, a comment or an empty line';
    const quote = this.#text[this.#at] ?? '';
    const value = quote in QUOTED ? this.#quoted(quote) : this.#bare();
    if ('problem' in value) return value.problem;
    this.#entries.push({ tag, name: undefined, secret: value.text, line });
    return undefined;
  }

  #bare(): Value {
    // A comment right after `KEY= `: the white space before it was taken with the key.
    const isComment = this.#text[this.#at] === '#' && /[ \t]/.test(this.#text[this.#at - 1] ?? '');
    const text = isComment ? '' : (this.#take(BARE)?.[0] ?? '');
    this.#take(BLANK);
    this.#take(COMMENT);
    if (text.includes('\r')) return { problem: 'a carriage return within the line; write \\r in double quotes' };
    return { text: text.replace(/[ \t]+$/, '') };
  }

  #quoted(quote: string): Value {
    const content = this.#take(QUOTED[quote] as RegExp)?.[1];
    if (content === undefined) return { problem: `the quote (${quote}) that begins the value is not closed` };
    const isSpaced = (this.#take(BLANK)?.[0] ?? '') !== '';
    if (isSpaced) this.#take(COMMENT);
    if (!this.#isAtEndOfLine())
      return { problem: 'text after the closing quote; for quotes within a value use another kind around it' };
    if (quote !== '"') return { text: content };
    const wrong = [...content.matchAll(/\\([\s\S])/g)].some(([, char]) => !((char as string) in ESCAPES));
    if (wrong)
      return { problem: 'unknown escape in double quotes; expected one of \\n \\r \\t \\" \\\\ \\$, or single quotes' };
    return { text: content.replace(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] as string) };
  }
}

type Value = { readonly text: string } | { readonly problem: string };
