/** The ways a call can fail. What goes in here is safe to print: the callers redact what others wrote. */
import type { KnownErrorType } from '../generated/error-types.js';

/**
 * What the server did, as far as the client can know:
 * `not-sent` nothing reached it; `rejected` it said no and did nothing; `unknown` it may have acted;
 * `processed` it said yes, but its answer can't be used.
 */
export type Outcome = 'not-sent' | 'rejected' | 'unknown' | 'processed';

/** The error types that the contract knows, and any other that may come: the list is open. */
export type ErrorType = KnownErrorType | (string & {});

/** One entry of the second error shape that Cortex is known to use. */
export interface Violation {
  title?: string;
  description?: string;
  violationType?: string;
  pointer?: string;
}

/** The call that an error tells of. */
interface Told {
  readonly operation: string;
  readonly attempts: number;
}

// In the registry of symbols, so that two copies of the package in one program know each other's errors.
const brand: unique symbol = Symbol.for('cortex-secrets.error') as never;

/** What a failed call rejects with; a caller's abort and an error of the caller's own `apiKey` function pass as they are. */
export class CortexError extends Error {
  /** The method that was called, such as `secrets.create`. */
  readonly operation: string;
  /** How many requests were sent. */
  readonly attempts: number;
  /** What the server did. */
  readonly outcome: Outcome;

  /** @internal */
  constructor(message: string, call: Told, outcome: Outcome) {
    super(`${call.operation}: ${message}${call.attempts > 1 ? ` (${call.attempts} attempts)` : ''}`);
    this.operation = call.operation;
    this.attempts = call.attempts;
    this.outcome = outcome;
  }

  // Names stand on the prototypes: they survive minification, and are no own property of each error.
  override get name(): string {
    return 'CortexError';
  }

  /** @internal */
  get [brand](): true {
    return true;
  }
}

/** What could be read of an error's answer. */
export interface ApiErrorFields {
  type?: ErrorType;
  details?: string;
  requestId?: string;
  violations?: Violation[];
  retryAfterMs?: number;
}

/** The server answered, and the answer is an error, or a redirect: those are never followed. */
export class ApiError extends CortexError {
  /** The HTTP status; 0 where the platform hides that of a redirect. */
  readonly status: number;
  /** What went wrong, for programs. */
  declare readonly type?: ErrorType;
  /** More about it. Of an answer that is not in the documented shape: its beginning. */
  declare readonly details?: string;
  /** Names the request to the vendor's support. */
  declare readonly requestId?: string;
  /** What is wrong with the request, in the second error shape. */
  declare readonly violations?: readonly Violation[];
  /** What `Retry-After` asked for, in milliseconds. */
  declare readonly retryAfterMs?: number;

  /** @internal */
  constructor(message: string, call: Told, outcome: Outcome, status: number, fields: ApiErrorFields = {}) {
    super(message, call, outcome);
    this.status = status;
    Object.assign(this, fields);
  }

  override get name(): 'ApiError' {
    return 'ApiError';
  }
}

/** No whole answer came: the connection failed, or a limit in time was reached. */
export class ConnectionError extends CortexError {
  /** Whether `timeoutMs` or `deadlineMs` ended it. */
  readonly timedOut: boolean;
  /** The platform's code, such as `ECONNREFUSED`, where it gives one. */
  declare readonly code?: string;

  /** @internal */
  constructor(message: string, call: Told, outcome: 'not-sent' | 'unknown', timedOut: boolean, code?: string) {
    super(message, call, outcome);
    this.timedOut = timedOut;
    if (code !== undefined) this.code = code;
  }

  override get name(): 'ConnectionError' {
    return 'ConnectionError';
  }
}

/** The server said yes, but its answer is not what the contract promises. */
export class ContractError extends CortexError {
  /** The HTTP status. */
  readonly status: number;
  /** Where the answer is wrong, as a JSON pointer (RFC 6901); empty for all of it. */
  readonly pointer: string;

  /** @internal */
  constructor(message: string, call: Told, status: number, pointer: string) {
    super(message, call, 'processed');
    this.status = status;
    this.pointer = pointer;
  }

  override get name(): 'ContractError' {
    return 'ContractError';
  }
}

/**
 * Whether `error` comes from a client of this package, also from another copy of it in the same program.
 * `error.name` then tells which kind, for people and for the compiler.
 */
export function isCortexError(error: unknown): error is ApiError | ConnectionError | ContractError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}
