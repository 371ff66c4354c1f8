/** The last line of a command that worked on many secrets. */
import type { ReportLine } from './report.js';

interface SummaryOptions {
  readonly command: string;
  readonly interrupted: boolean;
  /** How many secrets an earlier run had finished. */
  readonly finishedBefore: number;
  /** The report, if one is written. */
  readonly path: string | undefined;
}

const DONE: Record<string, string> = { create: 'created', update: 'updated', delete: 'deleted', missing: 'deleted' };

/** `import interrupted: 12 created, 1 failed, 87 not tried; --resume r.ndjson does the rest` */
export function summaryText(lines: readonly ReportLine[], options: SummaryOptions): string {
  const counts = countsOf(lines);
  const parts = partsOf(counts);
  const { command, interrupted, finishedBefore, path } = options;
  if (finishedBefore > 0) parts.push(`${finishedBefore} done before`);
  const isUnfinished = ['failed', 'interrupted', 'not tried'].some((word) => counts.has(word));
  const advice = isUnfinished && path !== undefined ? `; --resume ${path} does the rest` : '';
  return `${command}${interrupted ? ' interrupted' : ''}: ${parts.join(', ') || 'nothing to do'}${advice}`;
}

/** `12 created, 1 failed` */
export const countsText = (lines: readonly ReportLine[]): string => partsOf(countsOf(lines)).join(', ');

function countsOf(lines: readonly ReportLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status, action } of lines) {
    const word = status === 'done' ? (DONE[action] ?? action) : action === 'unchanged' ? action : status;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

const ORDER = ['created', 'updated', 'deleted', 'unchanged', 'skipped', 'failed', 'interrupted', 'not tried'];
const partsOf = (counts: ReadonlyMap<string, number>) =>
  ORDER.flatMap((word) => (counts.has(word) ? [`${counts.get(word)} ${word}`] : []));
