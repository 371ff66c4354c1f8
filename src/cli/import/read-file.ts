/** Reads a file of secrets and checks all of it before the first request. Errors name lines, and quote nothing. */
import { UsageError } from '../exit.js';
import { fileError, readFileUpTo } from '../files.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { noteOnValue, problemOfTag, problemOfValue, type ValueRules } from '../values/check.js';
import { decodeUtf8 } from '../values/encoding.js';
import { isSopsKey, SOPS_PROBLEM } from '../values/encrypted.js';
import { readStdin } from '../values/stdin.js';
import { type Entry, type FileProblem, MAX_PROBLEMS, type ParsedFile, type Position, positionsOf } from './entry.js';
import { parseEnvFile } from './env-file.js';
import { Selection, type SelectOptions } from './select.js';

export const FILE_FORMATS = ['env', 'json', 'yaml'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface ReadOptions extends ValueRules, SelectOptions {
  readonly format: FileFormat | undefined;
}

export interface SecretsFile {
  readonly entries: Entry[];
  /** The tags of the secrets that --only and --except leave out. */
  readonly leftOut: string[];
}

/** A file of more takes Cortex hours; a parser may take two seconds for it. */
const MAX_FILE_BYTES = 50_000_000;
const MAX_SHOWN = 20;

export async function readEntries(file: string, options: ReadOptions, io: Io): Promise<SecretsFile> {
  const selection = new Selection(options);
  const { bytes, shownName } = await readBytes(file, options, io);
  const format = options.format ?? formatOfName(file);
  const parsed = await parse(format, decodeUtf8(bytes, shownName), (key) => selection.takes(key));
  const problems = [...parsed.problems.all, ...problemsOf(parsed.entries, selection, options)];
  if (problems.length > 0) throw errorOf(shownName, parsed, problems);
  const { leftOut } = parsed;
  if (parsed.entries.length === 0)
    throw new UsageError(
      `${shownName}: has no secrets${leftOut.length > 0 ? ' that --only and --except leave; they see its keys without --prefix' : ''}`,
    );
  for (const glob of selection.unused) io.warn(`no key of ${shownName} matches "${glob}"`);
  noteValues(shownName, parsed, io);
  const entries = parsed.entries.map((entry) => ({ ...entry, tag: selection.tagOf(entry.tag) }));
  return { entries, leftOut: leftOut.map((key) => selection.tagOf(key)) };
}

async function readBytes(file: string, { format }: ReadOptions, io: Io): Promise<{ bytes: Buffer; shownName: string }> {
  if (file === '-') {
    if (format === undefined) throw new UsageError('--format: is needed for stdin; one of env, json, yaml');
    return { bytes: await readStdin(io, MAX_FILE_BYTES), shownName: 'stdin' };
  }
  const shownName = printable(file);
  try {
    return { bytes: readFileUpTo(file, MAX_FILE_BYTES, shownName), shownName };
  } catch (error) {
    throw error instanceof UsageError ? error : fileError('import', 'read', file, error);
  }
}

function formatOfName(file: string): FileFormat {
  if (/\.json$/i.test(file)) return 'json';
  if (/\.ya?ml$/i.test(file)) return 'yaml';
  if (/(^|[/\\])\.env(\.[\w.-]+)?$|\.env$/i.test(file)) return 'env';
  throw new UsageError('--format: is needed for this file name; one of env, json, yaml');
}

async function parse(format: FileFormat, text: string, takes: (key: string) => boolean): Promise<ParsedFile> {
  if (format === 'env') return parseEnvFile(text, takes);
  if (format === 'json') return (await import('./json-file.js')).parseJsonFile(text, takes);
  return (await import('./yaml-file.js')).parseYamlFile(text, takes);
}

/** A problem that refers to another place of the file. */
interface EntryProblem extends FileProblem {
  readonly earlier?: number;
}

function problemsOf(entries: readonly Entry[], selection: Selection, rules: ValueRules): EntryProblem[] {
  const places = new Map<string, { tag: string; at: number }>();
  const problems: EntryProblem[] = [];
  for (const { tag, name, secret, at } of entries) {
    if (problems.length >= MAX_PROBLEMS) break;
    const fullTag = selection.tagOf(tag);
    const earlier = places.get(fullTag);
    if (earlier === undefined) places.set(fullTag, { tag, at });
    else {
      const text = earlier.tag === tag ? 'the same tag as on line' : 'becomes the same tag as the key on line';
      problems.push({ at, text, earlier: earlier.at });
    }
    const texts = [
      problemOfTag(fullTag),
      isSopsKey(tag) && !rules.allowEncrypted ? SOPS_PROBLEM : undefined,
      problemOfValue({ tag: fullTag, name: name ?? fullTag, secret }, rules),
    ];
    for (const text of texts) if (text !== undefined) problems.push({ at, text });
  }
  return problems;
}

function errorOf(shownName: string, { text }: ParsedFile, problems: readonly EntryProblem[]): UsageError {
  const sorted = [...problems].sort((a, b) => a.at - b.at);
  const shown = sorted.slice(0, MAX_SHOWN);
  const positions = positionsOf(
    text,
    shown.flatMap(({ at, earlier = at }) => [at, earlier]),
  );
  const lines = shown.map((problem) => {
    const { line, column } = positions.get(problem.at) as Position;
    const other = problem.earlier === undefined ? '' : ` ${positions.get(problem.earlier)?.line}`;
    return `${shownName}:${line}:${column}: ${problem.text}${other}`;
  });
  const isMany = problems.length >= MAX_PROBLEMS;
  if (problems.length > shown.length) lines.push(`and ${problems.length - shown.length}${isMany ? ' or' : ''} more`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length}${isMany ? ' or more' : ''} problems`;
  return new UsageError(`import: the file has ${count}; nothing was sent`, lines);
}

/** Values that are stored, but may not be what they look like. */
function noteValues(shownName: string, { text, entries }: ParsedFile, io: Io): void {
  const notes = entries.flatMap(({ secret, at }) => {
    const note = noteOnValue(secret);
    return note === undefined ? [] : [{ at, note }];
  });
  const shown = notes.slice(0, MAX_SHOWN);
  const positions = positionsOf(
    text,
    shown.map(({ at }) => at),
  );
  for (const { at, note } of shown) io.note(`${shownName}:${positions.get(at)?.line}: ${note}`);
  if (notes.length > shown.length) io.note(`${shownName}: and ${notes.length - shown.length} more such values`);
}
