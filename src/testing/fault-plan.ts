/** The planned faults: which request gets which. */
import { assertKnownKeys } from '../util/validate.js';
import { assertFault, type FakeOperation, type FakeRequest, type Fault, type FaultOptions } from './faults.js';

const OPERATIONS = ['list', 'get', 'create', 'update', 'delete', 'any'];

interface PlannedFault {
  readonly id: number;
  readonly operation: FakeOperation | 'any';
  readonly fault: Fault;
  readonly when: (request: FakeRequest) => boolean;
  timesLeft: number;
}

/** Keeps the order of planning: the oldest fault that applies to a request wins. */
export class FaultPlan {
  #planned: PlannedFault[] = [];
  #lastId = 0;

  /** The faults that are still to come, the oldest first. */
  get planned(): readonly Readonly<PlannedFault>[] {
    return this.#planned;
  }

  /** Returns the id of the fault, for `remove`. */
  add(operation: FakeOperation | 'any', fault: Fault, options: FaultOptions = {}): number {
    if (!OPERATIONS.includes(operation))
      throw new TypeError(`fail: unknown operation; expected one of ${OPERATIONS.join(', ')}`);
    assertFault(fault);
    assertKnownKeys('fail', options, ['times', 'when']);
    const { when = () => true, times = options.when ? Number.POSITIVE_INFINITY : 1 } = options;
    if (typeof when !== 'function') throw new TypeError('fail: when must be a function');
    if (!(times >= 1 && (Number.isInteger(times) || times === Number.POSITIVE_INFINITY)))
      throw new RangeError('fail: times must be an integer of at least 1, or Infinity');
    if (fault === 'shifting pages' && operation !== 'list' && operation !== 'any')
      throw new TypeError("fail: 'shifting pages' applies to list only");
    const copy = typeof fault === 'string' ? fault : { ...fault };
    const id = ++this.#lastId;
    this.#planned.push({ id, operation, fault: copy, when, timesLeft: times });
    return id;
  }

  /** Returns false if no fault has ever had this id. That a fault is used up, or removed already, is no mistake. */
  remove(id: number): boolean {
    this.#planned = this.#planned.filter((other) => other.id !== id);
    return Number.isInteger(id) && id >= 1 && id <= this.#lastId;
  }

  clear(): void {
    this.#planned = [];
  }

  /** Returns the fault of a request, and counts it as used. */
  take(request: FakeRequest): Fault | undefined {
    const planned = this.#planned.find(
      ({ operation, fault, when }) =>
        (operation === 'any' || operation === operationOf(request)) &&
        (fault !== 'shifting pages' || operationOf(request) === 'list') &&
        isSelected(when, request),
    );
    if (!planned) return undefined;
    if (--planned.timesLeft === 0) this.remove(planned.id);
    return planned.fault;
  }
}

/** HEAD is none of the contract's operations: probes of proxies and browsers must not use up the faults of a GET. */
const operationOf = ({ operation, method }: FakeRequest) => (method === 'HEAD' ? undefined : operation);

function isSelected(when: (request: FakeRequest) => unknown, request: FakeRequest): boolean {
  const result = when(request);
  if (result instanceof Promise) {
    result.catch(() => {}); // otherwise a rejection would end the program
    throw new TypeError('fail: when must be synchronous, but it returned a promise');
  }
  return Boolean(result);
}
