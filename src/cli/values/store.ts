/** Stores a value under a tag. */
import type { Secret } from '../../../generated/schema.js';
import type { SecretsClient } from '../../client.js';
import { isCortexError } from '../../errors.js';
import type { WriteOptions } from '../../options.js';
import { CliError } from '../exit.js';

export interface NewValue {
  readonly tag: string;
  /** Without it a secret that exists keeps its name, and a new one gets its tag as its name. */
  readonly name: string | undefined;
  readonly secret: string;
}

/** Whether Cortex itself says that there is no such secret. */
export const isMissing = (error: unknown): boolean => isCortexError(error) && error.kind === 'not-found';

/** Creates or updates a secret: safe to retry after any failure. */
export async function storeValue(
  secrets: SecretsClient,
  { tag, name, secret }: NewValue,
  options: WriteOptions,
): Promise<Secret> {
  if (name !== undefined) return secrets.set(tag, { name, secret }, options);
  try {
    const updated = await secrets.update(tag, { secret }, options);
    if (updated.tag !== tag) throw new CliError('the tag is the id of another secret, whose value was changed');
    return updated;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return secrets.set(tag, { name: tag, secret }, options);
  }
}
