/** What an import will do, from the file and the secrets that exist. */
import type { Entry } from './entry.js';

export const ON_EXISTING = ['update', 'skip', 'fail'] as const;
export type OnExisting = (typeof ON_EXISTING)[number];

export interface Step {
  readonly action: 'create' | 'update' | 'skip' | 'delete';
  readonly tag: string;
  /** Undefined for a delete. */
  readonly entry?: Entry;
}

export interface PlanOptions {
  readonly onExisting: OnExisting;
  /** The tags that --prune may delete if the file doesn't have them; undefined for none. */
  readonly pruneWithin: string | undefined;
  /** Tags that an earlier import has finished. */
  readonly done: ReadonlySet<string>;
}

/** The steps in the order of the file, deletes last. With `fail`, existing tags are updates that the caller rejects. */
export function makePlan(entries: readonly Entry[], existing: ReadonlySet<string>, options: PlanOptions): Step[] {
  const { onExisting, pruneWithin, done } = options;
  const steps: Step[] = [];
  for (const entry of entries) {
    const { tag } = entry;
    if (done.has(tag)) continue;
    const action = !existing.has(tag) ? 'create' : onExisting === 'skip' ? 'skip' : 'update';
    steps.push({ action, tag, entry });
  }
  if (pruneWithin === undefined) return steps;
  const named = new Set(entries.map(({ tag }) => tag));
  const unnamed = [...existing].filter((tag) => tag.startsWith(pruneWithin) && !named.has(tag)).sort();
  return [...steps, ...unnamed.map((tag) => ({ action: 'delete', tag }) as const)];
}

/** `3 to create, 1 to delete` */
export function planText(steps: readonly Step[]): string {
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  const parts = (['create', 'update', 'skip', 'delete'] as const).flatMap((action) =>
    count(action) > 0 ? [`${count(action)} to ${action}`] : [],
  );
  return parts.join(', ') || 'nothing to do';
}
