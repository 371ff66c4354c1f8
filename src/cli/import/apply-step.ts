/** Does one step of a plan. */
import type { SecretsClient } from '../../client.js';
import { isCortexError } from '../../errors.js';
import type { WriteOptions } from '../../options.js';
import { UnknownOutcome } from '../bulk/run-steps.js';
import { isIdle } from '../bulk/step.js';
import { isMissing, storeValue } from '../values/store.js';
import type { Entry } from './entry.js';
import type { ImportStep, OnExisting } from './plan.js';

/** `id` is that of a secret that was stored. */
export interface Applied {
  readonly status: 'done' | 'skipped';
  readonly id?: string;
}

/** @throws the error of the client, or an UnknownOutcome with it */
export async function applyStep(
  secrets: SecretsClient,
  { action, tag, entry }: ImportStep,
  onExisting: OnExisting,
  { allowEmptyValue, ...options }: WriteOptions,
): Promise<Applied> {
  const writeOptions = { ...options, allowEmptyValue };
  if (isIdle({ action })) return { status: 'skipped' };
  if (action === 'delete') {
    // What somebody else has deleted meanwhile is as it should be.
    await secrets.delete(tag, options).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    return { status: 'done' };
  }
  const { name, secret } = entry as Entry;
  if (action === 'update') {
    const { id } = await storeValue(secrets, { tag, name, secret }, writeOptions);
    return { status: 'done', id };
  }
  try {
    const { id } = await secrets.create({ tag, name: name ?? tag, secret }, writeOptions);
    return { status: 'done', id };
  } catch (error) {
    const next = afterFailedCreate(error, onExisting);
    if (next === 'throw') throw error;
    if (next === 'skip') return { status: 'skipped' };
    const { id } = await storeValue(secrets, { tag, name, secret }, writeOptions).catch((second) => {
      throw isCortexError(error) && error.outcome === 'unknown' ? new UnknownOutcome(second) : second;
    });
    return { status: 'done', id };
  }
}

/**
 * A create is not retried by the client, since it may have been processed. If existing secrets may be updated, an update
 * settles it. Otherwise the secret that is there may be somebody else's: the user has to look.
 */
function afterFailedCreate(error: unknown, onExisting: OnExisting): 'store' | 'skip' | 'throw' {
  if (!isCortexError(error)) return 'throw';
  const mayExist = error.name === 'ApiError' && (error.status === 400 || error.status === 409);
  if (onExisting === 'update' && (mayExist || error.outcome === 'unknown')) return 'store';
  const exists = error.name === 'ApiError' && error.status === 409 && error.outcome === 'rejected';
  return onExisting === 'skip' && exists ? 'skip' : 'throw';
}
