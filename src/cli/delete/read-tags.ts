/** Reads tags or ids, one a line. No message quotes a line: it may be a value. */
import { hasLoneSurrogate } from '../../util/well-formed.js';
import { UsageError } from '../exit.js';
import { fileError, readFileUpTo, shownPath } from '../files.js';
import type { Io } from '../io.js';
import { decodeUtf8 } from '../values/encoding.js';
import { readStdin } from '../values/stdin.js';

/** More than a workspace has. */
const MAX_BYTES = 20_000_000;
const MAX_SHOWN = 20;

/** Empty lines are left out. A space at an end of a line is part of the tag: without it another secret may be deleted. */
export async function readTags(path: string, io: Io): Promise<string[]> {
  const shown = path === '-' ? 'stdin' : shownPath(path);
  const text = decodeUtf8(await readBytes(path, io), shown).replace(/^\uFEFF/, '');
  const tags: string[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    if (line.trim() === '') continue;
    const problem = problemOf(line);
    if (problem === undefined) tags.push(line);
    else problems.push(`${shown}:${index + 1}: ${problem}`);
  }
  if (problems.length === 0) return tags;
  const lines = problems.slice(0, MAX_SHOWN);
  if (problems.length > lines.length) lines.push(`and ${problems.length - lines.length} more`);
  throw new UsageError('delete: --from needs one tag or id a line; nothing was sent', lines);
}

async function readBytes(path: string, io: Io): Promise<Buffer> {
  if (path === '-') return readStdin(io, MAX_BYTES);
  try {
    return readFileUpTo(path, MAX_BYTES, shownPath(path));
  } catch (error) {
    throw error instanceof UsageError ? error : fileError('--from', 'read', path, error);
  }
}

function problemOf(tag: string): string | undefined {
  if (tag.includes('\t')) return 'has a tab: "cut -f1" takes the tags of a list';
  if (/^\s*[{["]/.test(tag)) return 'is JSON: "jq -r .tag" takes the tags of --output ndjson';
  if (tag === '.' || tag === '..' || hasLoneSurrogate(tag)) return 'is no tag';
  return undefined;
}
