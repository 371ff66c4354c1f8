/** Where a value comes from: stdin, a file, an environment variable, or a hidden prompt. Never an argument. */
import { fstatSync, readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { UsageError } from '../exit.js';
import type { Io } from '../io.js';
import { MAX_BODY_BYTES } from './check.js';
import { promptHidden } from './prompt.js';

export interface ValueOptions {
  valueFile?: string;
  valueEnv?: string;
  valueStdin?: boolean;
  raw?: boolean;
  allowEmpty?: boolean;
}

export const addValueOptions = (command: Command): Command =>
  command
    .addOption(new Option('--value-file <path>', 'the value is the content of a file, byte for byte'))
    .addOption(new Option('--value-env <name>', 'the value is that of an environment variable'))
    .addOption(new Option('--value-stdin', 'the value comes from stdin; one newline at its end is dropped'))
    .addOption(new Option('--raw', 'keeps the newline at the end of stdin'))
    .addOption(new Option('--allow-empty', 'stores an empty value too'));

/** Whether the command line names where the value comes from. */
export const namesSource = ({ valueFile, valueEnv, valueStdin, raw }: ValueOptions): boolean =>
  [valueFile, valueEnv, valueStdin, raw].some((given) => given !== undefined);

/** Reads the value. Without a source it comes from stdin; on a terminal a prompt asks for it. */
export async function readValue(options: ValueOptions, io: Io): Promise<string> {
  const { valueFile, valueEnv, valueStdin, raw = false } = options;
  const sources = [valueFile, valueEnv, valueStdin].filter((given) => given !== undefined);
  if (sources.length > 1) throw new UsageError('use one of --value-file, --value-env and --value-stdin');
  if (raw && (valueFile !== undefined || valueEnv !== undefined)) throw new UsageError('--raw: applies to stdin only');
  if (valueFile !== undefined) return valueOfFile(valueFile, io);
  if (valueEnv !== undefined) return valueOfVariable(valueEnv);
  if (process.stdin.isTTY && !valueStdin) return promptHidden('Value (not shown): ');
  const text = decoded(await readStdin(io), 'stdin');
  return raw ? text : text.replace(/\r?\n$/, '');
}

function valueOfFile(path: string, io: Io): string {
  if (path === '-') throw new UsageError('--value-file: takes a path; leave it out to read stdin');
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    // Without the path: it may be the value itself.
    throw new UsageError(`--value-file: can't read the file (${(error as NodeJS.ErrnoException).code})`);
  }
  const text = decoded(bytes, '--value-file');
  if (text.endsWith('\n')) io.note('--value-file: the file ends in a newline, and so does the value');
  return text;
}

function valueOfVariable(name: string): string {
  const value = /^[A-Za-z_]\w*$/.test(name) ? process.env[name] : undefined;
  // Without the name: `--value-env $NAME` gives the value in its place.
  if (value === undefined) throw new UsageError('--value-env: the variable is not set; give its name, without a $');
  return value;
}

/** Whether something may have been piped in, told without a read, which could wait for ever. */
export function hasInput(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || (stdin.isFile() && stdin.size > 0);
  } catch {
    return false; // stdin is closed
  }
}

/** How long stdin may be silent until the user is told what the command waits for. */
const HINT_AFTER_MS = 2000;

/** Reads stdin to its end, but not more than could be sent. */
export async function readStdin(io: Io, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const hint = setTimeout(() => io.note('waiting for stdin to end'), HINT_AFTER_MS);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of process.stdin) {
      size += chunk.length;
      if (size > maxBytes) throw new UsageError(`stdin: has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(hint);
  }
  return Buffer.concat(chunks);
}

/** The text of bytes, with a byte order mark if it has one. */
export function decoded(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${source}: is not UTF-8; encode binary data first, for example as base64`);
  }
}
