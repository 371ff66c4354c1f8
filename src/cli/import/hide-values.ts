/** Keeps the values of a file out of all errors of its import: the client knows only that of the call. */
import { isCortexError } from '../../errors.js';
import { redact, SensitiveValues } from '../../redaction/redact.js';
import { UnknownOutcome } from '../bulk/run-steps.js';
import type { Entry } from './entry.js';

/** A shorter value is often a word, which would blank harmless text of errors. */
const MIN_LENGTH = 8;

export function hideValues(entries: readonly Entry[]): <T>(work: () => Promise<T>) => Promise<T> {
  let values: SensitiveValues | undefined;
  const hide = (text: string): string => {
    values ??= sensitiveValues(entries);
    return redact(text, values);
  };
  return async (work) => {
    try {
      return await work();
    } catch (thrown) {
      const error = thrown instanceof UnknownOutcome ? thrown.next : thrown;
      if (isCortexError(error)) {
        const { requestId } = error as { requestId?: string };
        Object.assign(error, { message: hide(error.message), ...(requestId && { requestId: hide(requestId) }) });
      }
      throw thrown;
    }
  };
}

/** As one text: what a call has is a few values, each of which is compared with all others. */
function sensitiveValues(entries: readonly Entry[]): SensitiveValues {
  const values = entries.map(({ secret }) => secret).filter(({ length }) => length >= MIN_LENGTH);
  return new SensitiveValues(values.join('\n'));
}
