/** What can go wrong with the in-memory Cortex, for which requests, and how often. */
import type { ErrorType } from '../errors.js';
import { assertKnownKeys } from '../util/validate.js';

/** The operations of the API, by the names of the client's methods (`listAll` asks for lists, `set` updates and creates). */
export type FakeOperation = 'list' | 'get' | 'create' | 'update' | 'delete';

/** What a test may know of a request. Never the key, never a value. */
export interface FakeRequest {
  /** Undefined for a path or a method that the contract doesn't have. */
  readonly operation: FakeOperation | undefined;
  /** The HTTP method. */
  readonly method: string;
  /** The path that was asked for, without the query. */
  readonly path: string;
  /** Which secret, in `get`, `update` and `delete`. */
  readonly tagOrId?: string;
  /** Which page, in `list`. */
  readonly page?: number;
  /** How many secrets a page, in `list`. */
  readonly pageSize?: number;
  /** The tag to create. */
  readonly tag?: string;
  /** The name to create, or to update to. */
  readonly name?: string;
  /** The status that was answered; none where no answer was sent. */
  readonly status?: number;
  /** What went wrong on purpose. */
  readonly fault?: Fault;
}

/** An error's answer in place of the real one. */
export interface StatusFault {
  /** From 400 to 599. */
  status: number;
  /** The `Retry-After` header: whole seconds, or an HTTP date. @defaultValue 0 for a 429, else none */
  retryAfter?: number | string;
  /** @defaultValue words for the status */
  message?: string;
  /** @defaultValue a type that the contract knows */
  type?: ErrorType;
  /** Whether the server does what it was asked for first. @defaultValue false */
  processed?: boolean;
}

/** What goes wrong with one request, whatever its key, its rate limit and its body. */
export type Fault =
  | StatusFault
  /** The status and half of the body are sent at once, the rest after so many milliseconds; `Infinity`: never. */
  | { slowBodyMs: number }
  /** A 307 that points there. */
  | { redirectTo: string }
  /** No connection is made: the request never arrives. */
  | 'connection refused'
  /** The connection breaks; nothing was done. */
  | 'reset before processing'
  /** The connection breaks; what was asked for was done. */
  | 'reset after processing'
  /** No answer comes; nothing was done. */
  | 'hang before processing'
  /** No answer comes; what was asked for was done. */
  | 'hang after processing'
  /** What was asked for was done; the connection breaks within the answer's body. */
  | 'truncated body'
  /** What was asked for was done; the answer is a page of HTML. */
  | 'not JSON'
  /** What was asked for was done; the answer is JSON that the contract doesn't know. */
  | 'wrong shape'
  /** A list is answered as if somebody created a secret, first in the order, before each page but page 0. */
  | 'shifting pages';

/** How often a fault happens. */
export interface FaultOptions {
  /** To how many requests; `Infinity` for no end. @defaultValue 1, or `Infinity` beside `while` */
  times?: number;
  /** To those requests alone for which it gives `true`. Must not throw, and is not waited for. */
  while?: (request: FakeRequest) => boolean;
}

const WORDS = [
  'connection refused',
  'reset before processing',
  'reset after processing',
  'hang before processing',
  'hang after processing',
  'truncated body',
  'not JSON',
  'wrong shape',
  'shifting pages',
];
const OPERATIONS = ['list', 'get', 'create', 'update', 'delete', 'any'];

interface Planned {
  readonly operation: FakeOperation | 'any';
  readonly fault: Fault;
  readonly holds: (request: FakeRequest) => boolean;
  left: number;
}

/** The faults that are planned, in the order in which they were. */
export class FaultPlan {
  #planned: Planned[] = [];

  /** Gives a function that takes the fault back. */
  add(operation: FakeOperation | 'any', fault: Fault, options: FaultOptions = {}): () => void {
    if (!OPERATIONS.includes(operation)) throw new TypeError(`fail: give one of ${OPERATIONS.join(', ')}`);
    checkFault(fault);
    assertKnownKeys('fail', options, ['times', 'while']);
    const { while: holds = () => true, times = options.while ? Number.POSITIVE_INFINITY : 1 } = options;
    if (typeof holds !== 'function') throw new TypeError('fail: while must be a function');
    if (!(times >= 1 && (Number.isInteger(times) || times === Number.POSITIVE_INFINITY)))
      throw new RangeError('fail: times must be a whole number from 1, or Infinity');
    if (fault === 'shifting pages' && operation !== 'list' && operation !== 'any')
      throw new TypeError('fail: only lists have pages that shift');
    const copy = typeof fault === 'string' ? fault : { ...fault };
    const planned = { operation, fault: copy, holds, left: times };
    this.#planned.push(planned);
    return () => {
      this.#planned = this.#planned.filter((one) => one !== planned);
    };
  }

  clear(): void {
    this.#planned = [];
  }

  /** The fault of this request, which is used up by it. */
  take(request: FakeRequest): Fault | undefined {
    const planned = this.#planned.find(
      ({ operation, fault, holds }) =>
        (operation === 'any' || operation === request.operation) &&
        (fault !== 'shifting pages' || request.operation === 'list') &&
        holds(request) === true,
    );
    if (!planned) return undefined;
    if (--planned.left === 0) this.#planned = this.#planned.filter((one) => one !== planned);
    return planned.fault;
  }
}

function checkFault(fault: Fault): void {
  if (typeof fault === 'string' && WORDS.includes(fault)) return;
  const fields = typeof fault === 'object' && fault !== null ? fieldsOf(fault) : undefined;
  if (fields) {
    assertKnownKeys('fail', fault, fields);
    return;
  }
  const words = WORDS.map((word) => `'${word}'`).join(', ');
  throw new TypeError(
    `fail: give ${words}, { status: 400 to 599 }, { slowBodyMs: milliseconds } or { redirectTo: an address }`,
  );
}

const isHeader = (value: unknown) => typeof value === 'string' && /^[ -~]+$/.test(value);

/** The names that a fault may have beside its own; undefined where it is none. */
function fieldsOf(fault: Exclude<Fault, string>): string[] | undefined {
  if ('slowBodyMs' in fault)
    return typeof fault.slowBodyMs === 'number' && fault.slowBodyMs >= 0 ? ['slowBodyMs'] : undefined;
  if ('redirectTo' in fault) return isHeader(fault.redirectTo) ? ['redirectTo'] : undefined;
  const { retryAfter = 0 } = fault;
  if (typeof retryAfter === 'number' ? !(Number.isSafeInteger(retryAfter) && retryAfter >= 0) : !isHeader(retryAfter))
    throw new TypeError('fail: retryAfter must be whole seconds from 0, or the text of a header');
  const isError = Number.isInteger(fault.status) && fault.status >= 400 && fault.status <= 599;
  return isError ? ['status', 'retryAfter', 'message', 'type', 'processed'] : undefined;
}
