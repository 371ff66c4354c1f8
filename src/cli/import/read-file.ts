/** Reads a file of secrets and checks all of it before the first request. Errors name lines, and quote nothing. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../exit.js';
import type { Io } from '../io.js';
import { printable } from '../io.js';
import { problemOfTag, problemOfValue } from '../values/check.js';
import { decoded, readStdin } from '../values/source.js';
import type { Entry, FileProblem, ParsedFile } from './entry.js';
import { parseEnvFile } from './env-file.js';

export const FILE_FORMATS = ['env', 'json', 'yaml'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface ReadOptions {
  format: FileFormat | undefined;
  prefix: string;
  allowEmpty: boolean;
}

const MAX_FILE_BYTES = 256 * 1024 * 1024;
const MAX_SHOWN_PROBLEMS = 20;

export async function readEntries(file: string, options: ReadOptions, io: Io): Promise<Entry[]> {
  const { prefix, allowEmpty } = options;
  const format = options.format ?? formatOfName(file);
  const shownName = file === '-' ? 'stdin' : printable(file);
  const bytes = file === '-' ? await readStdin(io, MAX_FILE_BYTES) : readBytes(file);
  const text = decoded(bytes, shownName);
  const parsed = await parse(format, text);
  const entries = parsed.entries.map((entry) => ({ ...entry, tag: prefix + entry.tag }));
  const problems = [...parsed.problems, ...problemsOf(entries, allowEmpty)].sort((a, b) => a.line - b.line);
  if (problems.length > 0) throw fileError(shownName, problems);
  if (entries.length === 0) throw new UsageError(`${shownName}: has no secrets`);
  return entries;
}

function formatOfName(file: string): FileFormat {
  if (file === '-') throw new UsageError('--format: is needed for stdin; one of env, json, yaml');
  if (/\.json$/i.test(file)) return 'json';
  if (/\.ya?ml$/i.test(file)) return 'yaml';
  if (/(^|[/\\])\.env(\.[\w.-]+)?$|\.env$/i.test(file)) return 'env';
  throw new UsageError('--format: is needed for this file name; one of env, json, yaml');
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    // Without the name: it may be the content.
    throw new UsageError(`import: can't read the file (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function parse(format: FileFormat, text: string): Promise<ParsedFile> {
  if (format === 'env') return parseEnvFile(text);
  if (format === 'json') return (await import('./json-file.js')).parseJsonFile(text);
  return (await import('./yaml-file.js')).parseYamlFile(text);
}

function problemsOf(entries: readonly Entry[], allowEmpty: boolean): FileProblem[] {
  const lines = new Map<string, number>();
  return entries.flatMap(({ tag, name = tag, secret, line }) => {
    const earlier = lines.get(tag);
    if (earlier === undefined) lines.set(tag, line);
    const same = earlier === undefined ? undefined : `the same tag as on line ${earlier}`;
    const texts = [problemOfTag(tag), same, problemOfValue({ tag, name, secret }, allowEmpty)];
    return texts.flatMap((text) => (text === undefined ? [] : [{ line, text }]));
  });
}

function fileError(shownName: string, problems: readonly FileProblem[]): UsageError {
  const lines = problems.slice(0, MAX_SHOWN_PROBLEMS).map(({ line, text }) => `${shownName}:${line}: ${text}`);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new UsageError(`import: the file has ${count}; nothing was sent`, lines);
}
