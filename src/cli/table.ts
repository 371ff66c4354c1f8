/** A table for a terminal: by the width of characters in cells, and without cutting what people copy. */
import stringWidth from 'string-width';
import { styled } from './io.js';
import { printable } from './printable.js';

const GAP = '  ';
const MIN_WIDTH = 8;
/** Free text. Other columns, such as tags and ids, are never cut: rows would look alike. */
const CUT = new Set(['name', 'description', 'detail']);

type Cells = readonly string[];

/** @param columns the width of the terminal; Infinity without one */
export function table(names: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = names.map((name, i) => Math.max(name.length, ...maxima(cells, i)));
  if (!narrow(widths, names, columns)) return stacked(names, cells);
  const line = (texts: Cells) =>
    texts
      .map((text, i) => padded(clip(text, widths[i] as number), widths[i] as number))
      .join(GAP)
      .trimEnd();
  const head = line(names.map((name) => name.toUpperCase()));
  return `${[styled(process.stdout, 'bold', head), ...cells.map(line)].join('\n')}\n`;
}

/** A list, since a spread of many thousand is too deep for the stack. */
const maxima = (cells: readonly Cells[], i: number): [number] => [
  cells.reduce((width, row) => Math.max(width, stringWidth(row[i] as string)), 0),
];

/** Narrows the widest columns that may be cut until a line fits. Returns whether it does. */
function narrow(widths: number[], names: readonly string[], columns: number): boolean {
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  const cut = widths.map((_, i) => i).filter((i) => CUT.has(names[i] as string));
  while (total() > columns) {
    const widest = cut.reduce((most, i) => ((widths[i] as number) > (widths[most] ?? 0) ? i : most), -1);
    if (widest < 0 || (widths[widest] as number) <= MIN_WIDTH) return false;
    widths[widest] = (widths[widest] as number) - 1;
  }
  return true;
}

/** A block for each row, for a terminal that is too narrow. It wraps what is too long; nothing is cut. */
function stacked(names: readonly string[], rows: readonly Cells[]): string {
  const width = Math.max(...names.map((name) => name.length));
  const label = (name: string) => styled(process.stdout, 'bold', name.toUpperCase().padEnd(width));
  const block = (row: Cells) =>
    names.flatMap((name, i) => (row[i] === '' ? [] : [`${label(name)}${GAP}${row[i]}`])).join('\n');
  return `${rows.map(block).join('\n\n')}\n`;
}

const padded = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** The beginning of a text that is too wide, in whole characters, with an ellipsis. */
export function clip(text: string, width: number): string {
  if (text.length <= width / 2 || stringWidth(text) <= width) return text;
  let clipped = '';
  let used = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    clipped += segment;
  }
  return `${clipped}…`;
}
