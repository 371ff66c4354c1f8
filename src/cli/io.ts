/** What the command prints: data on stdout, everything else on stderr, and one progress line at the end of stderr. */
import { styleText } from 'node:util';
import { writeStdout } from './stdout.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export interface Io {
  /** Whether somebody sits at a terminal who can be asked. */
  readonly canAsk: boolean;
  /** Whether stderr is a terminal on which a line can be redrawn. */
  readonly canRedraw: boolean;
  /** The width of the terminal of stderr. */
  readonly columns: number;
  /** Writes data to stdout. Resolves once more can be written. */
  data(text: string): Promise<void>;
  /** Writes a line that --quiet leaves out. */
  note(text: string): void;
  /** Writes a warning, which --quiet leaves out. */
  warn(text: string): void;
  /** Writes an error: always. With `--output json` it becomes a part of the object that `fail` writes. */
  error(text: string, details?: readonly string[]): void;
  /** Writes the error that ends the command. */
  fail(failure: Failure): void;
  /** Writes a line of --verbose. */
  trace(text: string): void;
  /** Replaces the progress line; an empty text removes it. */
  progress(text: string): void;
}

/** The error that ends a command. */
export interface Failure {
  readonly message: string;
  /** More lines, each printed below the message. */
  readonly details: readonly string[];
  readonly exitCode: number;
  /** What JSON has in addition. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface IoOptions {
  quiet?: boolean | undefined;
  verbose?: boolean | undefined;
  /** Whether errors are written as JSON. */
  json?: boolean | undefined;
  /** Whether questions are allowed, on a terminal. */
  input?: boolean | undefined;
}

/** https://no-color.org and https://force-color.org, then whether it is a terminal. */
export function hasColors(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

export const styled = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
  hasColors(stream) ? styleText(style, text, { validateStream: false }) : text;

/** Whether nobody sits at the terminal that there is: some CI systems give jobs one. */
function isCi(): boolean {
  const { CI = '' } = process.env;
  return !['', '0', 'false'].includes(CI.toLowerCase());
}

export function createIo({ quiet = false, verbose = false, json = false, input = true }: IoOptions): Io {
  const { stdin, stderr } = process;
  let progressLine = '';
  const errors: { error: string; details?: readonly string[] }[] = [];
  // A script that reads JSON gets one object, and nothing before it.
  const isQuiet = quiet || (json && !stderr.isTTY);
  const line = (text: string) => {
    // The progress line is redrawn below the new line.
    stderr.write(progressLine ? `\r\x1b[K${text}\n${progressLine}` : `${text}\n`);
  };
  const error = (text: string, details: readonly string[] = []) => {
    if (json) errors.push({ error: text, ...(details.length > 0 && { details }) });
    else line([`${styled(stderr, 'red', 'error:')} ${text}`, ...details].join('\n'));
  };
  return {
    canAsk: stdin.isTTY === true && stderr.isTTY === true && input && !isCi(),
    canRedraw: stderr.isTTY === true && process.env.TERM !== 'dumb' && !verbose,
    get columns() {
      return stderr.columns || 80;
    },
    data: writeStdout,
    note: (text) => {
      if (!isQuiet) line(text);
    },
    warn: (text) => {
      if (!isQuiet) line(`${styled(stderr, 'yellow', 'warning:')} ${text}`);
    },
    error,
    fail({ message, details, exitCode, fields }) {
      if (!json) return error(message, details);
      const more = { ...(details.length > 0 && { details }), ...(errors.length > 0 && { errors }) };
      line(JSON.stringify({ error: message, exitCode, ...fields, ...more }));
    },
    trace: (text) => {
      if (verbose) line(styled(stderr, 'dim', text));
    },
    progress: (text) => {
      if (quiet || text === progressLine) return;
      progressLine = text;
      stderr.write(`\r\x1b[K${text}`);
    },
  };
}
