/**
 * Compares random operations of a client on the in-memory Cortex with a Map, also with faults: then the outcome of an error
 * must match the state. `node scripts/checks/model.js` runs it at length.
 */
import { createSecretsClient, isCortexError, type Secret, type SecretsClient } from 'cortex-secrets';
import { createFakeCortex, type FakeCortex, type Fault } from 'cortex-secrets/testing';
import {
  type Arbitrary,
  type AsyncCommand,
  array,
  assert,
  asyncModelRun,
  asyncProperty,
  commands,
  constantFrom,
  integer,
  oneof,
  option,
  record,
} from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runsOr, seedOf } from '../support/seed.js';

const RUNS = runsOr(40);
const STEPS = Number(process.env.CORTEX_SECRETS_STEPS ?? 30);

interface StoredSecret {
  id: string;
  name?: string;
  secret: string;
}
type Model = Map<string, StoredSecret>;
interface Real {
  cortex: FakeCortex;
  secrets: SecretsClient;
  /** The pages that `listAll` asked for. */
  requests: number[];
}

/** Secrets that only lists are about. */
const more = (length: number) =>
  Array.from({ length }, (_, i) => ({
    tag: `n${i}`,
    id: `se${String(i).padStart(16, '0')}`,
    secret: `value no. ${i}`,
  }));

/** How often each operation ended in each way. */
const counts = new Map<string, number>();
const count = (result: string) => counts.set(result, (counts.get(result) ?? 0) + 1);

