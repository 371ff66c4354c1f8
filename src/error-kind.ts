/** The kinds of errors, and which one an error response is of. Those of other errors follow from their class. */

/**
 * What kind of error it is, for a `switch`:
 * - `not-found`: Cortex has no secret with this tag or id. A 404 that is not in Cortex's shape is `foreign`
 * - `conflict`: the tag is taken
 * - `invalid`: Cortex rejects the request. A create may get this for a tag that is taken too: which status Cortex responds
 *   with is not documented
 * - `unauthorized`: the key is missing, unknown or expired
 * - `forbidden`: the key lacks the permission
 * - `throttled`: too many requests
 * - `unavailable`: 408, 460, 499 and 5xx: a fault in Cortex, or of something before it, which can't be told apart
 * - `network`: no connection, or one that broke; whether Cortex or something before it broke it is unknown
 * - `timeout`: `timeoutMs` or `deadlineMs` is over
 * - `caller`: a function of your options (`apiKey`, `headers`) failed after an attempt, and its error is the `cause`; or `fetch`
 *   refused the request, or failed with an error that is not known to come from the network
 * - `contract`: the response claims success, and breaks the contract
 * - `foreign`: something before Cortex responded, such as a proxy, a firewall or a log-in page: a redirect, or a body that is
 *   not Cortex's. One that copies Cortex's shape can't be told from it, nor can an empty response to anything but a 404
 *
 * Whether the request was processed is another question: see `outcome`.
 */
export type KnownErrorKind =
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'throttled'
  | 'unavailable'
  | 'network'
  | 'timeout'
  | 'caller'
  | 'contract'
  | 'foreign';

/** The kinds of errors, and any other: the list is open. */
export type ErrorKind = KnownErrorKind | (string & {});

/** Who wrote the body of an error response: Cortex, something before it, or nobody that could be told. */
export type ErrorSource = 'cortex' | 'foreign' | 'unknown';

const KINDS: Readonly<Record<number, KnownErrorKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'throttled',
};

/** Responses that say the same whoever gives them: wait, and try again. */
const isTransient = (status: number) =>
  status === 408 || status === 429 || status === 460 || status === 499 || status >= 500;

export function kindOfResponse(status: number, source: ErrorSource, type: string | undefined): KnownErrorKind {
  if (source === 'foreign' && !isTransient(status)) return 'foreign';
  if (type === 'CONFLICT') return 'conflict';
  return KINDS[status] ?? (isTransient(status) ? 'unavailable' : 'invalid');
}
