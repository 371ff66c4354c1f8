/**
 * What an import has stored, so that the next one can leave out what is unchanged: Cortex never returns a value.
 *
 * The file has a line of JSON for the state, and one for each tag with a digest of what was stored. A digest is an
 * HMAC-SHA-256 of tag, id, name and value: without the key, nobody can try values against it, nor see that two are equal.
 * The id is that of the secret in Cortex: one that was deleted and created again, or is of another workspace, is another.
 *
 * A tag has no digest from before its first request on until it is stored. So whatever ends the process, no digest stands
 * for what may not be in Cortex.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from '../exit.js';
import { fileError, isFileError, readFileUpTo, shownPath } from '../files.js';
import type { Entry } from './entry.js';

const VERSION = 1;
const MAX_STATE_BYTES = 100_000_000;
const KEY_INFO = 'cortex-secrets import state 1';
const CHECK_TEXT = 'check of the key';

interface Header {
  readonly state: {
    readonly version: number;
    /** The address of Cortex. */
    readonly address: string;
    readonly salt: string;
    /** Tells whether the key is the one that made the digests. */
    readonly check: string;
  };
}

interface Line {
  readonly tag: string;
  readonly digest: string;
}

export interface StateOptions {
  readonly path: string;
  /** The normalized address of Cortex. */
  readonly address: string;
  /** What the key of the digests is made from. */
  readonly secret: string;
}

/** The state of earlier imports, and of the one that runs. */
export class ImportState {
  readonly #path: string;
  readonly #header: Header;
  readonly #key: Buffer;
  readonly #digests: Map<string, string>;
  /** Whether the digests were made with another key, so that everything counts as changed. */
  readonly hasOtherKey: boolean;
  #file: number | undefined;

  private constructor(path: string, header: Header, key: Buffer, digests: Map<string, string>, hasOtherKey: boolean) {
    this.#path = path;
    this.#header = header;
    this.#key = key;
    this.#digests = digests;
    this.hasOtherKey = hasOtherKey;
  }

  /**
   * Reads the state, or begins one if the file does not exist. Writes nothing.
   *
   * @throws UsageError for a file that is damaged, newer, of another address, or no state at all
   */
  static read({ path, address, secret }: StateOptions): ImportState {
    const found = readLines(path);
    if (found !== undefined && found.header.state.address !== address)
      throw new UsageError(`--state: ${shownPath(path)} is the state of another address`, [
        'Use a state file for each address.',
      ]);
    const salt = found?.header.state.salt ?? randomBytes(16).toString('base64url');
    const key = Buffer.from(hkdfSync('sha256', secret, Buffer.from(salt, 'base64url'), KEY_INFO, 32));
    const check = hmac(key, CHECK_TEXT);
    const hasOtherKey = found !== undefined && !isEqual(found.header.state.check, check);
    const header = { state: { version: VERSION, address, salt, check } };
    return new ImportState(path, header, key, hasOtherKey ? new Map() : (found?.digests ?? new Map()), hasOtherKey);
  }

  /** Whether the secret of this id has the name and the value of the entry. */
  has(entry: Entry, id: string): boolean {
    const digest = this.#digests.get(entry.tag);
    return digest !== undefined && isEqual(digest, this.#digestOf(entry, id));
  }

  #digestOf({ tag, name, secret }: Entry, id: string): string {
    return hmac(this.#key, JSON.stringify([tag, id, name ?? null, secret]));
  }

  /**
   * Forgets the tags whose secrets will be written or deleted, in the file too. Call it before the first request.
   *
   * @throws UsageError if the file can't be written
   */
  begin(tags: Iterable<string>): void {
    for (const tag of tags) this.#digests.delete(tag);
    this.#replace();
    try {
      this.#file = openSync(this.#path, 'a');
    } catch (error) {
      throw fileError('--state', 'write', this.#path, error);
    }
  }

  /**
   * Remembers a secret that was stored.
   *
   * @throws UsageError if the file can't be written
   */
  stored(entry: Entry, id: string): void {
    const line: Line = { tag: entry.tag, digest: this.#digestOf(entry, id) };
    this.#digests.set(line.tag, line.digest);
    try {
      if (this.#file !== undefined) writeFileSync(this.#file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw fileError('--state', 'write', this.#path, error);
    }
  }

  /**
   * Writes the tags in order, and leaves out those of secrets that no longer exist.
   *
   * @throws UsageError if the file can't be written
   */
  end(isGone: (tag: string) => boolean): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    for (const tag of this.#digests.keys()) if (isGone(tag)) this.#digests.delete(tag);
    this.#replace();
  }

  /** Another process sees the old file or the new one, also after a crash. */
  #replace(): void {
    const lines = [...this.#digests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tag, digest]) => ({ tag, digest }));
    const text = [this.#header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
    const path = realPath(this.#path);
    const temporary = `${path}.tmp`; // nobody else writes it: see lock.ts
    try {
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw fileError('--state', 'write', this.#path, error);
    }
  }
}

/** A link stays a link: the file that it points to is replaced. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // there is none yet
  }
}

const hmac = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

const isEqual = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** Returns undefined if there is no file, or an empty one. */
function readLines(path: string): { header: Header; digests: Map<string, string> } | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileUpTo(path, MAX_STATE_BYTES, '--state');
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (error.code === 'ENOENT') return undefined;
    throw fileError('--state', 'read', path, error);
  }
  if (bytes.length === 0) return undefined;
  const [first = '', ...rest] = bytes.toString('utf8').split('\n');
  const header = parsed(first) as Partial<Header> | undefined;
  if (typeof header?.state !== 'object' || typeof header.state?.version !== 'number')
    throw new UsageError('--state: the file is no state of an import; choose another path', []);
  if (header.state.version > VERSION)
    throw new UsageError('--state: the file was written by a newer version of cortex-secrets; update it');
  // What a crash cut off has no line break at its end.
  const isCut = rest.pop() !== '';
  const lines = rest.map(parsed) as (Line | undefined)[];
  const digests = new Map<string, string>();
  const { address, salt, check } = header.state;
  let isDamaged = ![address, salt, check].every((text) => typeof text === 'string');
  for (const line of lines) {
    if (typeof line?.tag !== 'string' || !/^[\w-]{43}$/.test(String(line.digest))) isDamaged = true;
    else digests.set(line.tag, line.digest);
  }
  if (isCut && lines.length === 0) isDamaged = true;
  if (isDamaged)
    throw new UsageError('--state: the file is damaged; remove it, and the import writes every secret again');
  return { header: header as Header, digests };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
