/**
 * Random operations of a client on the in-memory Cortex, beside a Map that knows what must be: also with faults, where
 * the outcome that an error names must be what has happened. `npm run model` runs it at length.
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

const RUNS = Number(process.env.CORTEX_SECRETS_RUNS ?? 100);
const STEPS = Number(process.env.CORTEX_SECRETS_STEPS ?? 30);

interface Kept {
  id: string;
  name?: string;
  secret: string;
}
type Model = Map<string, Kept>;
interface Real {
  cortex: FakeCortex;
  secrets: SecretsClient;
}

/** What a command may come to, and what was seen of it. */
const seen = new Map<string, number>();
const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

/** Resolves as `work` does, while the fake clock runs. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  while (!done) await vi.advanceTimersByTimeAsync(200);
  return work;
}

/** What is kept under a tag, as far as it can be seen from outside. */
async function look({ cortex }: Real, tag: string): Promise<Kept | undefined> {
  const secret = cortex.valueOf(tag);
  if (secret === undefined) return undefined;
  const headers = { authorization: `Bearer ${cortex.apiKey}` };
  const answer = await cortex.fetch(`${cortex.baseUrl}/api/v1/secrets/${tag}`, { headers });
  const { id, name } = (await answer.json()) as Secret;
  return { id, secret, ...(name !== undefined && { name }) };
}

interface Step {
  /** What is asked for. */
  run: (secrets: SecretsClient) => Promise<unknown>;
  tag: string;
  /** What is kept under the tag when it was done; `error` where it must be refused. */
  after: Kept | undefined | { error: number[] };
  /** What it must resolve with. */
  gives: unknown;
}

const shown = (tag: string, { id, name }: Kept) => ({ id, tag, ...(name !== undefined && { name }) });
const NEW = expect.stringMatching(/^se[0-9a-f]{16}$/);

/** A command of the client, with the faults that it meets. */
class Call implements AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly step: (model: Model) => Step,
    readonly faults: Fault[],
  ) {}

  check = () => true;

  toString = () => `${this.name}${this.faults.length > 0 ? ` with ${JSON.stringify(this.faults)}` : ''}`;

  async run(model: Model, real: Real): Promise<void> {
    const { run, tag, after, gives } = this.step(model);
    const before = model.get(tag);
    const [operation] = this.name.split(' ');
    const mends = this.faults.map((fault) => real.cortex.fail('any', fault));
    const result = await settled(run(real.secrets)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    for (const mend of mends) mend();
    const now = await look(real, tag);
    const refused = after && 'error' in after ? after.error : undefined;
    const wanted = refused ? before : (after as Kept | undefined);

    if ('value' in result) {
      // A delete that is repeated in doubt takes "not found" for done.
      const inDoubt = operation === 'delete' && this.faults.length > 0;
      if (!inDoubt) expect(refused, 'it must be refused').toBeUndefined();
      expect(result.value).toEqual(gives);
      expect(now).toEqual(wanted);
      count(`${operation} done`);
    } else {
      const { error } = result;
      if (!isCortexError(error)) throw error;
      count(`${operation} ${error.outcome}`);
      for (const secret of [before?.secret, now?.secret]) {
        if (secret && secret.length > 3) expect(error.message + JSON.stringify(error)).not.toContain(secret);
      }
      if (this.faults.length === 0) {
        expect(error).toMatchObject({ name: 'ApiError', outcome: 'rejected' });
        expect(refused).toContain((error as { status: number }).status);
      }
      // What the error says of the server is what the server did.
      if (error.outcome === 'processed') expect(now).toEqual(wanted);
      else if (error.outcome === 'unknown') expect([before, wanted]).toContainEqual(now);
      else expect(now).toEqual(before);
    }
    if (now) model.set(tag, now);
    else model.delete(tag);
    expect(vi.getTimerCount()).toBe(0);
  }
}

/** A page, or all pages. */
class Look implements AsyncCommand<Model, Real> {
  constructor(
    readonly page: number | undefined,
    readonly pageSize: number,
  ) {}

  check = () => true;

  toString = () => (this.page === undefined ? 'listAll' : `list ${this.page} of ${this.pageSize}`);

  async run(model: Model, { secrets }: Real): Promise<void> {
    const all = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tag, kept]) => shown(tag, kept));
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

const tags = constantFrom('a', 'B', 'c-1', 'my_secret');
const names = constantFrom('A name', 'Another', '');
const values = constantFrom('first value', 'second value', 'x', ' ');
const faults: Arbitrary<Fault[]> = oneof(
  // Four times no connection: more than the client tries.
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
          gives: shown(given.tag, made),
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
        const kept = model.get(tag);
        const changed = kept && { ...kept, secret, ...(name !== undefined && { name }) };
        return {
          tag,
          run: (secrets) =>
            secrets.update(byId && kept ? kept.id : tag, { secret, ...(name !== undefined && { name }) }),
          after: changed ?? { error: [404] },
          gives: changed && shown(tag, changed),
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
        return { tag, run: (secrets) => secrets.set(tag, { name, secret }), after: made, gives: shown(tag, made) };
      },
      faults,
    ),
);
const remove = record({ tag: tags, byId: constantFrom(true, false), faults }).map(
  ({ tag, byId, faults }) =>
    new Call(
      `delete ${tag}`,
      (model) => {
        const kept = model.get(tag);
        return {
          tag,
          run: (secrets) => secrets.delete(byId && kept ? kept.id : tag),
          after: kept ? undefined : { error: [404] },
          gives: undefined,
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
        const kept = model.get(tag);
        return {
          tag,
          run: (secrets) => secrets.get(byId && kept ? kept.id : tag),
          after: kept ?? { error: [404] },
          gives: kept && shown(tag, kept),
        };
      },
      faults,
    ),
);
const list = record({
  page: option(integer({ min: 0, max: 3 }), { nil: undefined }),
  pageSize: integer({ min: 1, max: 3 }),
}).map(({ page, pageSize }) => new Look(page, pageSize));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('random operations agree with a Map, and errors with what the server did', async () => {
  const all = commands<Model, Real, false>([create, update, set, remove, get, list], {
    maxCommands: STEPS,
    size: 'max',
  });
  await assert(
    asyncProperty(all, async (steps) => {
      await asyncModelRun(() => {
        const seeded = { id: 'se0123456789abcdef', secret: 'seeded value' };
        const cortex = createFakeCortex({ seed: [{ tag: 'my_secret', ...seeded }] });
        const { apiKey, baseUrl, fetch } = cortex;
        const secrets = createSecretsClient({ apiKey, baseUrl, fetch, timeoutMs: 1000, retry: { baseDelayMs: 10 } });
        return { model: new Map([['my_secret', seeded]]), real: { cortex, secrets } };
      }, steps);
    }),
    { numRuns: RUNS },
  );
  console.log(
    [...seen]
      .sort()
      .map(([what, times]) => `${String(times).padStart(6)}  ${what}`)
      .join('\n'),
  );
  // Else it has proved nothing.
  for (const outcome of ['done', 'rejected', 'unknown', 'processed', 'not-sent']) {
    expect(
      [...seen.keys()].some((what) => what.endsWith(outcome)),
      outcome,
    ).toBe(true);
  }
}, 3_600_000);
