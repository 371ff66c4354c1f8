/** `cortex-secrets import`: what to do with the secrets of a file. */
import { runBulk } from '../bulk/run-bulk.js';
import { listed, type Step } from '../bulk/step.js';
import type { Context } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { applyStep } from './apply-step.js';
import { hideValues } from './hide-values.js';
import { type CheckedOptions, checkOptions, type ImportOptions } from './options.js';
import { type ImportStep, makePlan, pruneText } from './plan.js';
import { readEntries } from './read-file.js';
import { openState, type UsedState } from './use-state.js';

export async function runImport(file: string, given: ImportOptions, context: Context): Promise<void> {
  const options = checkOptions(given);
  const { pruneWithin, onExisting, bulk } = options;
  const existing = new Map<string, string>();
  let state: UsedState;
  const read = async () => {
    const { entries, leftOut } = await readEntries(file, options, context.io);
    return { entries, kept: new Set(options.pruneExcluded ? [] : leftOut) };
  };
  await runBulk('import', bulk, context, async () => {
    const { entries, kept } = await read();
    const hiding = hideValues(entries);
    return {
      content: entries.map(({ tag, name, secret }) => [tag, name ?? null, secret]),
      maxDeletes: options.maxDeletes,
      open(fail) {
        state = openState(options, context, fail);
      },
      async plan(secrets) {
        await hiding(async () => {
          for await (const { tag, id } of secrets.listAll()) existing.set(tag, id);
        });
        const steps = makePlan(entries, existing, { onExisting, pruneWithin, kept, isUnchanged: state.isUnchanged });
        refuseExisting(steps, options);
        return steps;
      },
      notePlan() {
        if (pruneWithin !== undefined) context.io.note(pruneText(entries, existing, { pruneWithin, kept }));
      },
      begin: (steps) => state.begin(steps),
      async apply(secrets, step: ImportStep) {
        const write = { allowEmptyValue: options.allowEmpty };
        const { status, id } = await hiding(() => applyStep(secrets, step, onExisting, write));
        if (id !== undefined && step.entry) state.stored(step.entry, id);
        return status;
      },
      end: (lines) => state.end(lines, existing),
    };
  });
}

function refuseExisting(steps: readonly Step[], { onExisting }: CheckedOptions): void {
  const tags = steps.filter(({ action }) => action === 'update').map(({ tag }) => tag);
  if (onExisting !== 'fail' || tags.length === 0) return;
  const message = `import: ${tags.length} of the tags exist already; nothing was changed`;
  throw new CliError(message, EXIT.exists, [listed(tags)]);
}
