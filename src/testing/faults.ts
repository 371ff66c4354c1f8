/** The faults of the in-memory Cortex, and the validation of what `fail` takes. `apply-fault.ts` applies them. */
import type { ErrorType } from '../errors.js';
import { assertKnownKeys } from '../util/validate.js';

/** The operations of the API, named like the client's methods. (`listAll` sends lists; `set` sends updates and creates.) */
export type FakeOperation = 'list' | 'get' | 'create' | 'update' | 'delete';

/** The record of a request. Never contains the API key or a value. */
export interface FakeRequest {
  /** Undefined if the contract doesn't have the path or the method. */
  readonly operation: FakeOperation | undefined;
  /** The HTTP method. */
  readonly method: string;
  /** The path as sent, without the query. */
  readonly path: string;
  /** The secret, in `get`, `update` and `delete`. */
  readonly tagOrId?: string;
  /** The page, in `list`. */
  readonly page?: number;
  /** The page size, in `list`. */
  readonly pageSize?: number;
  /** The tag, in `create`. */
  readonly tag?: string;
  /** The name, in `create` and `update`. */
  readonly name?: string;
  /** The status of the response; undefined if none was sent. */
  readonly status?: number;
  /** The fault that was injected. */
  readonly fault?: Fault;
}

/** Responds with an error in place of Cortex's response. */
export interface StatusFault {
  /** From 400 to 599. */
  status: number;
  /** The `Retry-After` header: integer seconds, or an HTTP date. @defaultValue 0 for a 429, otherwise none */
  retryAfter?: number | string | undefined;
  /** The error's message. @defaultValue a text that names the status */
  message?: string | undefined;
  /** The error's type. @defaultValue the type that the contract has for the status */
  type?: ErrorType | undefined;
  /** Whether the server processes the request first. @defaultValue false */
  processed?: boolean | undefined;
}

/** Responds with a redirect; the request is not processed. */
export interface RedirectFault {
  /** The `Location` header. */
  redirectTo: string;
  /** From 300 to 399. @defaultValue 307 */
  status?: number | undefined;
}

/** Processes the request, but stalls the response. */
export interface SlowBodyFault {
  /** Milliseconds between the two halves of the body. The second half of `Infinity` never comes. */
  slowBodyMs: number;
}

/** Processes the request, then waits before it responds. */
export interface DelayFault {
  /** Milliseconds before the response. With `Infinity` it never comes. */
  delayMs: number;
}

/** What happens to a request, whatever its API key, its rate limit and its body. */
export type Fault =
  | StatusFault
  | RedirectFault
  | SlowBodyFault
  | DelayFault
  /** The connection is never made. */
  | 'connection refused'
  /** The connection breaks; the request is not processed. */
  | 'reset before processing'
  /** The request is processed; the connection breaks before the response. */
  | 'reset after processing'
  /** No response is sent; the request is not processed. */
  | 'hang before processing'
  /** The request is processed, but no response is sent. */
  | 'hang after processing'
  /** The request is processed; the connection breaks within the body of the response. */
  | 'truncated body'
  /** The request is processed; the body of the response is HTML. */
  | 'not JSON'
  /** The request is processed; the body of the response is JSON that breaks the contract. */
  | 'wrong shape'
  /** A proxy responds with 404 and HTML: the request never reaches Cortex. */
  | 'ingress 404'
  /** A proxy responds with 200 and an HTML form to log in: the request never reaches Cortex. */
  | 'log-in page'
  /** Lists look as if a secret were created, at the start of the order, before each page except page 0. */
  | 'shifting pages';

/** Which requests a fault applies to. */
export interface FaultOptions {
  /** The number of requests; `Infinity` for all. @defaultValue 1, or `Infinity` if `when` is given */
  times?: number | undefined;
  /** Applies the fault only to requests for which it returns `true`, or another truthy value. Synchronous: requests fail if it
   * returns a promise. Must not throw. */
  when?: ((request: FakeRequest) => boolean) | undefined;
}

/** The faults that have a name. */
export const NAMED_FAULTS = [
  'connection refused',
  'reset before processing',
  'reset after processing',
  'hang before processing',
  'hang after processing',
  'truncated body',
  'not JSON',
  'wrong shape',
  'ingress 404',
  'log-in page',
  'shifting pages',
] as const satisfies Fault[];

/** The faults that are objects, as messages and `--help` show them. */
export const OBJECT_FAULTS = ['{ status }', '{ redirectTo }', '{ slowBodyMs }', '{ delayMs }'] as const;

const isHeaderValue = (value: unknown) => typeof value === 'string' && /^[ -~]+$/.test(value);
const isInteger = (value: unknown, min: number, max: number) =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

/** @throws TypeError or RangeError */
export function assertFault(fault: unknown): asserts fault is Fault {
  if ((NAMED_FAULTS as readonly unknown[]).includes(fault)) return;
  if (typeof fault === 'object' && fault !== null) {
    if ('slowBodyMs' in fault) return assertDelay('slowBodyMs', fault);
    if ('delayMs' in fault) return assertDelay('delayMs', fault);
    if ('redirectTo' in fault) return assertRedirect(fault);
    if ('status' in fault) return assertStatus(fault);
  }
  const names = [...NAMED_FAULTS.map((name) => `'${name}'`), ...OBJECT_FAULTS].join(', ');
  throw new TypeError(`fail: unknown fault; expected one of ${names}`);
}

function assertDelay(name: 'slowBodyMs' | 'delayMs', fault: object): void {
  assertKnownKeys('fail', fault, [name]);
  const ms = (fault as Record<string, unknown>)[name];
  if (!(typeof ms === 'number' && ms >= 0))
    throw new RangeError(`fail: ${name} must be a number of milliseconds, at least 0, or Infinity`);
}

function assertRedirect(fault: { redirectTo: unknown; status?: unknown }): void {
  assertKnownKeys('fail', fault, ['redirectTo', 'status']);
  if (!isHeaderValue(fault.redirectTo)) throw new TypeError('fail: redirectTo must be a string of ASCII characters');
  if (fault.status !== undefined && !isInteger(fault.status, 300, 399))
    throw new RangeError('fail: status must be an integer from 300 to 399 beside redirectTo');
}

function assertStatus(fault: { [name in keyof StatusFault]: unknown }): void {
  assertKnownKeys('fail', fault, ['status', 'retryAfter', 'message', 'type', 'processed']);
  const { status, retryAfter = 0 } = fault;
  if (!isInteger(status, 400, 599)) throw new RangeError('fail: status must be an integer from 400 to 599');
  if (!isInteger(retryAfter, 0, Number.MAX_SAFE_INTEGER) && !isHeaderValue(retryAfter))
    throw new TypeError('fail: retryAfter must be an integer of at least 0, or a string of ASCII characters');
  for (const name of ['message', 'type'] as const) {
    if (fault[name] !== undefined && typeof fault[name] !== 'string')
      throw new TypeError(`fail: ${name} must be a string`);
  }
  if (fault.processed !== undefined && typeof fault.processed !== 'boolean')
    throw new TypeError('fail: processed must be true or false');
}
