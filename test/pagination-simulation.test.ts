/**
 * Random lists that are changed while they are read, by others and by the loop itself; the server takes the requests that
 * are under way in any order. `CORTEX_SECRETS_RUNS` and `CORTEX_SECRETS_SEED` set how many lists, and which. A failure
 * prints the seed and the smallest list that fails.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SecretPage } from '../generated/schema.js';
import { allItems } from '../src/pagination.js';

const RUNS = Number(process.env.CORTEX_SECRETS_RUNS ?? 1000);
const SEED = Number(process.env.CORTEX_SECRETS_SEED ?? 1);
/** Fewer than the passes that listAll makes: at least one of them meets no change. */
const MAX_CHANGES = 7;

const incomplete = (problem: string, pointer: string) => new Error(`${pointer} ${problem}`);

/** A place in the list, as a part of its length. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** A rename moves a secret in a list that is sorted by name; a create goes anywhere, since the order is not documented. */
type Change = ['create' | 'delete' | 'rename' | 'replace', place: number];
const kinds = fc.constantFrom('create' as const, 'delete' as const, 'rename' as const, 'replace' as const);
const change = fc.tuple(kinds, place);

/** A list in pages. Takes the requests as the scheduler orders them, and applies the next changes before each. */
class Server {
  readonly initial: readonly string[];
  readonly list: string[];
  /** What was there when the last request was served. */
  atLast: ReadonlySet<string> = new Set();
  readonly requested: number[] = [];
  #created = 0;

  constructor(
    size: number,
    readonly changes: Change[][],
    readonly scheduler: fc.Scheduler,
  ) {
    this.initial = Array.from({ length: size }, (_, i) => `s${i}`);
    this.list = [...this.initial];
  }

  readonly getPage = async (page: number, pageSize: number, signal: AbortSignal): Promise<SecretPage> => {
    this.requested.push(page);
    await this.scheduler.schedule(Promise.resolve(), `page ${page}`);
    signal.throwIfAborted();
    for (const each of this.changes.shift() ?? []) this.#apply(each);
    const ids = this.list.slice(page * pageSize, (page + 1) * pageSize);
    const total = this.list.length;
    this.atLast = new Set(this.list);
    return { page, total, totalPages: Math.ceil(total / pageSize), secrets: ids.map((id) => ({ id, tag: id })) };
  };

  #apply([kind, place]: Change): void {
    const at = Math.floor(place * (this.list.length + (kind === 'create' ? 1 : 0)));
    const other = Math.floor(((place * 7919) % 1) * this.list.length);
    if (kind === 'create') this.list.splice(at, 0, `new${this.#created++}`);
    else if (kind === 'rename') this.list.splice(other, 0, ...this.list.splice(at, 1));
    else this.list.splice(at, 1);
    // A create in the same moment leaves the total as it was.
    if (kind === 'replace') this.list.splice(other, 0, `new${this.#created++}`);
  }

  delete(id: string): void {
    const at = this.list.indexOf(id);
    if (at >= 0) this.list.splice(at, 1);
  }
}

const counts = { quiet: 0, deleting: 0, passes: 0, runs: 0, incomplete: 0 };

interface Scenario {
  size: number;
  pageSize: number;
  changes: Change[][];
  /** The loop deletes a secret that it gets if its number is a multiple of this; 0 deletes none. */
  deleteEach: number;
  scheduler: fc.Scheduler;
}

async function check({ size, pageSize, changes, deleteEach, scheduler }: Scenario): Promise<void> {
  const server = new Server(size, structuredClone(changes), scheduler);
  const yielded: string[] = [];
  let error: Error | undefined;
  const reading = (async () => {
    for await (const { id } of allItems(server.getPage, () => ({}), incomplete, pageSize)) {
      yielded.push(id);
      if (deleteEach > 0 && yielded.length % deleteEach === 0) server.delete(id);
    }
  })().catch((thrown) => {
    error = thrown;
  });
  await scheduler.waitFor(reading);

  expect(new Set(yielded).size, 'an id was yielded twice').toBe(yielded.length);
  const missed = server.initial.filter((id) => server.atLast.has(id) && !yielded.includes(id));
  const passes = server.requested.filter((page) => page === 0).length;
  // The deletes of the loop and the changes of others together may take more readings than listAll makes.
  if (error) expect([passes, error.message]).toEqual([10, expect.stringMatching(/^.secrets changed in each of 10/)]);
  else expect(missed, 'existed from the first request to the last').toEqual([]);
  if (deleteEach === 0) expect(error, 'two of ten readings were equal').toBeUndefined();
  const pages = Math.max(1, Math.ceil(size / pageSize));
  const quiet = changes.every((each) => each.length === 0) && deleteEach === 0;
  if (quiet) expect(server.requested).toHaveLength(pages === 1 ? 1 : 2 * pages);

  counts.runs++;
  counts.passes += passes;
  if (error) counts.incomplete++;
  if (quiet) counts.quiet++;
  if (deleteEach > 0) counts.deleting++;
}

const common = {
  size: fc.integer({ min: 0, max: 60 }),
  pageSize: fc.integer({ min: 1, max: 6 }),
  scheduler: fc.scheduler(),
};

/** At most MAX_CHANGES of the first requests find the list changed, by at most `most` creates and deletes. */
const changesOf = (each: fc.Arbitrary<Change>, most: number) =>
  fc
    .array(fc.tuple(fc.nat({ max: 40 }), fc.array(each, { minLength: 1, maxLength: most })), { maxLength: MAX_CHANGES })
    .map((all) => {
      const changes: Change[][] = [];
      for (const [request, some] of all) {
        while (changes.length <= request) changes.push([]);
        changes[request] = some;
      }
      return changes;
    });

const run = (scenario: fc.Arbitrary<Scenario>, numRuns: number) =>
  fc.assert(
    fc.asyncProperty(scenario, (given) => check(given)),
    { numRuns, seed: SEED },
  );

const timeout = 20_000 + RUNS * 50;

test('creates, deletes and renames at any moment, also by the loop: yields all that exists throughout, each once', {
  timeout,
}, async () => {
  const deleteEach = fc.integer({ min: 0, max: 3 });
  await run(fc.record({ ...common, changes: changesOf(change, 6), deleteEach }), RUNS);
  // Lists that nobody changes are rare among those.
  await run(fc.record({ ...common, changes: fc.constant([]), deleteEach: fc.constant(0) }), 10);
  console.log(counts);
  // Otherwise the runs have proved nothing.
  expect(counts.quiet).toBeGreaterThanOrEqual(10);
  expect(counts.deleting).toBeGreaterThan(0);
  expect(counts.passes).toBeGreaterThan(counts.runs);
  expect(counts.incomplete).toBeLessThan(Math.max(2, counts.runs / 50));
});
