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
const MAX_CHANGES = 8;

/** A place in the list, as a part of its length. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
type Change = ['create' | 'delete', place: number];
const change = fc.tuple(fc.constantFrom('create' as const, 'delete' as const), place);

interface Served {
  firstOfPass: boolean;
  total: number;
  ids: string[];
}

/** A list in pages. Takes the requests as the scheduler orders them, and applies the next changes before each. */
class Server {
  readonly initial: readonly string[];
  readonly list: string[];
  /** What was there when the last request was served. */
  atLast: ReadonlySet<string> = new Set();
  readonly served: Served[] = [];
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
    this.served.push({ firstOfPass: page === 0, total, ids });
    this.atLast = new Set(this.list);
    return { page, total, totalPages: Math.ceil(total / pageSize), secrets: ids.map((id) => ({ id, tag: id })) };
  };

  #apply([kind, place]: Change): void {
    const at = Math.floor(place * (this.list.length + (kind === 'create' ? 1 : 0)));
    if (kind === 'create') this.list.splice(at, 0, `new${this.#created++}`);
    else this.list.splice(at, 1);
  }

  delete(id: string): void {
    const at = this.list.indexOf(id);
    if (at >= 0) this.list.splice(at, 1);
  }

  /** Whether a reader can tell by `total` and ids that the list changed during the last pass. */
  lastPassShowsChange(): boolean {
    const pass = this.served.slice(this.served.findLastIndex(({ firstOfPass }) => firstOfPass));
    const ids = pass.flatMap((page) => page.ids);
    const [first] = pass;
    return pass.some(({ total }) => total !== first?.total) || new Set(ids).size !== first?.total;
  }
}

const counts = { quiet: 0, deleting: 0, missedUnseen: 0, passes: 0, runs: 0 };

interface Scenario {
  size: number;
  pageSize: number;
  changes: Change[][];
  /** The loop deletes a secret that it gets if its number is a multiple of this; 0 deletes none. */
  deleteEach: number;
  scheduler: fc.Scheduler;
}

async function check({ size, pageSize, changes, deleteEach, scheduler }: Scenario, mayBalance: boolean): Promise<void> {
  const server = new Server(size, structuredClone(changes), scheduler);
  const yielded: string[] = [];
  const reading = (async () => {
    for await (const { id } of allItems(server.getPage, () => undefined, pageSize)) {
      yielded.push(id);
      if (deleteEach > 0 && yielded.length % deleteEach === 0) server.delete(id);
    }
  })();
  await scheduler.waitFor(reading);

  expect(new Set(yielded).size, 'an id was yielded twice').toBe(yielded.length);
  const missed = server.initial.filter((id) => server.atLast.has(id) && !yielded.includes(id));
  const canBeSeen = !mayBalance || server.lastPassShowsChange();
  if (canBeSeen) expect(missed, 'existed from the first request to the last').toEqual([]);
  const pages = Math.max(1, Math.ceil(size / pageSize));
  const quiet = changes.every((each) => each.length === 0) && deleteEach === 0;
  if (quiet) expect(server.requested).toEqual(Array.from({ length: pages }, (_, page) => page));

  counts.runs++;
  counts.passes += server.requested.filter((page) => page === 0).length;
  if (quiet) counts.quiet++;
  if (deleteEach > 0) counts.deleting++;
  if (missed.length > 0) counts.missedUnseen++;
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

const run = (scenario: fc.Arbitrary<Scenario>, mayBalance: boolean) =>
  fc.assert(
    fc.asyncProperty(scenario, (given) => check(given, mayBalance)),
    { numRuns: RUNS, seed: SEED },
  );

const timeout = 20_000 + RUNS * 50;

test('one change between two requests: yields all that exists throughout, each once', { timeout }, async () => {
  await run(fc.record({ ...common, changes: changesOf(change, 1), deleteEach: fc.constant(0) }), false);
});

test('only deletes, also by the loop: yields all that exists throughout, each once', { timeout }, async () => {
  const deletes = place.map((at): Change => ['delete', at]);
  const deleteEach = fc.integer({ min: 0, max: 3 });
  await run(fc.record({ ...common, changes: changesOf(deletes, 5), deleteEach }), false);
});

test('any changes: misses none that `total` and ids let a reader notice', { timeout }, async () => {
  const deleteEach = fc.integer({ min: 0, max: 3 });
  await run(fc.record({ ...common, changes: changesOf(change, 6), deleteEach }), true);
  console.log(counts);
  // Otherwise the runs have proved nothing.
  expect(counts.quiet).toBeGreaterThan(0);
  expect(counts.deleting).toBeGreaterThan(0);
  expect(counts.passes).toBeGreaterThan(counts.runs);
});
