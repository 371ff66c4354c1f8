/** Where a value comes from: stdin, a file, an environment variable, or a hidden prompt. Never an argument. */
import { type Command, Option } from 'commander';
import { UsageError } from '../exit.js';
import { fileReason, isFileError, readFileUpTo, shownPath } from '../files.js';
import type { Io } from '../io.js';
import { MAX_BODY_BYTES, noteOnValue, type ValueRules } from './check.js';
import { decodeUtf8 } from './encoding.js';
import { promptHidden } from './prompt.js';
import { readStdin } from './stdin.js';

export interface ValueOptions extends ValueRules {
  valueFile?: string;
  valueEnv?: string;
  valueStdin?: boolean;
  raw?: boolean;
}

export const addValueOptions = (command: Command): Command =>
  command
    .addOption(new Option('--value-file <path>', 'the value is the content of a file, byte for byte'))
    .addOption(new Option('--value-env <name>', 'the value is that of an environment variable'))
    .addOption(new Option('--value-stdin', 'the value comes from stdin; one newline at its end is dropped'))
    .addOption(new Option('--raw', 'keeps the newline at the end of stdin, and a byte order mark'))
    .addOption(new Option('--allow-empty', 'stores an empty value too'))
    .addOption(new Option('--allow-encrypted', 'stores a value that another tool has encrypted'));

/** Whether the command line names where the value comes from. */
export const namesSource = ({ valueFile, valueEnv, valueStdin, raw }: ValueOptions): boolean =>
  [valueFile, valueEnv, valueStdin, raw].some((given) => given !== undefined);

/** Reads the value. Without a source it comes from stdin; on a terminal a prompt asks for it. */
export async function readValue(options: ValueOptions, io: Io): Promise<string> {
  const { valueFile, valueEnv, valueStdin, raw = false } = options;
  const sources = [valueFile, valueEnv, valueStdin].filter((given) => given !== undefined);
  if (sources.length > 1) throw new UsageError('use one of --value-file, --value-env and --value-stdin');
  if (raw && (valueFile !== undefined || valueEnv !== undefined)) throw new UsageError('--raw: applies to stdin only');
  const [source, value] = await readFrom(options, io);
  const note = noteOnValue(value);
  if (note !== undefined) io.note(`${source}: ${note}`);
  return value;
}

/** The value, and what messages call its source. */
async function readFrom({ valueFile, valueEnv, valueStdin, raw }: ValueOptions, io: Io): Promise<[string, string]> {
  if (valueFile !== undefined) return ['--value-file', valueOfFile(valueFile, io)];
  if (valueEnv !== undefined) return ['--value-env', valueOfVariable(valueEnv)];
  if (process.stdin.isTTY && !valueStdin) return ['the prompt', await promptHidden('Value (not shown): ')];
  const text = decodeUtf8(await readStdin(io, MAX_BODY_BYTES), 'stdin');
  // A byte order mark is the encoding, not the value: PowerShell 5.1 begins each pipe with one.
  return ['stdin', raw ? text : text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '')];
}

function valueOfFile(path: string, io: Io): string {
  if (path === '-') throw new UsageError('--value-file: takes a path; leave it out to read stdin');
  let bytes: Buffer;
  try {
    bytes = readFileUpTo(path, MAX_BODY_BYTES, '--value-file');
  } catch (error) {
    if (!isFileError(error)) throw error;
    // A path that does not exist may be the value itself.
    const shown = error.code === 'ENOENT' ? 'the file' : shownPath(path, error);
    throw new UsageError(`--value-file: can't read ${shown}: ${fileReason(error)}`);
  }
  const text = decodeUtf8(bytes, '--value-file');
  if (text.endsWith('\n')) io.note('--value-file: the file ends in a newline, and so does the value');
  return text;
}

function valueOfVariable(name: string): string {
  const value = /^[A-Za-z_]\w*$/.test(name) ? process.env[name] : undefined;
  // Without the name: `--value-env $NAME` gives the value in its place.
  if (value === undefined) throw new UsageError('--value-env: the variable is not set; give its name, without a $');
  return value;
}
