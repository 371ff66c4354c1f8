import { getEventListeners } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { createSecretsClient, type SecretPage } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { allItems } from '../src/pagination.js';
import { json, rejectionOf, secret, testClient } from './support/helpers.js';

/** More than any list here needs: an endless one fails, and doesn't hang. */
const MAX_REQUESTS = 50_000;

const incomplete = (problem: string, pointer: string) => new Error(`${pointer} ${problem}`);

type Row = ReturnType<typeof secret>;

/** A client over a list of pages; `total` and `totalPages` tell the truth unless `lie` says otherwise. */
function listOf(pages: Row[][], lie: { total?: number; totalPages?: number; page?: number } = {}) {
  const asked: number[] = [];
  const secrets = testClient([
    ({ url }) => {
      const page = Number(new URL(url).searchParams.get('page'));
      if (asked.push(page) > MAX_REQUESTS) return json(400, { message: 'for ever', type: 'BAD_REQUEST' });
      return json(200, {
        page,
        secrets: pages[page] ?? [],
        total: pages.flat().length,
        totalPages: pages.length,
        ...lie,
      });
    },
  ]);
  return { secrets, asked };
}

async function ids(list: AsyncIterable<{ id: string }>): Promise<string[]> {
  const all: string[] = [];
  for await (const { id } of list) all.push(id);
  return all;
}

const seedOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ tag: `t${String(i).padStart(5, '0')}`, secret: 'value' }));

/** A client of an in-memory workspace, and the pages that it asked for. */
function workspaceOf(count: number) {
  const cortex = createFakeCortex({ seed: seedOf(count) });
  const { apiKey, baseUrl } = cortex;
  const asked: number[] = [];
  const secrets = createSecretsClient({
    apiKey,
    baseUrl,
    fetch: (url, init) => {
      const page = new URL(url).searchParams.get('page');
      if (page !== null) asked.push(Number(page));
      return cortex.fetch(url, init);
    },
  });
  return { cortex, secrets, asked };
}

/** A list of ids that a test may change at any time, in pages; `beforePage` runs before the nth page is taken from it. */
function mutableList(count: number, beforePage: (nth: number) => unknown = () => {}) {
  const list = names(0, count);
  const asked: number[] = [];
  const getPage = async (page: number, pageSize: number, _signal?: AbortSignal) => {
    if (asked.push(page) > MAX_REQUESTS) throw new Error('This list is read for ever');
    beforePage(asked.length - 1);
    return {
      page,
      secrets: list.slice(page * pageSize, (page + 1) * pageSize).map((id) => ({ id, tag: id })),
      total: list.length,
      totalPages: Math.ceil(list.length / pageSize),
    };
  };
  return { list, getPage, asked };
}

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => secret(from + i));
const names = (from: number, to: number) => rows(from, to).map(({ id }) => id);

describe('listAll', () => {
  test('gives every secret once, in order, 1000 a page', async () => {
    const { secrets, asked } = listOf([rows(0, 3), rows(3, 6), rows(6, 7)]);
    expect(await ids(secrets.listAll())).toEqual(names(0, 7));
    expect(asked).toEqual([0, 1, 2, 0, 1, 2]); // two readings that are equal prove that nothing was missed
    expect(secrets.sent[0]?.url).toContain('?page=0&pageSize=1000');
  });

  test('of nothing is empty, after one request', async () => {
    const { secrets, asked } = listOf([]);
    expect(await ids(secrets.listAll())).toEqual([]);
    expect(asked).toEqual([0]);
  });

  test('sends nothing before it is read', async () => {
    const { secrets, asked } = listOf([rows(0, 1)]);
    const list = secrets.listAll();
    await Promise.resolve();
    expect(asked).toEqual([]);
    await list.next();
    expect(asked).toEqual([0]);
  });

  test('an error comes where its page would have come', async () => {
    const page = { page: 0, secrets: rows(0, 2), total: 9, totalPages: 3 };
    const secrets = testClient([json(200, page), json(403, { message: 'No', type: 'FORBIDDEN' })]);
    const seen: string[] = [];
    const error = await rejectionOf(
      (async () => {
        for await (const { id } of secrets.listAll()) seen.push(id);
      })(),
    );
    expect(seen).toEqual(names(0, 2));
    expect(error).toMatchObject({ name: 'ApiError', status: 403, operation: 'secrets.listAll' });
  });
});

