/** What the command prints: data on stdout, everything else on stderr, and one progress line at the end of stderr. */
import { styleText } from 'node:util';

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
  /** Writes an error: always. */
  error(text: string, details?: readonly string[]): void;
  /** Writes a line of --verbose. */
  trace(text: string): void;
  /** Replaces the progress line; an empty text removes it. */
  progress(text: string): void;
}

export interface IoOptions {
  quiet?: boolean | undefined;
  verbose?: boolean | undefined;
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

/** The characters of a server's text that could move the cursor or reverse what is read, as escapes. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);

export function createIo({ quiet = false, verbose = false }: IoOptions): Io {
  const { stdin, stdout, stderr } = process;
  let progressLine = '';
  // A reader that has gone away, such as `head`, is no reason to stop: an import must still end what it began.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  const line = (text: string) => {
    // The progress line is redrawn below the new line.
    stderr.write(progressLine ? `\r\x1b[K${text}\n${progressLine}` : `${text}\n`);
  };
  return {
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    canRedraw: stderr.isTTY === true && process.env.TERM !== 'dumb' && !verbose,
    get columns() {
      return stderr.columns || 80;
    },
    data: (text) =>
      new Promise((resolve) => {
        if (stdout.destroyed || !stdout.writable) resolve();
        else stdout.write(text, () => resolve());
      }),
    note: (text) => {
      if (!quiet) line(text);
    },
    warn: (text) => {
      if (!quiet) line(`${styled(stderr, 'yellow', 'warning:')} ${text}`);
    },
    error: (text, details = []) => line([`${styled(stderr, 'red', 'error:')} ${text}`, ...details].join('\n')),
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