/** Settles like `work`, while the fake clock runs. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  while (!done) await vi.advanceTimersByTimeAsync(200);
  return work;
}

/** Reads the secret of a tag through the public interface. */
async function readStored({ cortex }: Real, tag: string): Promise<StoredSecret | undefined> {
  const secret = cortex.storedValue(tag);
  if (secret === undefined) return undefined;
  const headers = { authorization: `Bearer ${cortex.apiKey}` };
  const response = await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets/${tag}`, { headers });
  const { id, name } = (await response.json()) as Secret;
  return { id, secret, ...(name !== undefined && { name }) };
}

interface Step {
  /** Makes the call. */
  run: (secrets: SecretsClient) => Promise<unknown>;
  tag: string;
  /** The stored secret after success, or the statuses of the expected error. */
  after: StoredSecret | undefined | { error: number[] };
  /** The result. */
  result: unknown;
}

const publicFields = (tag: string, { id, name }: StoredSecret) => ({ id, tag, ...(name !== undefined && { name }) });
const NEW = expect.stringMatching(/^se[0-9a-f]{16}$/);

/** A call of the client, with the faults of its requests. */
class Call implements AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly step: (model: Model) => Step,
    readonly faults: Fault[],
  ) {}

  check = () => true;

  toString = () => `${this.name}${this.faults.length > 0 ? ` with ${JSON.stringify(this.faults)}` : ''}`;

  async run(model: Model, real: Real): Promise<void> {
    const { run, tag, after, result: expected } = this.step(model);
    const before = model.get(tag);
    const [operation] = this.name.split(' ');
    const recoveries = this.faults.map((fault) => real.cortex.fail('any', fault));
    const result = await settled(run(real.secrets)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    for (const recover of recoveries) recover();
    const now = await readStored(real, tag);
    const statuses = after && 'error' in after ? after.error : undefined;
    const processed = statuses ? before : (after as StoredSecret | undefined);

    if ('value' in result) {
      // A delete that is retried after an ambiguous attempt treats 404 as success.
      const mayBe404 = operation === 'delete' && this.faults.length > 0;
      if (!mayBe404) expect(statuses, 'the call must fail').toBeUndefined();
      expect(result.value).toEqual(expected);
      expect(now).toEqual(processed);
      count(`${operation} success`);
    } else {
      const { error } = result;
      if (!isCortexError(error)) throw error;
      count(`${operation} ${error.outcome}`);
      for (const secret of [before?.secret, now?.secret]) {
        if (secret && secret.length > 3) expect(error.message + JSON.stringify(error)).not.toContain(secret);
      }
      if (this.faults.length === 0) {
        expect(error).toMatchObject({ name: 'ApiError', outcome: 'rejected' });
        expect(statuses).toContain((error as { status: number }).status);
      }
      // The outcome must match the state.
      if (error.outcome === 'processed') expect(now).toEqual(processed);
      else if (error.outcome === 'unknown') expect([before, processed]).toContainEqual(now);
      else expect(now).toEqual(before);
    }
    if (now) model.set(tag, now);
    else model.delete(tag);
    expect(vi.getTimerCount()).toBe(0);
  }
}

/** A list of one page, or of all pages. */
class List implements AsyncCommand<Model, Real> {
  constructor(
    readonly page: number | undefined,
    readonly pageSize: number,
  ) {}

  check = () => true;

  toString = () => (this.page === undefined ? 'listAll' : `list ${this.page} of ${this.pageSize}`);

  async run(model: Model, { secrets }: Real): Promise<void> {
    const all = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tag, stored]) => publicFields(tag, stored));
    if (this.page === undefined) {
      const listed: Secret[] = [];
      for await (const secret of secrets.listAll()) listed.push(secret);
      expect(listed).toEqual(all);
      return;
    }
    const { page, pageSize } = this;
    expect(await secrets.list({ page, pageSize })).toEqual({
      page,
      secrets: all.slice(page * pageSize, (page + 1) * pageSize),
      total: all.length,
      totalPages: Math.ceil(all.length / pageSize),
    });
  }
}

/**
 * All pages, while the loop changes the list. It only deletes or only creates: `total` then shows each change, and
 * `listAll` must yield all that exists throughout.
 */
class Walk implements AsyncCommand<Model, Real> {
  constructor(
    readonly kind: 'deletes' | 'deletes what it reads' | 'creates',
    readonly every: number,
    readonly tags: readonly string[],
  ) {}

  check = () => true;

  toString = () => `listAll ${this.kind} ${this.kind === 'deletes what it reads' ? '' : this.tags} each ${this.every}`;

  async run(model: Model, { secrets, requests }: Real): Promise<void> {
    const before = new Map(model);
    const ever = new Map(model);
    const todo = [...this.tags];
    const yielded: Secret[] = [];
    requests.length = 0;
    for await (const secret of secrets.listAll()) {
      yielded.push(secret);
      if (yielded.length % this.every !== 0) continue;
      const tag = this.kind === 'deletes what it reads' ? secret.tag : todo.shift();
      if (tag === undefined || model.has(tag) === (this.kind === 'creates')) continue;
      if (this.kind === 'creates') {
        const { id } = await secrets.create({ tag, name: 'Made', secret: 'made value' });
        model.set(tag, { id, name: 'Made', secret: 'made value' });
        ever.set(tag, { id, name: 'Made', secret: 'made value' });
      } else {
        await secrets.delete(tag);
        model.delete(tag);
      }
      count(`listAll ${this.kind}`);
    }
    const ids = yielded.map(({ id }) => id);
    expect(new Set(ids).size, 'an id was yielded twice').toBe(ids.length);
    for (const [tag, { id }] of before) if (model.get(tag)?.id === id) expect(ids).toContain(id);
    for (const secret of yielded)
      expect(secret).toEqual(publicFields(secret.tag, ever.get(secret.tag) as StoredSecret));
    const passes = requests.filter((page) => page === 0).length;
    if (passes > 1) count('listAll read again');
  }
}

const tags = constantFrom('a', 'B', 'c-1', 'my_secret');
const names = constantFrom('A name', 'Another', '');
const values = constantFrom('first value', 'second value', 'x', ' ');
const faults: Arbitrary<Fault[]> = oneof(
  // Four refused connections: as many as the client has attempts.
  { weight: 2, arbitrary: constantFrom<Fault[]>([], [], [], Array<Fault>(4).fill('connection refused')) },
  array(
    constantFrom<Fault>(
      'connection refused',
      'reset before processing',
      'reset after processing',
      'hang before processing',
      'hang after processing',
      'truncated body',
      'not JSON',
      'wrong shape',
      { status: 429 },
      { status: 429, retryAfter: 1 },
      { status: 503 },
      { status: 503, processed: true },
      { status: 500, processed: true },
      { status: 408 },
      { status: 403 },
      { status: 409 },
      { slowBodyMs: 500 },
      { slowBodyMs: 5000 },
      { redirectTo: 'https://elsewhere.test' },
      { redirectTo: 'https://elsewhere.test', status: 308 },
    ),
    { minLength: 1, maxLength: 3 },
  ),
);

const create = record({ tag: tags, name: names, secret: values, faults }).map(
  ({ faults, ...given }) =>
    new Call(
      `create ${given.tag}`,
      (model) => {
        const made = { id: NEW, name: given.name, secret: given.secret };
        return {
          tag: given.tag,
          run: (secrets) => secrets.create(given),
          after: model.has(given.tag) ? { error: [409] } : made,
          result: publicFields(given.tag, made),
        };
      },
      faults,
    ),
);
const update = record({
  tag: tags,
  byId: constantFrom(true, false),
  name: option(names, { nil: undefined }),
  secret: values,
  faults,
}).map(
  ({ tag, byId, name, secret, faults }) =>
    new Call(
      `update ${tag}`,
      (model) => {
        const stored = model.get(tag);
        const changed = stored && { ...stored, secret, ...(name !== undefined && { name }) };
        return {
          tag,
          run: (secrets) =>
            secrets.update(byId && stored ? stored.id : tag, { secret, ...(name !== undefined && { name }) }),
          after: changed ?? { error: [404] },
          result: changed && publicFields(tag, changed),
        };
      },
      faults,
    ),
);
const set = record({ tag: tags, name: names, secret: values, faults }).map(
  ({ tag, name, secret, faults }) =>
    new Call(
      `set ${tag}`,
      (model) => {
        const made = { id: model.get(tag)?.id ?? NEW, name, secret };
        return {
          tag,
          run: (secrets) => secrets.set(tag, { name, secret }),
          after: made,
          result: publicFields(tag, made),
        };
      },
      faults,
    ),
);
const remove = record({ tag: tags, byId: constantFrom(true, false), faults }).map(
  ({ tag, byId, faults }) =>
    new Call(
      `delete ${tag}`,
      (model) => {
        const stored = model.get(tag);
        return {
          tag,
          run: (secrets) => secrets.delete(byId && stored ? stored.id : tag),
          after: stored ? undefined : { error: [404] },
          result: undefined,
        };
      },
      faults,
    ),
);
const get = record({ tag: tags, byId: constantFrom(true, false), faults }).map(
  ({ tag, byId, faults }) =>
    new Call(
      `get ${tag}`,
      (model) => {
        const stored = model.get(tag);
        return {
          tag,
          run: (secrets) => secrets.get(byId && stored ? stored.id : tag),
          after: stored ?? { error: [404] },
          result: stored && publicFields(tag, stored),
        };
      },
      faults,
    ),
);
const list = record({
  page: option(integer({ min: 0, max: 3 }), { nil: undefined }),
  pageSize: integer({ min: 1, max: 3 }),
}).map(({ page, pageSize }) => new List(page, pageSize));

const walk = record({
  kind: constantFrom('deletes' as const, 'deletes what it reads' as const, 'creates' as const),
  every: integer({ min: 1, max: 3 }),
  tags: array(constantFrom('a', 'B', ...more(20).map(({ tag }) => tag)), { maxLength: 12 }),
}).map(({ kind, every, tags }) => new Walk(kind, every, tags));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('random operations agree with a Map, and the outcomes of errors with the state', async () => {
  const all = commands<Model, Real, false>([create, update, set, remove, get, list, walk], {
    maxCommands: STEPS,
    size: 'max',
  });
  await assert(
    asyncProperty(all, async (steps) => {
      await asyncModelRun(() => {
        const seeded = { id: 'se0123456789abcdef', secret: 'seeded value' };
        const seed = [{ tag: 'my_secret', ...seeded }, ...more(14)];
        const cortex = createFakeCortex({ seed });
        const requests: number[] = [];
        // As a server whose largest page is 1: the lists of `listAll` have many pages without thousands of secrets.
        const fetch: FakeCortex['fetch'] = (url, init) => {
          const small = String(url).replace('pageSize=1000', 'pageSize=1');
          if (small !== String(url)) requests.push(Number(new URL(small).searchParams.get('page')));
          return cortex.fetch(small, init);
        };
        const options = { ...cortex.clientOptions, fetch, timeoutMs: 1000, retry: { baseDelayMs: 10 } };
        const secrets = createSecretsClient(options);
        const model: Model = new Map(seed.map(({ tag, id, secret }) => [tag, { id, secret }]));
        return { model, real: { cortex, secrets, requests } };
      }, steps);
    }),
    { seed: seedOf(import.meta.url), numRuns: RUNS },
  );
  console.log(
    [...counts]
      .sort()
      .map(([result, times]) => `${String(times).padStart(6)}  ${result}`)
      .join('\n'),
  );
  // Otherwise the run has tested too little.
  expect(counts.keys()).toContain('listAll read again');
  // `processed` ends one call in 200: only a long run is sure to have one.
  for (const outcome of ['success', 'rejected', 'unknown', 'not-sent', ...(RUNS < 1000 ? [] : ['processed'])]) {
    expect(
      [...counts.keys()].some((result) => result.endsWith(outcome)),
      outcome,
    ).toBe(true);
  }
}, 3_600_000);
