/**
 * Virtual time for simulations: timers fire in their order without waiting. As on a real machine, `performance.now`
 * advances with each read, and timers fire up to a millisecond early or late by it; here both follow a seed, so that a
 * rare order of events can be replayed. `vi.unstubAllGlobals` restores the real time.
 */
import { vi } from 'vitest';

interface Timer {
  at: number;
  id: number;
  fire: () => void;
}

/** A generator of numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const realImmediate = setImmediate;
/** Runs the promises and streams that are ready. Six turns of the event loop are enough, whatever the machine's speed. */
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
    this.random = seededRandom(seed);
    vi.stubGlobal('setTimeout', (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const timer = { at: this.#at + Math.max(1, Math.trunc(ms)), id: ++this.#ids, fire: () => run(...args) };
      this.#timers.push(timer);
      return timer;
    });
    vi.stubGlobal('clearTimeout', (timer: Timer) => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    });
    // Not a spy: it would store every read.
    const now = () => {
      this.#skew += this.random() < 0.5 ? 0 : this.random() * 0.4;
      return this.now();
    };
    vi.stubGlobal('performance', { now });
    vi.stubGlobal('Math', Object.create(Math, { random: { value: this.random } }));
  }

  /** The number of timers that have not fired. */
  get timers(): number {
    return this.#timers.length;
  }

  /** The time by `performance.now`, without advancing it. */
  now(): number {
    this.#last = Math.max(this.#last, this.#at + this.#skew);
    return this.#last;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Fires timers until `isDone`, until there are none, or for `ms` milliseconds. */
  async runUntil(isDone: () => boolean, ms: number): Promise<void> {
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

  /** Advances the time without firing timers. */
  skip(ms: number): void {
    this.#at += ms;
  }
}
