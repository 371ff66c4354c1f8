/** Writes rows of data as a table, JSON, NDJSON or TSV. */
import { UsageError } from './exit.js';
import { type Io, printable, styled } from './io.js';

export const FORMATS = ['table', 'json', 'ndjson', 'tsv'] as const;
export type Format = (typeof FORMATS)[number];
export type Row = Readonly<Record<string, string | number | undefined>>;

/** The format that was asked for; otherwise a table on a terminal, and TSV elsewhere. */
export function formatOf(given: string | undefined): Format {
  if (given === undefined) return process.stdout.isTTY ? 'table' : 'tsv';
  const format = FORMATS.find((name) => name === given);
  if (format === undefined) throw new UsageError(`--output: must be one of ${FORMATS.join(', ')}`);
  return format;
}

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
  else if (all.length > 0) await io.data(table(columns, all));
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

const GAP = '  ';
const MIN_WIDTH = 8;

function table(columns: readonly string[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((name) => printable(String(row[name] ?? ''))));
  const widths = columns.map((name, i) =>
    cells.reduce((width, row) => Math.max(width, (row[i] as string).length), name.length),
  );
  narrow(widths, process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => clip(text, widths[i] as number))
      .join(GAP)
      .trimEnd();
  const head = line(columns.map((name) => name.toUpperCase()));
  return `${[styled(process.stdout, 'bold', head), ...cells.map(line)].join('\n')}\n`;
}

/** Narrows the widest columns until a line fits into the terminal. */
function narrow(widths: number[], columns: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  while (total() > columns) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] as number) <= MIN_WIDTH) return;
    widths[widest] = (widths[widest] as number) - 1;
  }
}

const clip = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
