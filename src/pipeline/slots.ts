/** A semaphore with two priorities, whose waiters leave when they are aborted. */
import { untilAborted } from '../util/abort.js';

interface Waiter<Item, Grant> {
  readonly item: Item;
  resolve(grant: Grant): void;
  reject(error: Error): void;
}

/** At most `max` slots are held. `Item` describes a waiter; `Grant` is what it gets with its slot. */
export class Slots<Item, Grant> {
  readonly #max: number;
  #held = 0;
  readonly #first: Waiter<Item, Grant>[] = [];
  readonly #rest: Waiter<Item, Grant>[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get isFree(): boolean {
    return this.#held < this.#max;
  }

  get hasWaiters(): boolean {
    return this.#first.length + this.#rest.length > 0;
  }

  /** Takes a free slot. */
  take(): void {
    this.#held++;
  }

  release(): void {
    this.#held--;
  }

  /** Gives a free slot to the first waiter. */
  give(grant: Grant): void {
    const waiter = this.#first.shift() ?? this.#rest.shift();
    // Stryker disable next-line ConditionalExpression: for the compiler; callers look at hasWaiters first
    if (!waiter) return;
    this.#held++;
    waiter.resolve(grant);
  }

  /** Waits for a slot. `giveBack` gets the grant that arrives in the moment of an abort. */
  async wait(
    item: Item,
    { isFirst, signal }: { isFirst: boolean; signal: AbortSignal | undefined },
    giveBack: (grant: Grant) => void,
  ): Promise<Grant> {
    const queue = isFirst ? this.#first : this.#rest;
    let waiter!: Waiter<Item, Grant>;
    const granted = new Promise<Grant>((resolve, reject) => {
      waiter = { item, resolve, reject };
      queue.push(waiter);
    });
    try {
      return await untilAborted(granted, signal);
    } catch (reason) {
      const position = queue.indexOf(waiter);
      if (position >= 0) queue.splice(position, 1);
      else await granted.then(giveBack, () => {});
      throw reason;
    }
  }

  /** Rejects the waiters for which there is an error. */
  rejectWaiters(errorFor: (item: Item) => Error | undefined): void {
    for (const queue of [this.#first, this.#rest]) {
      for (const waiter of queue.splice(0)) {
        const error = errorFor(waiter.item);
        if (error) waiter.reject(error);
        else queue.push(waiter);
      }
    }
  }
}
