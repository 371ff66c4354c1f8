/** The one way to write to stdout. */
import { fstatSync, writeFileSync } from 'node:fs';
import { CliError } from './exit.js';
import { fileReason } from './files.js';

const STDOUT = 1;

/** Node's stream writes to a file once: on a full disk the rest of a chunk is lost without an error. This one goes on. */
let isFile: boolean | undefined;

/**
 * Resolves once more can be written. A reader that has gone away, such as `head`, is no error.
 *
 * @throws CliError if stdout can't be written, such as to a full disk
 */
export async function writeStdout(text: string): Promise<void> {
  const { stdout } = process;
  isFile ??= isRegularFile();
  try {
    if (isFile) writeFileSync(STDOUT, text);
    else if (!stdout.destroyed && stdout.writable)
      await new Promise<void>((resolve, reject) => {
        stdout.write(text, (error) => (error ? reject(error) : resolve()));
      });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw new CliError(`stdout: can't be written: ${fileReason(error)}; the output is not complete`);
  }
}

function isRegularFile(): boolean {
  try {
    return fstatSync(STDOUT).isFile();
  } catch {
    return false; // stdout is closed
  }
}

/** Errors of writes go to whoever writes: without these, Node ends the process with the stack of the error. */
export function ignoreStreamErrors(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
