/** The report of an import or a delete: one line of JSON for each secret, so that another run can do only the rest. */
import { createHmac } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../exit.js';
import { fileError, isFileError, shownPath } from '../files.js';

/** What became of one secret. Never has its value. */
export interface ReportLine {
  readonly tag: string;
  readonly action: string;
  readonly status: 'done' | 'skipped' | 'failed' | 'interrupted' | 'not tried';
  /** What the server did, as the client's errors say it. */
  readonly outcome: 'processed' | 'rejected' | 'unknown' | 'not-sent';
  readonly error?: string;
}

/** The first line of a report: what it reports on. */
export type ReportHeader = { readonly [command in Command]?: { readonly id: string; readonly secrets: number } };
export type Command = 'import' | 'delete';

/**
 * Identifies what is done, so that a report is not resumed with something else, such as other values. Keyed with the API key:
 * who has the report, but not the key, can't try values against it.
 */
export const contentId = (content: unknown, apiKey: string): string =>
  createHmac('sha256', apiKey).update(JSON.stringify(content)).digest('hex');

/** A first line of ours is far shorter. */
const MAX_HEADER_BYTES = 1024;

/**
 * A report may take the place of an earlier one, and of no other file: a wrong path would cost the user that file. What is
 * no regular file, such as /dev/stdout, has nothing to lose.
 *
 * @throws UsageError
 */
export function refuseOtherFile(path: string): void {
  let start: string;
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new UsageError(`--report: can't write ${shownPath(path)}: it is a directory`);
    if (!found.isFile() || found.size === 0) return;
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MAX_HEADER_BYTES);
      start = bytes.toString('utf8', 0, readSync(file, bytes, 0, MAX_HEADER_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (error.code !== 'ENOENT') throw fileError('--report', 'read', path, error);
    refuseMissingFolder(path);
    return;
  }
  if (!isHeader(start.split('\n')[0] as string))
    throw new UsageError('--report: the file exists, and is no report; remove it, or choose another path');
}

/** Known before the first request, and not only when the report is begun. */
function refuseMissingFolder(path: string): void {
  try {
    statSync(dirname(path));
  } catch (error) {
    throw fileError('--report', 'write', path, error);
  }
}

function isHeader(line: string): boolean {
  try {
    const header: ReportHeader = JSON.parse(line);
    return typeof (header.import ?? header.delete)?.id === 'string';
  } catch {
    return false;
  }
}

/** Reads the report of an earlier run. A last line that a crash cut off is dropped. */
export function readReport(path: string, command: Command, id: string): ReportLine[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fileError('--resume', 'read', path, error);
  }
  const complete = bytes.toString('utf8', 0, completeLength(bytes)).split('\n').slice(0, -1);
  let header: ReportHeader | undefined;
  let lines: ReportLine[];
  try {
    [header, ...lines] = complete.map((line) => JSON.parse(line));
    if (typeof header?.[command]?.id !== 'string' || !lines.every(({ tag }) => typeof tag === 'string'))
      throw new Error();
  } catch {
    throw new UsageError(`--resume: the file is no report of ${command === 'import' ? 'an import' : 'a delete'}`);
  }
  if (header[command]?.id !== id)
    throw new UsageError(
      `--resume: what is to be done, or the API key, is not that of the report; ${command} without --resume`,
    );
  return lines;
}

/** The tags that need no more work. What an import has deleted may have been created again: its plan finds that out. */
export const finishedTags = (lines: readonly ReportLine[], command: Command): Set<string> =>
  new Set(
    lines
      .filter(
        ({ status, action }) =>
          (command === 'delete' || action !== 'delete') && (status === 'done' || status === 'skipped'),
      )
      .map(({ tag }) => tag),
  );

export interface Report {
  add(line: ReportLine): void;
  close(): void;
}

export const NO_REPORT: Report = { add: () => {}, close: () => {} };

/**
 * Opens a report: a new one, or one that goes on. Each line is written as soon as its secret has ended, so that not even a
 * SIGKILL loses it.
 *
 * @param onFailure called once if a line can't be written, such as to a full disk; no more are written then
 */
export function openReport(
  path: string,
  header: ReportHeader,
  earlier: readonly ReportLine[],
  goesOn: boolean,
  onFailure: (error: UsageError) => void,
): Report {
  const option = goesOn ? '--resume' : '--report';
  try {
    if (goesOn) truncateSync(path, completeLength(readFileSync(path)));
    const file = openSync(path, goesOn ? 'a' : 'w', 0o600);
    const write = (value: ReportHeader | ReportLine) => writeFileSync(file, `${JSON.stringify(value)}\n`);
    if (!goesOn) for (const value of [header, ...earlier]) write(value);
    let isBroken = false;
    const attempt = (work: () => void) => {
      if (isBroken) return;
      try {
        work();
      } catch (error) {
        isBroken = true;
        onFailure(fileError(option, 'write', path, error));
      }
    };
    return { add: (line) => attempt(() => write(line)), close: () => attempt(() => closeSync(file)) };
  } catch (error) {
    throw fileError(option, 'write', path, error);
  }
}

/** Without a last line that a crash cut off. */
const completeLength = (bytes: Buffer) => bytes.lastIndexOf('\n') + 1;
