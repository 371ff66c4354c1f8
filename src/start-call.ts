/** Starts a call with the options that the user gave it. */
import { callOptions, type WriteOptions } from './options.js';
import { startCall } from './pipeline/call.js';
import type { Call, CallLimits } from './pipeline/types.js';
import { SensitiveValues } from './redaction/redact.js';

/** Starts the bookkeeping of a call. */
export type StartCall = (operation: string, options?: WriteOptions, details?: CallDetails) => Call;

interface CallDetails {
  /** The tag or the id that the user gave. */
  tagOrId?: unknown;
  /** A value that no error may show. Only a call that has it takes `allowEmptyValue`. */
  value?: string | undefined;
  /** Whether everything that the call sends may be sent twice. @defaultValue false: it depends on the HTTP method */
  idempotent?: boolean;
}

/** `sensitiveTexts` are those of the client, apart from its key: no error may show them either. */
export function callStarter(defaults: CallLimits, sensitiveTexts: readonly string[]): StartCall {
  return (operation, options = {}, details = {}) => {
    const { tagOrId, value, idempotent = false } = details;
    const { signal, limits } = callOptions(options, defaults, 'value' in details);
    const sensitiveValues = new SensitiveValues(value);
    for (const text of sensitiveTexts) sensitiveValues.add(text);
    return startCall({
      operation,
      tagOrId: typeof tagOrId === 'string' ? tagOrId : undefined,
      limits,
      signal,
      idempotent,
      sensitiveValues,
    });
  };
}
