/** Writes rows of data as a table, JSON, NDJSON or TSV. */
import type { Secret } from '../../generated/schema.js';
import { UsageError } from './exit.js';
import type { Io } from './io.js';
import { printable } from './printable.js';

export const FORMATS = ['table', 'json', 'ndjson', 'tsv'] as const;
export type Format = (typeof FORMATS)[number];
export type Row = Readonly<Record<string, string | number | undefined>>;

/** Whether errors are written as JSON. */
export const isJson = (given: string | undefined): boolean => given === 'json' || given === 'ndjson';

/** The format that was asked for; otherwise a table on a terminal, and TSV elsewhere. */
export function formatOf(given: string | undefined): Format {
  if (given === undefined) return process.stdout.isTTY ? 'table' : 'tsv';
  const format = FORMATS.find((name) => name === given);
  if (format === undefined) throw new UsageError(`--output: must be one of ${FORMATS.join(', ')}`);
  return format;
}

export const SECRET_COLUMNS = ['tag', 'name', 'id'] as const;

export const secretRow = ({ tag, name, id }: Secret): Row => ({ tag, name, id });

/** Writes one secret. */
export const writeSecret = ({ io, format }: { io: Io; format: Format }, secret: Secret): Promise<void> =>
  writeRow(io, format, SECRET_COLUMNS, secretRow(secret));

/** Writes rows as they come, if the format allows it. */
export async function writeRows(
  io: Io,
  format: Format,
  columns: readonly string[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): Promise<void> {
  if (format === 'ndjson' || format === 'tsv') {
    const toLine = format === 'tsv' ? (row: Row) => tsv(columns, row) : (row: Row) => JSON.stringify(row);
    let lines = '';
    for await (const row of rows) {
      lines += `${toLine(row)}\n`;
      if (lines.length < 16_384) continue;
      await io.data(lines);
      lines = '';
    }
    if (lines !== '') await io.data(lines);
    return;
  }
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  if (format === 'json') await io.data(`${JSON.stringify(all, null, 2)}\n`);
  else if (all.length > 0) {
    const { table } = await import('./table.js');
    const cells = all.map((row) => columns.map((name) => String(row[name] ?? '')));
    const width = process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
    await io.data(table(columns, cells, width));
  }
}

/** Writes one row: as an object in JSON, not as a list. */
export async function writeRow(io: Io, format: Format, columns: readonly string[], row: Row): Promise<void> {
  if (format === 'json') await io.data(`${JSON.stringify(row, null, 2)}\n`);
  else await writeRows(io, format, columns, [row]);
}

const ESCAPES: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

/** A line without a header: `cut -f1` gives the first column. */
const tsv = (columns: readonly string[], row: Row) =>
  columns
    .map((name) => printable(String(row[name] ?? '').replace(/[\t\n\r\\]/g, (char) => ESCAPES[char] as string)))
    .join('\t');
