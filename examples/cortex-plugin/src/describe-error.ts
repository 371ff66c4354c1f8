/** Errors in words for the person in front of the plugin. */
import { type ApiError, type ConnectionError, type ContractError, isCortexError } from 'cortex-secrets';
import { InputProblem } from './actions.js';

export type Action = 'list' | 'rotate' | 'create' | 'delete';

export interface ErrorText {
  /** What is known of the change. */
  title: string;
  /** What to do. */
  advice: string;
  /** For a bug report. The client keeps keys and values out of it. */
  detail?: string;
}

const NOT_DONE: Record<Action, string> = {
  list: 'The list could not be loaded.',
  rotate: 'The value was not changed.',
  create: 'The secret was not created.',
  delete: 'The secret was not deleted.',
};
const MAYBE_DONE: Record<Action, string> = {
  list: NOT_DONE.list,
  rotate: 'The value may have been changed.',
  create: 'The secret may have been created.',
  delete: 'The secret may have been deleted.',
};
const DONE: Record<Action, string> = {
  list: NOT_DONE.list,
  rotate: 'The value was changed, but the response of Cortex cannot be read.',
  create: 'The secret was created, but the response of Cortex cannot be read.',
  delete: 'The secret was deleted, but the response of Cortex cannot be read.',
};

/** After an unknown outcome. A value cannot be read back, so that a rotation is checked where the value is used. */
const CHECK: Record<Action, string> = {
  list: 'Try again.',
  rotate:
    'Check before you try again: does what uses this secret work with the old value, or with the new one? Setting the same value once more does no harm.',
  create: 'Check before you try again: reload the list, and look for the tag.',
  delete: 'Check before you try again: reload the list, and look for the tag.',
};

export function describeError(error: unknown, action: Action): ErrorText {
  if (error instanceof InputProblem) return { title: NOT_DONE[action], advice: error.message };
  if (isCortexError(error)) return describeCortexError(error, action);
  if (nameOf(error) === 'AbortError')
    return { title: `You stopped waiting. ${MAYBE_DONE[action]}`, advice: CHECK[action] };
  // The client refuses what it cannot send with a TypeError, which quotes no value.
  if (error instanceof TypeError)
    return { title: NOT_DONE[action], advice: 'Change the input.', detail: error.message };
  return { title: MAYBE_DONE[action], advice: CHECK[action], detail: `Unexpected error: ${nameOf(error)}` };
}

type AnyCortexError = ApiError | ConnectionError | ContractError;

function describeCortexError(error: AnyCortexError, action: Action): ErrorText {
  const requestId = error.name === 'ApiError' && error.requestId;
  const detail = requestId ? `${error.message} (request ${requestId})` : error.message;
  if (error.outcome === 'processed') return { title: DONE[action], advice: 'Reload the list.', detail };
  // A list changes nothing: there is nothing to check.
  if (error.outcome === 'unknown' && action !== 'list')
    return { title: `${cause(error)}${MAYBE_DONE[action]}`, advice: CHECK[action], detail };
  return { title: `${cause(error)}${NOT_DONE[action]}`, advice: adviceFor(error, action), detail };
}

function cause(error: AnyCortexError): string {
  if (error.name === 'ApiError') return error.outcome === 'unknown' ? `Cortex responded with ${error.status}. ` : '';
  if (error.name === 'ConnectionError') return error.timedOut ? 'Cortex took too long. ' : 'The connection failed. ';
  return 'The response is not one of Cortex. ';
}

function adviceFor(error: AnyCortexError, action: Action): string {
  if (error.name !== 'ApiError') return 'Try again.';
  const { status, type, retryAfterMs } = error;
  if (status === 401)
    return 'Cortex did not get your rights with the request: the page that shows this plugin adds them. Reload that page, and sign in again.';
  if (status === 403)
    return 'You lack the "Create secrets" permission. Ask an administrator of your Cortex workspace for it.';
  if (status === 429) return `Cortex received too many requests. Try again ${delayInWords(retryAfterMs)}.`;
  if (status === 404 && type !== undefined) return 'It no longer exists. Reload the list.';
  if (status === 404) return 'There is no Cortex at this address. Ask who runs your Cortex.';
  if (action === 'create' && (status === 409 || type === 'CONFLICT'))
    return 'This tag is taken. Choose another one, or rotate the secret that has it.';
  if (status === 400 || status === 409) return 'Cortex refused the input: the details say why.';
  if (status === 413) return 'The value is too large for Cortex.';
  return 'Cortex has a problem. Try again in a few minutes.';
}

function delayInWords(ms = 60_000): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds > 3600) return 'later';
  return seconds <= 90 ? `in ${seconds} s` : `in ${Math.ceil(seconds / 60)} minutes`;
}

const nameOf = (error: unknown) => (error as Error | undefined)?.name ?? typeof error;
