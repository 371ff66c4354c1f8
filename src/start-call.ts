/** Starts a call with the options that the user gave it. */
import { type CallOptions, callOptions } from './options.js';
import { startCall } from './pipeline/call.js';
import type { Call, Limits } from './pipeline/types.js';
import { SensitiveValues } from './util/redact.js';

/** Starts the bookkeeping of a call; `values` are those that no error may show. */
export type StartCall = (
  operation: string,
  options?: CallOptions,
  values?: (string | undefined)[],
  idempotent?: boolean,
) => Call;

export function callStarter(defaults: Limits): StartCall {
  return (operation, options = {}, values = [], idempotent = false) =>
    startCall({
      operation,
      idempotent,
      sensitiveValues: new SensitiveValues(...values),
      ...callOptions(options, defaults),
    });
}