describe('a server whose numbers are wrong', () => {
  test('no id is yielded twice if pages overlap', async () => {
    const { secrets } = listOf([rows(0, 4), rows(2, 6), rows(5, 8)], { total: 8 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 8));
  });

  test.each([
    ['too low', [0, 1, 0, 1], { total: 2 }],
    ['0', [0, 1, 2, 0, 1, 2], { total: 0 }], // the end is an empty page
    ['negative', [0, 1, 2, 0, 1, 2], { total: -1 }],
  ])('total is %s: reads the list a second time, and ends since the ids are the same', async (_, pages, lie) => {
    const { secrets, asked } = listOf([rows(0, 2), rows(2, 3)], lie);
    expect(await ids(secrets.listAll())).toEqual(names(0, 3));
    expect(asked).toEqual(pages);
  });

  test.each([
    [
      'total is too high',
      [rows(0, 2), rows(2, 3)],
      { total: 5 },
      '/total',
      'is 5, but the pages have 3 secrets: 2 are missing',
    ],
    [
      'total is too high and there is no secret',
      [[]],
      { total: 7 },
      '/total',
      'is 7, but the pages have 0 secrets: 7 are missing',
    ],
    [
      'the same page for ever',
      Array(100).fill(rows(0, 2)),
      { total: 1e6, totalPages: 1e6 },
      '/total',
      '999998 are missing',
    ],
    ['empty pages for ever', [rows(0, 2)], { total: 1e6, totalPages: 1e6 }, '/total', '999998 are missing'],
    ['never the rest', [rows(0, 2), rows(2, 4)], { total: 5, totalPages: 3 }, '/total', '1 are missing'],
    [
      'a cache that ignores the query',
      [rows(0, 2), rows(0, 2), rows(0, 2)],
      { total: 6, page: 0 },
      '/page',
      'is 0 in the response to a request for page 1: is there a cache that ignores the query?',
    ],
    [
      'another page',
      [rows(0, 2), rows(2, 4)],
      { total: 4, page: 1 },
      '/page',
      'is 1 in the response to a request for page 0',
    ],
  ])('%s: a ContractError after all that was found', async (_, pages, lie, pointer, problem) => {
    const { secrets, asked } = listOf(pages as Row[][], lie);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id } of secrets.listAll()) seen.push(id);
    })();
    const error = await rejectionOf(reading);
    expect(error).toMatchObject({ name: 'ContractError', operation: 'secrets.listAll', pointer, kind: 'contract' });
    expect(error.message).toContain(problem);
    expect(seen).toEqual([...new Set(pages.flat().map(({ id }) => id))]);
    expect(asked.length).toBeLessThanOrEqual(2 * (4 + 8)); // four that are read, and up to eight ahead
  });

  test('totalPages is too low: reads on until `total` ids were found', async () => {
    const { secrets, asked } = listOf([rows(0, 2), rows(2, 4), rows(4, 6)], { totalPages: 1, total: 6 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 6));
    expect(asked).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test.each([
    [0, 4],
    [-5, 4],
    [1e9, 22], // twice the two pages, an empty one, and eight ahead
  ])('totalPages is %i: yields all, with at most %i requests', async (totalPages, requests) => {
    const { secrets, asked } = listOf([rows(0, 2), rows(2, 4)], { totalPages });
    expect(await ids(secrets.listAll())).toEqual(names(0, 4));
    expect(asked.length).toBeLessThanOrEqual(requests); // the last ones may be aborted before they are sent
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });

  test('an empty page in the middle is skipped', async () => {
    const { secrets, asked } = listOf([rows(0, 2), [], rows(2, 4)]);
    expect(await ids(secrets.listAll())).toEqual(names(0, 4));
    expect(asked).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test('two pages without a new id do not end a pass', async () => {
    const pages = [rows(0, 2), rows(0, 2), rows(0, 2), rows(2, 4), rows(0, 2), rows(0, 2), rows(4, 6)];
    const { secrets } = listOf(pages, { total: 6 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 6));
  });
});

describe('pages that contradict each other, or themselves', () => {
  /** A list of five in pages of two; `change` makes something else of a page. */
  const changed = (change: (page: SecretPage, nth: number) => Partial<SecretPage> | undefined) => {
    const { getPage, asked } = mutableList(5);
    const read: typeof getPage = async (page, pageSize) => {
      const given = await getPage(page, pageSize);
      return { ...given, ...(change(given, asked.length - 1) as object) };
    };
    return { items: () => allItems(read, () => ({}), incomplete, 2), asked };
  };

  test('page 0 stands in a cache since the list was shorter: the rest is read too', async () => {
    const { items } = changed(({ page }) => (page === 0 ? { total: 4, totalPages: 2 } : undefined));
    expect(await ids(items())).toEqual(names(0, 5));
  });

  test('the list of a replica that lags ends early in every reading: an error says what is missing', async () => {
    const { items } = changed(({ page, secrets }) =>
      page === 2 ? { secrets: secrets.slice(1) } : { total: page + 4 },
    );
    const message = '/total is 5, but the pages have 4 secrets: 1 are missing';
    expect((await rejectionOf(ids(items()))).message).toMatch(message);
  });

  test.each([{ total: 0, totalPages: 0 }, { total: -1, totalPages: 0 }, { total: 1, totalPages: 1 }, { total: 0 }])(
    'a full first page that says %o: reads on to an empty page',
    async (lie) => {
      const { items, asked } = changed(() => lie);
      expect(await ids(items())).toEqual(names(0, 5));
      expect(asked).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    },
  );
});

describe('pages ahead', () => {
  const many = Array.from({ length: 40 }, (_, page) => rows(page * 2, page * 2 + 2));

  test('are fetched, a bounded number of them, and counted against maxConcurrency', async () => {
    for (const [maxConcurrency, most] of [
      [16, 8],
      [3, 3],
    ] as const) {
      let under = 0;
      let peak = 0;
      const secrets = testClient(
        [
          async ({ url }) => {
            peak = Math.max(peak, ++under);
            // After the microtasks that request the pages ahead, however long they take.
            await immediate();
            under--;
            const page = Number(new URL(url).searchParams.get('page'));
            return json(200, { page, secrets: many[page] ?? [], total: 80, totalPages: 40 });
          },
        ],
        { maxConcurrency },
      );
      expect(await ids(secrets.listAll())).toEqual(names(0, 80));
      expect(peak).toBe(most);
      expect(secrets.sent).toHaveLength(80);
    }
  });

  test('are requested before the first secret is yielded, as far as totalPages reaches', async () => {
    for (const [count, pages] of [
      [2, [0]],
      [9, [0, 1, 2, 3, 4]],
      [80, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ] as const) {
      const { getPage, asked } = mutableList(count);
      const list = allItems(getPage, () => ({}), incomplete, 2);
      await list.next();
      expect(asked).toEqual(pages);
      await list.return();
    }
  });

  test('come in order, whatever order they arrive in', async () => {
    const waiting: (() => void)[] = [];
    const arrived: number[] = [];
    const secrets = testClient([
      async ({ url }) => {
        const page = Number(new URL(url).searchParams.get('page'));
        // Each turn of the event loop answers the newest request that waits.
        setImmediate(() => waiting.pop()?.());
        await new Promise<void>((resolve) => waiting.push(resolve));
        arrived.push(page);
        return json(200, { page, secrets: many[page] ?? [], total: 80, totalPages: 40 });
      },
    ]);
    expect(await ids(secrets.listAll())).toEqual(names(0, 80));
    expect(arrived).not.toEqual(arrived.toSorted((a, b) => a - b));
  });

  test('stop when the loop is left: what is under way is aborted, and its failure is nobody’s', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const aborted: number[] = [];
    const secrets = testClient([
      ({ url, signal }) => {
        const page = Number(new URL(url).searchParams.get('page'));
        if (page < 2) return json(200, { page, secrets: many[page] ?? [], total: 80, totalPages: 40 });
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => {
            aborted.push(page);
            reject(signal.reason);
          }),
        );
      },
    ]);
    let count = 0;
    for await (const _ of secrets.listAll()) if (++count === 3) break;
    const sent = secrets.sent.length;
    for (let i = 0; i < 3; i++) await immediate();
    process.off('unhandledRejection', listen);
    expect(aborted).toEqual(Array.from({ length: sent - 2 }, (_, i) => i + 2));
    expect(secrets.sent).toHaveLength(sent);
    expect(sent).toBeLessThanOrEqual(10);
    expect(unhandled).toEqual([]);
  });

  test('an abort ends the loop with its own reason, and leaves no listener', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { secrets } = listOf(many);
    const seen: string[] = [];
    const error = await rejectionOf(
      (async () => {
        for await (const { id } of secrets.listAll({ signal: controller.signal })) {
          if (seen.push(id) === 5) controller.abort(reason);
        }
      })(),
    );
    expect(error).toBe(reason);
    expect(seen).toHaveLength(5);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('an error of a page ahead comes when its turn has come', async () => {
    const secrets = testClient(
      [
        ({ url }) => {
          const page = Number(new URL(url).searchParams.get('page'));
          if (page === 3) return json(500, { message: 'no', type: 'UNHANDLED_EXCEPTION' });
          return json(200, { page, secrets: many[page] ?? [], total: 80, totalPages: 40 });
        },
      ],
      { retry: false },
    );
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id } of secrets.listAll()) seen.push(id);
    })();
    expect(await rejectionOf(reading)).toMatchObject({ status: 500 });
    expect(seen).toEqual(names(0, 6));
  });
});

