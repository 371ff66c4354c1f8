/** What the answers of the in-memory Cortex look like. */
import type { KnownErrorType } from '../../generated/error-types.js';
import type { ErrorType } from '../errors.js';

/** An answer, before it becomes a Response or bytes on a socket. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const empty = (status: number, headers: Record<string, string> = {}): Reply => ({ status, headers, body: '' });

export const json = (status: number, body: string, headers?: Record<string, string>): Reply => ({
  status,
  headers: headers ? { ...JSON_TYPE, ...headers } : JSON_TYPE,
  body,
});
const JSON_TYPE = { 'content-type': 'application/json' };

/** The type that goes with a status, unless the reason has one of its own. */
const TYPES: Record<number, KnownErrorType> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
};

/** An error in the documented shape. */
export function problem(
  status: number,
  message: string,
  requestId: string,
  headers?: Record<string, string>,
  type: ErrorType = TYPES[status] ?? (status >= 500 ? 'UNHANDLED_EXCEPTION' : 'UNCATEGORIZED'),
): Reply {
  return json(status, JSON.stringify({ message, type, httpStatus: status, requestId }), headers);
}
