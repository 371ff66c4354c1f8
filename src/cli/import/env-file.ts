/**
 * Parses a .env file: strict, since what a tool guesses here becomes the value of a secret.
 *
 * Quotes and multi-line values are those that dotenv documents. Unlike there, `#` begins a comment only after whitespace
 * or at the start of a line, equal keys are an error, and so is everything that does not parse. `$` has no meaning.
 *
 * Each step takes time in proportion to what it reads: a pattern that goes back, or a search beyond the line, could take
 * minutes for a file of some megabytes.
 */
import { MAX_BODY_BYTES } from '../values/check.js';
import { ParsedFile } from './entry.js';

const KEY = /(?:export[ \t]+)?([A-Za-z0-9_.-]+)[ \t]*=[ \t]*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };
const BACKSLASH = 0x5c;

export function parseEnvFile(given: string, takes: (key: string) => boolean = () => true): ParsedFile {
  const file = new ParsedFile(given.replace(/^\uFEFF/, ''), takes);
  new EnvParser(file).parse();
  return file;
}

/** What is wrong, and where. */
class EnvProblem {
  readonly at: number;
  readonly text: string;

  constructor(at: number, text: string) {
    this.at = at;
    this.text = text;
  }
}

class EnvParser {
  readonly #file: ParsedFile;
  readonly #text: string;
  #at = 0;

  constructor(file: ParsedFile) {
    this.#file = file;
    this.#text = file.text;
  }

  parse(): void {
    const { problems } = this.#file;
    while (this.#at < this.#text.length && !problems.isFull && !this.#file.isFull) {
      const problem = this.#parseLine();
      if (problem) {
        problems.add(problem.at, problem.text);
        this.#at = this.#endOfLine();
      }
      this.#at++; // the line break
    }
  }

  #isBlank(at: number): boolean {
    const char = this.#text[at];
    return char === ' ' || char === '\t';
  }

  #skipBlanks(): void {
    while (this.#isBlank(this.#at)) this.#at++;
  }

  #skipEmptyLines(): void {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 0x0a || code === 0x20 || code === 0x09 || (code === 0x0d && this.#text[this.#at + 1] === '\n'))
      code = this.#text.charCodeAt(++this.#at);
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  /** A line of Windows ends in \r\n. */
  #isAtEndOfLine(): boolean {
    const char = this.#text[this.#at];
    return char === undefined || char === '\n' || (char === '\r' && this.#text[this.#at + 1] === '\n');
  }

  /** Parses a line, or several if a value in quotes has several, up to the line break. */
  #parseLine(): EnvProblem | undefined {
    this.#skipEmptyLines();
    if (this.#isAtEndOfLine() || this.#text[this.#at] === '#') {
      this.#at = this.#endOfLine();
      return undefined;
    }
    const at = this.#at;
    KEY.lastIndex = at;
    const [start = '', tag] = KEY.exec(this.#text) ?? [];
    if (tag === undefined) return new EnvProblem(at, 'expected KEY=value, a comment or an empty line');
    this.#at += start.length;
    const char = this.#text[this.#at];
    const value = char === '"' || char === "'" || char === '`' ? this.#quoted(char) : this.#bare();
    if (value instanceof EnvProblem) return value;
    if (!this.#file.leavesOut(tag)) this.#file.add({ tag, name: undefined, secret: value, at });
    return undefined;
  }

  /** A value without quotes, up to a comment or the end of the line. */
  #bare(): string | EnvProblem {
    const at = this.#at;
    this.#at = this.#endOfLine();
    const line = this.#text.slice(at, this.#text[this.#at - 1] === '\r' ? this.#at - 1 : this.#at);
    const commentAt = this.#commentIn(line, at);
    const value = withoutBlanksAtEnd(commentAt < 0 ? line : line.slice(0, commentAt));
    if (/^[{[]/.test(value))
      return new EnvProblem(at, `a value that begins with "${value[0]}" needs quotes around it, ' or \``);
    if (commentAt >= 0 && hasOddQuote(value))
      return new EnvProblem(
        at + commentAt,
        'a comment within a quote; put quotes around the value, or before the comment',
      );
    const returnAt = value.indexOf('\r');
    return returnAt < 0
      ? value
      : new EnvProblem(at + returnAt, 'a carriage return within the line; write \\r in double quotes');
  }

  /** Where a comment begins in the rest of a line; after `KEY= ` it may be at its start. */
  #commentIn(line: string, lineAt: number): number {
    if (line[0] === '#' && this.#isBlank(lineAt - 1)) return 0;
    const blankAt = line.search(/[ \t]#/);
    return blankAt < 0 ? -1 : blankAt + 1;
  }

  #quoted(quote: string): string | EnvProblem {
    const at = this.#at;
    const end = this.#endOfQuote(quote);
    if (end < 0) return new EnvProblem(at, `the quote (${quote}) that begins the value is not closed`);
    this.#at = end + 1;
    const isSpaced = this.#isBlank(this.#at);
    this.#skipBlanks();
    if (isSpaced && this.#text[this.#at] === '#') this.#at = this.#endOfLine();
    else if (!this.#isAtEndOfLine())
      return new EnvProblem(
        this.#at,
        'text after the closing quote; for quotes within a value use another kind around it',
      );
    else if (this.#text[this.#at] === '\r') this.#at++;
    // Not even escapes can make it short enough.
    if (end - at > 2 * MAX_BODY_BYTES + 2) return new EnvProblem(at, 'the value is too large for the API');
    // As in dotenv, a file with the line ends of Windows has the same values.
    const content = this.#text.slice(at + 1, end).replace(/\r\n/g, '\n');
    return quote === '"' ? this.#unescaped(content, at + 1) : content;
  }

  #endOfQuote(quote: string): number {
    let end = this.#at;
    do end = this.#text.indexOf(quote, end + 1);
    while (end >= 0 && quote === '"' && this.#isEscaped(end));
    return end;
  }

  /** Whether an odd number of backslashes stands before it. */
  #isEscaped(at: number): boolean {
    let start = at;
    while (this.#text.charCodeAt(start - 1) === BACKSLASH) start--;
    return (at - start) % 2 === 1;
  }

  #unescaped(content: string, contentAt: number): string | EnvProblem {
    let wrongAt = -1;
    const value = content.replace(/\\([\s\S])/g, (_, char: string, at: number) => {
      if (!Object.hasOwn(ESCAPES, char) && wrongAt < 0) wrongAt = at;
      return ESCAPES[char] ?? '';
    });
    if (wrongAt < 0) return value;
    const text = 'unknown escape in double quotes; expected one of \\n \\r \\t \\" \\\\ \\$, or single quotes';
    return new EnvProblem(contentAt + wrongAt, text);
  }
}

function withoutBlanksAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end--;
  return text.slice(0, end);
}

/** Whether a kind of quote is opened and not closed. */
function hasOddQuote(text: string): boolean {
  return ['"', "'", '`'].some((quote) => {
    let isOpen = false;
    for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) isOpen = !isOpen;
    return isOpen;
  });
}
