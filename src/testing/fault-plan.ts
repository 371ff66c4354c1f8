/** The planned faults: which request gets which. */
import { assertKnownKeys } from '../util/validate.js';
import { assertFault, type FakeOperation, type FakeRequest, type Fault, type FaultOptions } from './faults.js';

const OPERATIONS = ['list', 'get', 'create', 'update', 'delete', 'any'];

interface PlannedFault {
  readonly operation: FakeOperation | 'any';
  readonly fault: Fault;
  readonly when: (request: FakeRequest) => boolean;
  timesLeft: number;
}

/** Keeps the order of planning: the oldest fault that applies to a request wins. */
export class FaultPlan {
  #planned: PlannedFault[] = [];

  /** Returns a function that removes the fault. */
  add(operation: FakeOperation | 'any', fault: Fault, options: FaultOptions = {}): () => void {
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
    const planned = { operation, fault: copy, when, timesLeft: times };
    this.#planned.push(planned);
    return () => this.#remove(planned);
  }

  clear(): void {
    this.#planned = [];
  }

  /** Returns the fault of a request, and counts it as used. */
  take(request: FakeRequest): Fault | undefined {
    const planned = this.#planned.find(
      ({ operation, fault, when }) =>
        (operation === 'any' || operation === request.operation) &&
        (fault !== 'shifting pages' || request.operation === 'list') &&
        when(request) === true,
    );
    if (!planned) return undefined;
    if (--planned.timesLeft === 0) this.#remove(planned);
    return planned.fault;
  }

  #remove(planned: PlannedFault): void {
    this.#planned = this.#planned.filter((other) => other !== planned);
  }
}
