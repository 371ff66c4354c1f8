/** Reads files up to a size, and says what is wrong with one: the option, the path and the reason. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UsageError } from './exit.js';
import { printable } from './printable.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'another program uses it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EFBIG: 'the file would become too large',
  EIO: 'the device reports an input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the path is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  ENXIO: 'there is no such device',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'another program uses it',
};

/** The path does not exist: what stands in its place may be something else, such as a value. */
const NO_PATH = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);
const PLAIN_PATH = /^[\p{L}\p{N} ._/\\:~@+,=()-]{1,200}$/u;

export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';

/** `the disk is full` */
export function fileReason(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  // The message of Node quotes the path.
  return REASONS[code] ?? `the system reports ${code || 'an error'}`;
}

/** The path of a file, as a message shows it; `the file` if it may be no path at all. */
export function shownPath(path: string, error?: unknown): string {
  const isMissing = NO_PATH.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
  return isMissing && !PLAIN_PATH.test(path) ? 'the file' : printable(path);
}

/** `--report: can't write r.ndjson: the disk is full` */
export function fileError(option: string, verb: 'read' | 'write', path: string, error: unknown): UsageError {
  if (!isFileError(error)) throw error;
  return new UsageError(`${option}: can't ${verb} ${shownPath(path, error)}: ${fileReason(error)}`);
}

const CHUNK_BYTES = 1 << 20;

/**
 * Reads a whole file, or a device or named pipe to its end, but not more than `maxBytes`.
 *
 * @throws the error of node:fs
 * @throws UsageError if it has more than `maxBytes`; `shown` is what the message calls it
 */
export function readFileUpTo(path: string, maxBytes: number, shown: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const found = fstatSync(file);
    if (found.isFile() && found.size > maxBytes) throw tooLarge(shown, maxBytes);
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, found.isFile() ? found.size - size : 0));
      const count = readSync(file, chunk);
      if (count === 0) return Buffer.concat(chunks);
      size += count;
      if (size > maxBytes) throw tooLarge(shown, maxBytes);
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

export const tooLarge = (shown: string, maxBytes: number): UsageError =>
  new UsageError(`${shown}: has more than ${maxBytes / 1_000_000} MB (${maxBytes} bytes), which is the limit`);
