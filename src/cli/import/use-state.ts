/** What `import` does with `--state`: nothing without it, and with a dry run no more than look at it. */

import type { ReportLine } from '../bulk/report.js';
import { isIdle, type Step } from '../bulk/step.js';
import type { Context } from '../context.js';
import { CliError } from '../exit.js';
import { normalizedAddress, stateSecret } from '../settings.js';
import type { Entry } from './entry.js';
import { takeLock } from './lock.js';
import type { CheckedOptions } from './options.js';
import type { Existing } from './plan.js';
import { ImportState } from './state.js';

export interface UsedState {
  readonly isUnchanged: (entry: Entry, id: string) => boolean;
  /** Call it before the first request that changes something. */
  readonly begin: (steps: readonly Step[]) => void;
  readonly stored: (entry: Entry, id: string) => void;
  readonly end: (lines: readonly ReportLine[], existing: Existing) => void;
}

const NO_STATE: UsedState = { isUnchanged: () => false, begin: () => {}, stored: () => {}, end: () => {} };

/**
 * Takes the lock of the state, and reads it.
 *
 * @param onFailure called if the state can't be written any more, or another import has taken it
 * @throws CliError if another import uses it, or it is none
 */
export function openState(
  { state: path, force, bulk: { dryRun } }: CheckedOptions,
  { io, settings }: Context,
  onFailure: (error: CliError) => void,
): UsedState {
  if (path === undefined) return NO_STATE;
  const { baseUrl } = settings();
  const secret = stateSecret(settings(), io);
  let isLost = false;
  const attempt = (work: () => void) => {
    if (isLost) return;
    try {
      work();
    } catch (error) {
      onFailure(error as CliError);
    }
  };
  if (!dryRun) {
    const release = takeLock(path, () => {
      isLost = true;
      onFailure(new CliError('--state: another import has taken it, since this one was stopped for too long'));
    });
    // Whatever ends the process, except for a SIGKILL: then the next import sees that it has ended.
    process.once('exit', release);
  }
  const state = ImportState.read({ path, address: normalizedAddress(baseUrl) ?? '', secret });
  if (state.hasOtherKey) io.note('--state: was written with another key, so that everything counts as changed');
  return {
    isUnchanged: (entry, id) => !force && state.has(entry, id),
    begin(steps) {
      const tags = steps.flatMap((step) => (isIdle(step) ? [] : [step.tag]));
      if (tags.length > 0 || state.hasOtherKey) state.begin(tags);
    },
    stored(entry, id) {
      attempt(() => state.stored(entry, id));
    },
    end(lines, existing) {
      const gone = new Set(
        lines.filter(({ action, status }) => action === 'delete' && status === 'done').map(({ tag }) => tag),
      );
      const created = new Set(lines.filter(({ action }) => action === 'create').map(({ tag }) => tag));
      attempt(() => state.end((tag) => gone.has(tag) || !(existing.has(tag) || created.has(tag))));
    },
  };
}