describe('a loop that deletes what it reads', () => {
  test.each([[1500], [5000]])('empties a workspace of %i secrets, and gets each once', async (count) => {
    const { cortex, secrets, asked } = workspaceOf(count);
    const tags: string[] = [];
    for await (const { tag } of secrets.listAll()) {
      tags.push(tag);
      await secrets.delete(tag);
    }
    expect(tags.sort()).toEqual(seedOf(count).map(({ tag }) => tag));
    expect((await secrets.list()).total).toBe(0);
    expect(cortex.requests.filter(({ operation }) => operation === 'delete')).toHaveLength(count);
    expect(asked.length).toBeLessThan(2 * Math.ceil(count / 1000) + 2);
  });

  test.each([
    [3, 1],
    [100, 1],
    [3000, 1],
    [3000, 7],
  ])('empties a list of %i secrets in pages of %i, with at most twice the requests', async (count, pageSize) => {
    const { list, getPage, asked } = mutableList(count);
    const all = [...list];
    const seen: string[] = [];
    for await (const { id } of allItems(getPage, () => ({}), incomplete, pageSize)) {
      seen.push(id);
      list.splice(list.indexOf(id), 1);
    }
    expect(list).toEqual([]);
    expect(seen.sort()).toEqual(all.sort());
    expect(asked.length).toBeLessThan(2 * Math.ceil(count / pageSize) + 30);
  });
});

