/** Starts calls with the options that the user gave them. */
import { callOptions, type WriteOptions } from './options.js';
import { newCall } from './pipeline/call.js';
import type { Call, CallLimits } from './pipeline/types.js';
import { SensitiveValues } from './redaction/redact.js';

/** The calls of one client. */
export interface Calls {
  /** Starts the bookkeeping of a call. */
  start(operation: string, options?: WriteOptions, details?: CallDetails): Call;
  /** The signal and the deadline of options that are for several calls. */
  limitsOf(options?: WriteOptions): { signal: AbortSignal | undefined; deadlineMs: number };
}

interface CallDetails {
  /** The tag or the id that the user gave. */
  tagOrId?: unknown;
  /** What a call that writes sends: no error may show the value. Only such a call takes `allowEmptyValue`. */
  write?: { value: string | undefined };
  /** Whether everything that the call sends may be sent twice. @defaultValue false: it depends on the HTTP method */
  idempotent?: boolean;
  /** The time until the call must be over, in milliseconds. @defaultValue its deadlineMs */
  timeLeftMs?: number;
}

/** `sensitiveTexts` are those of the client, apart from its key: no error may show them either. */
export const callsOf = (defaults: CallLimits, sensitiveTexts: readonly string[]): Calls => ({
  start(operation, options = {}, details = {}) {
    const { tagOrId, write, idempotent = false } = details;
    const { signal, limits } = callOptions(options, defaults, write !== undefined);
    const { timeLeftMs = limits.deadlineMs } = details;
    const sensitiveValues = new SensitiveValues(write?.value);
    for (const text of sensitiveTexts) sensitiveValues.add(text);
    return newCall({
      operation,
      tagOrId: typeof tagOrId === 'string' ? tagOrId : undefined,
      limits,
      signal,
      deadline: performance.now() + timeLeftMs,
      idempotent,
      sensitiveValues,
    });
  },

  limitsOf(options = {}) {
    const { signal, limits } = callOptions(options, defaults, false);
    return { signal, deadlineMs: limits.deadlineMs };
  },
});
