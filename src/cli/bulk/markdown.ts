/** `--summary`: what became of an import or a delete, as Markdown for the summary of a CI job or a comment. Never has a value. */
import { appendFileSync } from 'node:fs';
import { fileError } from '../files.js';
import type { Failure } from '../io.js';
import { printable } from '../printable.js';
import type { ReportLine } from './report.js';
import { planText, type Step } from './step.js';
import { countsText } from './summary.js';

/** GitHub takes a summary of at most 1 MiB. */
const MAX_ROWS = 1000;

/** Appends what a dry run would do. */
export function addPlan(path: string, steps: readonly Step[]): void {
  const rows = steps.filter(({ action }) => action !== 'unchanged').map(({ tag, action }) => [code(tag), action]);
  append(path, [`Plan: ${planText(steps)}; nothing was changed.`, table(['Tag', 'Action'], rows)]);
}

/** Appends what became of each secret that was not unchanged. */
export function addResults(path: string, lines: readonly ReportLine[], isInterrupted: boolean): void {
  const rows = lines
    .filter(({ action }) => action !== 'unchanged')
    .map(({ tag, action, status, outcome }) => [code(tag), action, status, outcome]);
  const counts = countsText(lines) || 'nothing to do';
  append(path, [
    `${isInterrupted ? 'Interrupted: ' : ''}${counts}.`,
    table(['Tag', 'Action', 'Status', 'Outcome'], rows),
  ]);
}

/** Appends why nothing was done. */
export function addFailure(path: string, { message, details }: Failure): void {
  append(path, [`Failed: ${escaped(message)}`, details.map((line) => `- ${escaped(line)}`).join('\n')]);
}

function append(path: string, paragraphs: readonly string[]): void {
  const text = ['### Cortex secrets', ...paragraphs.filter((text) => text !== '')].join('\n\n');
  try {
    appendFileSync(path, `${text}\n\n`);
  } catch (error) {
    throw fileError('--summary', 'write', path, error);
  }
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const more = rows.length > MAX_ROWS ? `\n\nand ${rows.length - MAX_ROWS} more` : '';
  return [line(columns), line(columns.map(() => '---')), ...rows.slice(0, MAX_ROWS).map(line)].join('\n') + more;
}

/** A tag of a secret that exists can be any text. */
const code = (text: string) => `<code>${escaped(text)}</code>`;

/** As text that has no meaning in Markdown, HTML or a table. */
const escaped = (text: string) => printable(text).replace(/[&<>|`*_[\]\\#~!@$]/g, (char) => `&#${char.charCodeAt(0)};`);