describe('a list that others change while it is read', () => {
  const read = (getPage: ReturnType<typeof mutableList>['getPage'], pageSize = 2) =>
    ids(allItems(getPage, () => ({}), incomplete, pageSize));

  test('stands still: one request for one page, twice the pages for more', async () => {
    for (const [count, requests] of [
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 4],
      [40, 40],
    ] as const) {
      const { list, getPage, asked } = mutableList(count);
      expect(await read(getPage)).toEqual(list);
      expect(asked).toHaveLength(requests);
    }
  });

  test('a secret is deleted from a page that was read: reads again and yields what moved past', async () => {
    const { list, getPage, asked } = mutableList(5, (nth) => nth === 1 && list.shift());
    expect(await read(getPage)).toEqual([...names(0, 2), ...names(3, 5), 'se-2']);
    expect(asked).toEqual([0, 1, 2, 0, 1, 0, 1]);
  });

  test('a secret is created before a page that was read: reads again and yields it', async () => {
    const { list, getPage, asked } = mutableList(5, (nth) => nth === 1 && list.unshift('new'));
    expect(await read(getPage)).toEqual([...names(0, 5), 'new']);
    expect(asked).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  test('a delete and a create leave `total` as it was: the ids that come twice, or not at all, show it', async () => {
    const created = mutableList(5, (nth) => nth === 1 && created.list.pop() && created.list.unshift('new'));
    expect(await read(created.getPage)).toEqual([...names(0, 4), 'new']);
    const deleted = mutableList(5, (nth) => {
      if (nth === 2) deleted.list.shift();
      if (nth === 3) deleted.list.push('new');
    });
    expect((await read(deleted.getPage)).sort()).toEqual(['new', ...names(0, 5)]);
  });

  test('a secret moves past the reader in two passes that look alike: a third one yields it', async () => {
    const { list, getPage, asked } = mutableList(5, (nth) => {
      if (nth === 1 || nth === 4) list.shift();
      if (nth === 3) list.unshift('new');
    });
    expect(await read(getPage)).toEqual([...names(0, 2), ...names(3, 5), 'new', 'se-2']);
    expect(asked.filter((page) => page === 0)).toHaveLength(4); // the last two are equal
  });

  test('a delete before and a create behind, between two pages, leave `total` as it was: the next reading shows it', async () => {
    const { list, getPage } = mutableList(5, (nth) => nth === 1 && list.shift() && list.push('new'));
    expect(await read(getPage)).toEqual([...names(0, 2), ...names(3, 5), 'new', 'se-2']);
  });

  test('somebody creates secrets for ever: after ten passes and all that were there, an error', async () => {
    for (const where of ['before', 'behind']) {
      let made = 0;
      const { list, getPage, asked } = mutableList(9, () => {
        const id = `new-${made++}`;
        if (where === 'before') list.unshift(id);
        else list.push(id);
      });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { id } of allItems(getPage, () => ({}), incomplete, 2)) seen.push(id);
      })();
      expect((await rejectionOf(reading)).message).toMatch(/^\/secrets changed in each of 10 readings of the list/);
      expect(seen).toEqual(expect.arrayContaining(names(0, 9)));
      expect(new Set(seen).size).toBe(seen.length);
      expect(asked.filter((page) => page === 0)).toHaveLength(10);
    }
  });

  test('two passes with the same ids and another `total` are not the same: a third one is read', async () => {
    const totals = [5, 5, 5, 6, 6, 6, 7];
    const { getPage, asked } = mutableList(3);
    const lying: typeof getPage = async (page, pageSize) => {
      const response = await getPage(page, pageSize);
      return { ...response, total: totals[asked.length - 1] ?? 7, totalPages: 2 };
    };
    expect((await rejectionOf(ids(allItems(lying, () => ({}), incomplete, 2)))).message).toMatch('/total is 7');
    expect(asked.filter((page) => page === 0)).toHaveLength(4); // two with the total 7
  });

  test('a pass that gets only the beginning of what the one before got is not the same: a third one is read', async () => {
    const { list, getPage, asked } = mutableList(3, (nth) => nth === 3 && list.pop());
    const lying: typeof getPage = async (...args) => ({ ...(await getPage(...args)), total: 9, totalPages: 2 });
    expect((await rejectionOf(ids(allItems(lying, () => ({}), incomplete, 2)))).message).toMatch('7 are missing');
    expect(asked).toEqual([0, 1, 2, 0, 1, 0, 1]);
  });

  test('an error of the second pass is thrown after all that the first one found', async () => {
    const failure = new Error('no second pass');
    const { list, getPage } = mutableList(5, (nth) => {
      if (nth === 1) list.shift();
      if (nth === 3) throw failure;
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { id } of allItems(getPage, () => ({}), incomplete, 2)) seen.push(id);
    })();
    expect(await rejectionOf(reading)).toBe(failure);
    expect(seen).toEqual([...names(0, 2), ...names(3, 5)]);
  });
});

