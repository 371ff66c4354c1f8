/** Reads stdin, and looks whether it has something. */
import { fstatSync, readSync } from 'node:fs';
import { UsageError } from '../exit.js';
import { fileReason, isFileError, tooLarge } from '../files.js';
import type { Io } from '../io.js';

/** How long stdin may be silent until a note says what the command waits for. */
const HINT_AFTER_MS = 2000;

/** Reads stdin to its end, but not more than could be sent. */
export async function readStdin(io: Io, maxBytes: number): Promise<Buffer> {
  const hint = setTimeout(() => io.note('waiting for stdin to end'), HINT_AFTER_MS);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of process.stdin) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge('stdin', maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new UsageError(`stdin: can't be read: ${fileReason(error)}`);
  } finally {
    clearTimeout(hint);
  }
  return Buffer.concat(chunks);
}

/** A program that starts this one may leave its end of a socket open for ever, without a thought. */
const SOCKET_WAIT_MS = 500;
/** In a pipe of a shell the program before may need its time. After it, the answer is `yes`, which is safe. */
const PIPE_WAIT_MS = 3000;

/**
 * Whether something is piped in, which the command would leave unread. `unknown`: a socket is open, and stays silent.
 * Only a command that fails for `yes` may ask, since the answer takes the first bytes.
 */
export async function hasInput(): Promise<'yes' | 'no' | 'unknown'> {
  if (process.stdin.isTTY) return 'no';
  let isPipe: boolean;
  try {
    const stdin = fstatSync(0);
    if (stdin.isFile()) return readSync(0, Buffer.alloc(1)) > 0 ? 'yes' : 'no';
    if (!stdin.isFIFO() && !stdin.isSocket()) return 'no';
    isPipe = stdin.isFIFO();
  } catch {
    return 'no'; // stdin is closed
  }
  return new Promise((resolve) => {
    const { stdin } = process;
    const end = (result: 'yes' | 'no' | 'unknown') => {
      clearTimeout(timer);
      stdin.removeAllListeners().destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(isPipe ? 'yes' : 'unknown'), isPipe ? PIPE_WAIT_MS : SOCKET_WAIT_MS);
    stdin.once('data', () => end('yes'));
    stdin.once('end', () => end('no')).once('error', () => end('no'));
  });
}
