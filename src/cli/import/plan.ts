/** What an import will do, from the file and the secrets that exist. */
import type { Step } from '../bulk/step.js';
import type { Entry } from './entry.js';

export const ON_EXISTING = ['update', 'skip', 'fail'] as const;
export type OnExisting = (typeof ON_EXISTING)[number];

export interface ImportStep extends Step {
  /** Undefined for a delete. */
  readonly entry?: Entry;
}

export interface PlanOptions {
  readonly onExisting: OnExisting;
  /** The tags that --prune may delete if the file doesn't have them; undefined for none. */
  readonly pruneWithin: string | undefined;
  /** Tags that the file has, but that are left out: --prune keeps them. */
  readonly kept: ReadonlySet<string>;
  /** Whether the secret of this id is known to be as the file has it. */
  readonly isUnchanged: (entry: Entry, id: string) => boolean;
}

/** The secrets that exist: their tags and ids. */
export type Existing = ReadonlyMap<string, string>;

/** The steps in the order of the file, deletes last. With `fail`, existing tags are updates that the caller rejects. */
export function makePlan(entries: readonly Entry[], existing: Existing, options: PlanOptions): ImportStep[] {
  const { onExisting, pruneWithin, isUnchanged } = options;
  const steps: ImportStep[] = [];
  const actionFor = (entry: Entry) => {
    const id = existing.get(entry.tag);
    if (id === undefined) return 'create';
    if (isUnchanged(entry, id)) return 'unchanged';
    return onExisting === 'skip' ? 'skip' : 'update';
  };
  for (const entry of entries) steps.push({ action: actionFor(entry), tag: entry.tag, entry });
  if (pruneWithin === undefined) return steps;
  const { unnamed } = pruneView(entries, existing, { pruneWithin, kept: options.kept });
  return [...steps, ...unnamed.map((tag) => ({ action: 'delete', tag }) as const)];
}

/** What --prune sees: the secrets that exist in its scope, by what becomes of them. */
function pruneView(
  entries: readonly Entry[],
  existing: Existing,
  { pruneWithin, kept }: { pruneWithin: string; kept: ReadonlySet<string> },
) {
  const tags = [...existing.keys()].filter((tag) => tag.startsWith(pruneWithin));
  const named = new Set(entries.map(({ tag }) => tag));
  return {
    tags,
    leftOut: tags.filter((tag) => !named.has(tag) && kept.has(tag)),
    unnamed: tags.filter((tag) => !named.has(tag) && !kept.has(tag)).sort(),
  };
}

/** `prune sees 12 secrets within "app-": 9 are in the file, 1 is left out and kept, 2 are to delete` */
export function pruneText(
  entries: readonly Entry[],
  existing: Existing,
  scope: { pruneWithin: string; kept: ReadonlySet<string> },
): string {
  const { tags, leftOut, unnamed } = pruneView(entries, existing, scope);
  const where = scope.pruneWithin === '' ? 'in the workspace' : `within "${scope.pruneWithin}"`;
  const count = (n: number, what: string) => (n === 0 ? [] : [`${n} ${what}`]);
  const parts = [
    ...count(tags.length - leftOut.length - unnamed.length, 'in the file'),
    ...count(leftOut.length, 'left out by --only or --except, and kept'),
    ...count(unnamed.length, 'to delete'),
  ];
  return `prune sees ${tags.length} ${tags.length === 1 ? 'secret' : 'secrets'} ${where}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
