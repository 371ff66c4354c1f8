/** Keeps two imports from using one state at once: a file beside it, which its process touches while it runs. */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { CliError } from '../exit.js';
import { fileError, isFileError, shownPath } from '../files.js';

const TOUCH_MS = 5000;
/** A process that has not touched its file for so long has ended, or was stopped. */
const STALE_MS = 60_000;

interface Owner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
}

/**
 * Takes the lock. Returns a function that gives it back.
 *
 * @param onLost called if another process has taken it, since this one was stopped for too long
 * @throws CliError if another import has it
 */
export function takeLock(path: string, onLost: () => void): () => void {
  const lock = `${path}.lock`;
  const owner: Owner = { id: randomUUID(), pid: process.pid, host: hostname() };
  if (!create(lock, owner)) {
    const { found, isStale } = look(lock);
    if (!isStale || !removeStale(lock, found) || !create(lock, owner))
      throw new CliError(`--state: another import uses ${shownPath(path)}; run this one when it has ended`, undefined, [
        `If none runs, remove ${shownPath(lock)}, or wait for a minute.`,
      ]);
  }
  const isOurs = () => read(lock)?.id === owner.id;
  const timer = setInterval(() => {
    if (!isOurs()) return onLost();
    const now = new Date();
    utimesSync(lock, now, now);
  }, TOUCH_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (isOurs()) rmSync(lock, { force: true });
  };
}

/** Returns false if there is one. */
function create(lock: string, owner: Owner): boolean {
  // A link makes the file appear with its content.
  const own = `${lock}.${owner.id}`;
  try {
    const file = openSync(own, 'wx', 0o600);
    writeFileSync(file, JSON.stringify(owner));
    closeSync(file);
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (isFileError(error) && error.code === 'EEXIST') return false;
    throw fileError('--state', 'write', lock, error);
  } finally {
    rmSync(own, { force: true });
  }
}

function read(lock: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(lock, 'utf8'));
  } catch {
    return undefined; // given back meanwhile, or not ours
  }
}

function look(lock: string): { found: Owner | undefined; isStale: boolean } {
  const found = read(lock);
  try {
    const isOld = Date.now() - statSync(lock).mtimeMs > STALE_MS;
    return { found, isStale: isOld || (found?.host === hostname() && !isRunning(found.pid)) };
  } catch {
    return { found, isStale: true }; // given back meanwhile
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Returns false if another process was faster. */
function removeStale(lock: string, found: Owner | undefined): boolean {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    return isFileError(error) && error.code === 'ENOENT';
  }
  const moved = read(aside);
  try {
    if (moved?.id === found?.id) return true;
    linkSync(aside, lock); // it was the new lock of another process
    return false;
  } catch {
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}