describe('leaving the loop', () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  afterEach(() => {
    process.off('unhandledRejection', listen);
  });

  // By the 6th id the first pass is read; the 7th is the one that moved past.
  test.each([1, 2, 3, 5, 6, 7])('after %i secrets aborts what is under way, and leaves no listener', async (count) => {
    process.on('unhandledRejection', listen);
    const outer = new AbortController();
    const ways = {
      break: async (list: AsyncIterable<unknown>) => {
        let seen = 0;
        for await (const _ of list) if (++seen === count) break;
      },
      throw: async (list: AsyncIterable<unknown>) => {
        let seen = 0;
        const failing = (async () => {
          for await (const _ of list) if (++seen === count) throw new Error('left');
        })();
        expect((await rejectionOf(failing)).message).toBe('left');
      },
      return: async (list: AsyncGenerator<unknown>) => {
        for (let seen = 0; seen < count; seen++) await list.next();
        await list.return(undefined);
      },
      abort: async (list: AsyncIterable<unknown>, abort: (reason: Error) => void) => {
        let seen = 0;
        const failing = (async () => {
          for await (const _ of list) if (++seen === count) abort(new Error('aborted'));
        })();
        expect((await rejectionOf(failing)).message).toBe('aborted');
        expect(seen).toBe(count);
      },
    };
    for (const [way, leave] of Object.entries(ways)) {
      const controller = way === 'abort' ? new AbortController() : outer;
      const signals: AbortSignal[] = [];
      const { list, getPage, asked } = mutableList(7, (nth) => nth === 1 && list.shift());
      const signalling: typeof getPage = (page, pageSize, signal) => {
        signals.push(signal as AbortSignal);
        // The last page of the first pass never comes after an early leave: it fails, and nobody reads it.
        return getPage(page, pageSize, signal).then((response) => {
          signal?.throwIfAborted();
          return response;
        });
      };
      await leave(
        allItems(signalling, () => ({ signal: controller.signal }), incomplete, 2),
        (reason) => controller.abort(reason),
      );
      const sent = asked.length;
      await new Promise((resolve) => setImmediate(resolve));
      expect(asked, way).toHaveLength(sent);
      expect(signals.every(({ aborted }) => aborted)).toBe(true);
      expect(getEventListeners(controller.signal, 'abort'), way).toEqual([]);
    }
    expect(unhandled).toEqual([]);
  });

  test('the requests that are under way are aborted with an AbortError, or with the reason of the caller', async () => {
    const left: unknown[] = [];
    const { getPage } = mutableList(9);
    const observed: typeof getPage = (page, pageSize, signal) => {
      signal?.addEventListener('abort', () => left.push(signal.reason));
      return getPage(page, pageSize, signal);
    };
    for await (const _ of allItems(observed, () => ({}), incomplete, 2)) break;
    expect(left.length).toBeGreaterThan(1);
    for (const reason of left) {
      expect(reason).toMatchObject({ name: 'AbortError' });
    }
    left.length = 0;
    const controller = new AbortController();
    const reason = new Error('enough');
    const list = allItems(observed, () => ({ signal: controller.signal }), incomplete, 2);
    await list.next();
    controller.abort(reason);
    expect(await rejectionOf(list.next())).toBe(reason);
    expect(new Set(left)).toEqual(new Set([reason]));
  });

  test('an abort while a page of the second pass is awaited ends the loop with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { list, getPage } = mutableList(5, (nth) => nth === 1 && list.shift());
    let first = 0;
    const hanging: typeof getPage = (page, pageSize, signal) => {
      if (page === 0 && ++first === 2) {
        setImmediate(() => controller.abort(reason));
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      }
      return getPage(page, pageSize, signal);
    };
    expect(await rejectionOf(ids(allItems(hanging, () => ({ signal: controller.signal }), incomplete, 2)))).toBe(
      reason,
    );
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('an abort is thrown although the page that is awaited still arrives', async () => {
    const controller = new AbortController();
    const { getPage } = mutableList(3, () => controller.abort(new Error('enough')));
    const first = allItems(getPage, () => ({ signal: controller.signal }), incomplete, 2).next();
    expect((await rejectionOf(first)).message).toBe('enough');
  });

  test('an abort by the last secret is thrown too', async () => {
    const controller = new AbortController();
    const reading = (async () => {
      for await (const { id } of allItems(mutableList(3).getPage, () => ({ signal: controller.signal }), incomplete, 2))
        if (id === 'se-2') controller.abort(new Error('at the end'));
    })();
    expect((await rejectionOf(reading)).message).toBe('at the end');
  });

  test('the error of a page ahead that is never read is not unhandled', async () => {
    process.on('unhandledRejection', listen);
    const { getPage } = mutableList(9, (nth) => {
      if (nth > 0) throw new Error('no page');
    });
    for await (const _ of allItems(getPage, () => ({}), incomplete, 2)) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});

describe('a page that is pending', () => {
  test('return() ends it at once, and the next() that waits for it', async () => {
    let aborted = false;
    const hanging = (_: number, __: number, signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<never>(() => {}); // ignores its signal
    };
    const list = allItems(hanging, () => ({}), incomplete);
    const next = list.next();
    await immediate();
    expect(await list.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(aborted).toBe(true);
  });
});

describe('deadlineMs', () => {
  test('limits the time for all pages together, not that of the loop', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    try {
      const slow = testClient([
        async ({ url }) => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          const page = Number(new URL(url).searchParams.get('page'));
          return json(200, { page, secrets: rows(page, page + 1), total: 100, totalPages: 1 });
        },
      ]);
      const start = performance.now();
      const seen: string[] = [];
      const reading = rejectionOf(
        (async () => {
          for await (const { id } of slow.listAll({ deadlineMs: 2000 })) {
            seen.push(id);
            if (seen.length === 1) await new Promise((resolve) => setTimeout(resolve, 5000));
          }
        })(),
      );
      const ended = reading.then(() => performance.now() - start);
      await vi.runAllTimersAsync();
      const error = await reading;
      expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true });
      expect(error.message).toBe('secrets.listAll: deadline of 2000 ms exceeded');
      expect(await ended).toBe(7000);
      expect(seen).toEqual(names(0, 6));
    } finally {
      vi.useRealTimers();
    }
  });

  test('has run on while a page was waited for, when the next ones are requested', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    try {
      const hangs = testClient([
        async ({ url }) => {
          const isFirst = new URL(url).searchParams.get('page') === '0';
          await new Promise((resolve) => isFirst && setTimeout(resolve, 400));
          return json(200, { page: 0, secrets: rows(0, 1), total: 3, totalPages: 3 });
        },
      ]);
      const start = performance.now();
      const reading = rejectionOf(ids(hangs.listAll({ deadlineMs: 1000, timeoutMs: 60_000 })));
      const ended = reading.then(() => performance.now() - start);
      await vi.runAllTimersAsync();
      expect(await ended).toBe(1000);
      expect((await reading).message).toBe('secrets.listAll: deadline of 1000 ms exceeded');
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends a list that grows for ever, though a fetch that responds at once lets no timer fire', async () => {
    let pages = 0;
    const endless = testClient([
      ({ url }) => {
        const page = Number(new URL(url).searchParams.get('page'));
        if (pages++ > MAX_REQUESTS) return json(400, { message: 'for ever', type: 'BAD_REQUEST' });
        return json(200, { page, secrets: rows(page, page + 1), total: page + 9, totalPages: page + 9 });
      },
    ]);
    vi.spyOn(performance, 'now').mockImplementation(() => pages); // each page takes a millisecond
    try {
      const error = await rejectionOf(ids(endless.listAll({ deadlineMs: 5 })));
      expect(error.message).toBe('secrets.listAll: deadline of 5 ms exceeded');
    } finally {
      vi.restoreAllMocks();
    }
  });
});
