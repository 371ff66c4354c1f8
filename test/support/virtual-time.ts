/**
 * Time for simulations: timers that fire in their order as fast as they can, and a `performance.now` that goes on with
 * every look at it, and by which timers fire up to a millisecond early, or late. As on a real machine, where no test finds
 * what goes wrong once in a hundred times.
 * `vi.unstubAllGlobals` ends it.
 */
import { vi } from 'vitest';

interface Timer {
  at: number;
  id: number;
  fire: () => void;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const realImmediate = setImmediate;
/** Lets all that is ready to go on go on: promises, and streams. */
const settle = async () => {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => realImmediate(resolve));
};

export class VirtualTime {
  readonly random: () => number;
  #at = 0;
  #skew = 0;
  #last = 0;
  #timers: Timer[] = [];
  #ids = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
    vi.stubGlobal('setTimeout', (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const timer = { at: this.#at + Math.max(1, Math.trunc(ms)), id: ++this.#ids, fire: () => run(...args) };
      this.#timers.push(timer);
      return timer;
    });
    vi.stubGlobal('clearTimeout', (timer: Timer) => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    });
    // Not spied on: a spy remembers every look.
    const now = () => {
      this.#skew += this.random() < 0.5 ? 0 : this.random() * 0.4;
      return this.now();
    };
    vi.stubGlobal('performance', { now });
    vi.stubGlobal('Math', Object.create(Math, { random: { value: this.random } }));
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.length;
  }

  /** What `performance.now` says, without the time that a look at it takes. */
  now(): number {
    this.#last = Math.max(this.#last, this.#at + this.#skew);
    return this.#last;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Goes on until `isDone`, until nothing waits any more, or for so long. */
  async goOn(isDone: () => boolean, ms: number): Promise<void> {
    const end = this.#at + ms;
    for (await settle(); !isDone(); await settle()) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!next || next.at > end) return;
      clearTimeout(next as never);
      this.#at = next.at;
      this.#skew = this.random() < 0.7 ? -this.random() : this.random();
      next.fire();
    }
  }

  /** Time that passes without anything in it. */
  skip(ms: number): void {
    this.#at += ms;
  }
}
