/** The steps of a plan, and what is said of them before they are done. */
import { CliError, EXIT } from '../exit.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { confirm } from '../values/prompt.js';

/** `missing` is a delete of a secret that is not in the list. */
export type Action = 'create' | 'update' | 'skip' | 'unchanged' | 'delete' | 'missing';

export interface Step {
  readonly action: Action;
  readonly tag: string;
}

const WORDS: Readonly<Record<Action, string>> = {
  create: 'to create',
  update: 'to update',
  skip: 'to skip',
  unchanged: 'unchanged',
  delete: 'to delete',
  missing: 'missing',
};

/** `3 to create, 1 to delete` */
export function planText(steps: readonly Step[]): string {
  const parts = Object.entries(WORDS).flatMap(([name, words]) => {
    const count = steps.filter(({ action }) => action === name).length;
    return count > 0 ? [`${count} ${words}`] : [];
  });
  return parts.join(', ') || 'nothing to do';
}

/** Whether a step sends nothing. */
export const isIdle = ({ action }: { action: string }): boolean => action === 'skip' || action === 'unchanged';

/** Whether a run would change something. */
export const isPending = (steps: readonly Step[]): boolean =>
  steps.some((step) => !isIdle(step) && step.action !== 'missing');

const deletesOf = (steps: readonly Step[]) => steps.filter(({ action }) => action === 'delete').map(({ tag }) => tag);

/** @throws CliError if a plan deletes more than it may: a dry run too, since it is there to tell */
export function checkLimit(command: string, steps: readonly Step[], maxDeletes: number): void {
  const { length } = deletesOf(steps);
  if (length <= maxDeletes) return;
  const count = length === 1 ? '1 secret' : `${length} secrets`;
  throw new CliError(`${command}: would delete ${count}, more than --max-deletes ${maxDeletes}; nothing was changed`);
}

/** @throws CliError unless there are no deletes, or they are agreed to */
export async function confirmDeletes(command: string, steps: readonly Step[], yes: boolean, io: Io): Promise<void> {
  const tags = deletesOf(steps);
  if (tags.length === 0 || yes) return;
  if (!io.canAsk) throw new CliError(`${command}: needs --yes to delete without a terminal`, EXIT.needsTerminal);
  const question =
    tags.length === 1
      ? `Delete "${printable(tags[0] as string)}" for good?`
      : `${listed(tags)}\nDelete these ${tags.length} secrets for good?`;
  if (!(await confirm(question))) throw new CliError(`${command}: nothing was changed`);
}

const MAX_LISTED = 20;

/** The first of many tags, one on each line. */
export function listed(tags: readonly string[]): string {
  const lines = tags.slice(0, MAX_LISTED).map((tag) => `  ${printable(tag)}`);
  const more = tags.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
