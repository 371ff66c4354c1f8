/** `cortex-secrets delete`: which secrets to delete. */
import type { SecretsClient } from '../../client.js';
import { checkBulkOptions, DEFAULT_MAX_DELETES, type GivenBulkOptions } from '../bulk/options.js';
import { type Job, runBulk } from '../bulk/run-bulk.js';
import type { Step } from '../bulk/step.js';
import { checkPrefix, checkTagOrId } from '../commands/arguments.js';
import type { Context } from '../context.js';
import { UsageError } from '../exit.js';
import { isMissing } from '../values/store.js';
import { readTags } from './read-tags.js';

/** As the command line gives them. */
export interface DeleteOptions extends GivenBulkOptions {
  prefix?: string;
  from?: string;
  ignoreMissing?: boolean;
}

export async function runDelete(given: readonly string[], options: DeleteOptions, context: Context): Promise<void> {
  const { prefix, from, ignoreMissing = false } = options;
  const ways = [given.length > 0, prefix !== undefined, from !== undefined].filter(Boolean).length;
  if (ways === 0) throw new UsageError('delete: name tags or ids, or use --prefix or --from');
  if (ways > 1) throw new UsageError('delete: use one of tags, --prefix and --from');
  checkPrefix(prefix);
  for (const tagOrId of given) checkTagOrId(tagOrId);
  const bulk = checkBulkOptions(options);
  // Each argument was named: that is a limit of its own.
  const maxDeletes = bulk.maxDeletes ?? (given.length > 0 ? Number.POSITIVE_INFINITY : DEFAULT_MAX_DELETES);
  const apply: Job<Step>['apply'] = async (secrets, { action, tag }) => {
    if (action === 'skip') return 'skipped';
    try {
      await secrets.delete(tag);
      return 'done';
    } catch (error) {
      if (ignoreMissing && isMissing(error)) return 'skipped';
      throw error;
    }
  };
  await runBulk('delete', bulk, context, async () => {
    if (prefix !== undefined)
      return { content: { prefix }, maxDeletes, apply, plan: (secrets) => stepsOfPrefix(secrets, prefix) };
    const tagsOrIds = [...new Set(from === undefined ? given : await readTags(from, context.io))];
    const plan = (secrets: SecretsClient) =>
      from === undefined && !bulk.dryRun
        ? Promise.resolve(tagsOrIds.map((tag) => ({ action: 'delete', tag }) as const))
        : stepsOfTags(secrets, tagsOrIds, ignoreMissing);
    return { content: { tagsOrIds }, maxDeletes, apply, plan, showsEach: from === undefined };
  });
}

async function stepsOfPrefix(secrets: SecretsClient, prefix: string): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const { tag } of secrets.listAll()) if (tag.startsWith(prefix)) steps.push({ action: 'delete', tag });
  return steps;
}

/** With the tags that ids stand for, so that no secret is deleted twice. */
async function stepsOfTags(
  secrets: SecretsClient,
  tagsOrIds: readonly string[],
  ignoreMissing: boolean,
): Promise<Step[]> {
  if (tagsOrIds.length === 0) return [];
  const tags = new Set<string>();
  const tagOfId = new Map<string, string>();
  for await (const { tag, id } of secrets.listAll()) {
    tags.add(tag);
    tagOfId.set(id, tag);
  }
  const steps = new Map<string, Step>();
  for (const tagOrId of tagsOrIds) {
    const tag = tags.has(tagOrId) ? tagOrId : tagOfId.get(tagOrId);
    if (tag !== undefined) steps.set(tag, { action: 'delete', tag });
    else steps.set(tagOrId, { action: ignoreMissing ? 'skip' : 'missing', tag: tagOrId });
  }
  return [...steps.values()];
}
