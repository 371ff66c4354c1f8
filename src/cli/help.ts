/** Help texts that fit into the terminal. */
import { Help } from 'commander';

/** The width that texts are written for. */
const FULL_WIDTH = 80;
/** A description in less than that is hard to read: it goes below its term. */
const MIN_DESCRIPTION_WIDTH = 30;

/** Narrower terminals wrap the text themselves. */
export const MIN_WIDTH = 20;

/** The columns of the terminal; undefined without one. */
export const helpWidth = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns : undefined);

/** Wraps the paragraphs of a text that is written for 80 columns. Lines that begin with a space are left as they are. */
export function fitted(text: string, columns: number = helpWidth() ?? FULL_WIDTH): string {
  if (columns >= FULL_WIDTH) return text;
  const help = Object.assign(new Help(), { minWidthToWrap: MIN_WIDTH });
  return text.replace(/^(?! ).+(?:\n(?! ).+)*/gm, (paragraph) =>
    help.boxWrap(paragraph.endsWith(':') ? paragraph : paragraph.replaceAll('\n', ' '), columns),
  );
}

/** Puts descriptions below their terms if they do not fit beside them. */
export function formatItem(term: string, termWidth: number, description: string, help: Help): string {
  const width = help.helpWidth ?? FULL_WIDTH;
  if (!description || width - termWidth - 4 >= MIN_DESCRIPTION_WIDTH)
    return Help.prototype.formatItem.call(help, term, termWidth, description, help);
  const lines = help.boxWrap(description, width - 6).split('\n');
  return [`  ${term}`, ...lines.map((line) => `      ${line}`)].join('\n');
}
