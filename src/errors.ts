/** The errors of a call. Everything in them is safe to print: their callers redact what others wrote. */
import type { KnownErrorType } from '../generated/error-types.js';
import { type ErrorKind, type ErrorSource, kindOfResponse } from './error-kind.js';

/**
 * What the server did, as far as the client can know:
 * - `not-sent`: nothing was sent that the server could have processed
 * - `rejected`: the server did not process the request
 * - `unknown`: the server may have processed the request
 * - `processed`: the server processed the request, but its response can't be used
 */
export type Outcome = 'not-sent' | 'rejected' | 'unknown' | 'processed';

/** The error types that the contract names, and any other: the list is open. */
export type ErrorType = KnownErrorType | (string & {});

/** One entry of the second error shape that Cortex is known to use. */
export interface Violation {
  title?: string;
  description?: string;
  violationType?: string;
  pointer?: string;
}

/** The call and the request that an error is about. Its texts are safe to show. */
export interface ErrorContext {
  readonly message: string;
  readonly operation: string;
  readonly attempts: number;
  readonly method: string;
  readonly path: string;
  readonly tagOrId?: string | undefined;
}

// In the registry of symbols, so that two copies of the package in one program recognize each other's errors.
const brand: unique symbol = Symbol.for('cortex-secrets.error') as never;

/** The base of all errors of a call. The reason of an aborted `signal` and errors of your `apiKey` function are not among them. */
export class CortexError extends Error {
  /** What kind of error it is. Decide by it, and treat one that you don't know as a failure. */
  readonly kind: ErrorKind;
  /** The method that was called, such as `secrets.create`. */
  readonly operation: string;
  /** The HTTP method of the request that failed. */
  readonly method: string;
  /** Its path as the contract writes it, such as `/api/v1/secrets/{tagOrId}`. */
  readonly path: string;
  /** The tag or id that the call was given, redacted like everything else; none for a list. */
  declare readonly tagOrId?: string;
  /** The number of requests that were sent. */
  readonly attempts: number;
  /** What the server did, as far as the client can know. */
  readonly outcome: Outcome;

  /** @internal */
  constructor(
    kind: ErrorKind,
    { message, operation, tagOrId, attempts, method, path }: ErrorContext,
    outcome: Outcome,
  ) {
    super(message);
    this.kind = kind;
    this.operation = operation;
    this.method = method;
    this.path = path;
    if (tagOrId !== undefined) this.tagOrId = tagOrId;
    this.attempts = attempts;
    this.outcome = outcome;
  }

  // On the prototype: the name survives minification, and is no own property of each error.
  override get name(): string {
    return 'CortexError';
  }

  /** @internal */
  get [brand](): true {
    return true;
  }
}

/** What an error response says, as far as it is readable. */
export interface ApiErrorFields {
  type?: ErrorType;
  details?: string;
  requestId?: string;
  violations?: Violation[];
  retryAfterMs?: number;
}

/** The server responded with an error, or with a redirect: redirects are never followed. */
export class ApiError extends CortexError {
  /** The HTTP status; 0 if the platform hides that of a redirect, as browsers do. */
  readonly status: number;
  /** The type that Cortex gives the error; none if the body is not Cortex's. */
  declare readonly type?: ErrorType;
  /** Details of the error. If the body is not Cortex's: its beginning. */
  declare readonly details?: string;
  /** The id by which the vendor's support finds the request. */
  declare readonly requestId?: string;
  /** The problems of the request, in the second error shape. */
  declare readonly violations?: readonly Violation[];
  /** The delay that `Retry-After` asks for, in milliseconds. */
  declare readonly retryAfterMs?: number;

  /** @internal */
  constructor(context: ErrorContext, outcome: Outcome, status: number, source: ErrorSource, fields: ApiErrorFields) {
    super(kindOfResponse(status, source, fields.type), context, outcome);
    this.status = status;
    Object.assign(this, fields);
  }

  override get name(): 'ApiError' {
    return 'ApiError';
  }
}

/**
 * No response was received, or a 2xx that is incomplete: the connection failed, a time limit was reached, or a function of your options failed
 * after an attempt; `cause` is its error then.
 */
export class ConnectionError extends CortexError {
  /** Whether `timeoutMs` or `deadlineMs` ended the call. */
  readonly timedOut: boolean;
  /** The platform's code, such as `ECONNREFUSED`, if it gives one. */
  declare readonly code?: string;
  /** The `code` of an error of your framework or your `fetch`, under the name by which Next.js recognizes its own. */
  declare readonly digest?: string;

  /** @internal */
  constructor(
    context: ErrorContext,
    outcome: 'not-sent' | 'unknown',
    {
      timedOut,
      kind = timedOut ? 'timeout' : 'network',
      code,
      cause,
    }: { timedOut: boolean; kind?: ErrorKind; code?: string | undefined; cause?: unknown },
  ) {
    super(kind, context, outcome);
    // Not enumerable, as the platform defines it.
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, writable: true, configurable: true });
    this.timedOut = timedOut;
    if (code === undefined) return;
    this.code = code;
    if (kind === 'caller') this.digest = code;
  }

  override get name(): 'ConnectionError' {
    return 'ConnectionError';
  }
}

/** The server reported success, but its response breaks the contract. */
export class ContractError extends CortexError {
  /** The HTTP status. */
  readonly status: number;
  /** The place in the response that is wrong, as a JSON pointer (RFC 6901); empty for the whole response. */
  readonly pointer: string;

  /** @internal */
  constructor(
    context: ErrorContext,
    outcome: 'processed' | 'unknown',
    status: number,
    pointer: string,
    kind: 'contract' | 'foreign' = 'contract',
  ) {
    super(kind, context, outcome);
    this.status = status;
    this.pointer = pointer;
  }

  override get name(): 'ContractError' {
    return 'ContractError';
  }
}

/**
 * Whether `error` comes from a client of this package, also from another copy of it in the same program. `error.name` then
 * tells the classes apart, for the compiler too.
 */
export function isCortexError(error: unknown): error is ApiError | ConnectionError | ContractError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}
