import { describe, expect, test } from 'vitest';
import { clientOver, failureOf, json, secret } from './support/helpers.js';

type Row = ReturnType<typeof secret>;

/** A client over a list of pages; `total` and `totalPages` tell the truth unless `lie` says otherwise. */
function listOf(pages: Row[][], lie: { total?: number; totalPages?: number } = {}) {
  const asked: number[] = [];
  const secrets = clientOver([
    ({ url }) => {
      const page = Number(new URL(url).searchParams.get('page'));
      asked.push(page);
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

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => secret(from + i));
const names = (from: number, to: number) => rows(from, to).map(({ id }) => id);

describe('listAll', () => {
  test('gives every secret once, in order, 1000 a page', async () => {
    const { secrets, asked } = listOf([rows(0, 3), rows(3, 6), rows(6, 7)]);
    expect(await ids(secrets.listAll())).toEqual(names(0, 7));
    expect(asked).toEqual([0, 1, 2]);
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
    const secrets = clientOver([json(200, page), json(403, { message: 'No', type: 'FORBIDDEN' })]);
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { id } of secrets.listAll()) seen.push(id);
      })(),
    );
    expect(seen).toEqual(names(0, 2));
    expect(error).toMatchObject({ name: 'ApiError', status: 403, operation: 'secrets.listAll' });
  });
});

describe('a list that shifts while it is read, or lies', () => {
  test('no id comes twice', async () => {
    const { secrets } = listOf([rows(0, 4), rows(2, 6), rows(5, 8)], { total: 8 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 8));
  });

  test('it shrank: the pages end before `total` was seen, and an empty page ends the list', async () => {
    const { secrets, asked } = listOf([rows(0, 2), rows(2, 3)], { total: 5 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 3));
    expect(asked).toEqual([0, 1, 2]);
  });

  test('it grew: pages beyond totalPages are read until `total` was seen', async () => {
    const { secrets } = listOf([rows(0, 2), rows(2, 4), rows(4, 6)], { totalPages: 1, total: 6 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 6));
  });

  test('an empty page in the middle ends it', async () => {
    const { secrets } = listOf([rows(0, 2), [], rows(2, 4)]);
    expect(await ids(secrets.listAll())).toEqual(names(0, 2));
  });

  test('the same page for ever ends after three pages without anything new', async () => {
    const same = Array.from({ length: 100 }, () => rows(0, 2));
    const { secrets, asked } = listOf(same, { total: 1e6, totalPages: 1e6 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 2));
    expect(asked.length).toBeLessThanOrEqual(12); // four that are read, and those ahead
  });

  test('two pages without anything new do not end it', async () => {
    const pages = [rows(0, 2), rows(0, 2), rows(0, 2), rows(2, 4), rows(0, 2), rows(0, 2), rows(4, 6)];
    const { secrets } = listOf(pages, { total: 6 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 6));
  });

  test.each([[0], [-5], [1e9]])('totalPages of %i', async (totalPages) => {
    const { secrets, asked } = listOf([rows(0, 2), rows(2, 4)], { totalPages });
    expect(await ids(secrets.listAll())).toEqual(names(0, 4));
    expect(asked.length).toBeLessThanOrEqual(10);
  });

  test('a total of 0 with secrets on the page', async () => {
    const { secrets, asked } = listOf([rows(0, 2)], { total: 0 });
    expect(await ids(secrets.listAll())).toEqual(names(0, 2));
    expect(asked).toEqual([0]);
  });
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
      const secrets = clientOver(
        [
          async ({ url }) => {
            peak = Math.max(peak, ++under);
            await new Promise((resolve) => setTimeout(resolve, 2));
            under--;
            const page = Number(new URL(url).searchParams.get('page'));
            return json(200, { page, secrets: many[page] ?? [], total: 80, totalPages: 40 });
          },
        ],
        { maxConcurrency },
      );
      expect(await ids(secrets.listAll())).toEqual(names(0, 80));
      expect(peak).toBe(most);
      expect(secrets.sent).toHaveLength(40);
    }
  });

  test('come in order, whatever order they arrive in', async () => {
    const secrets = clientOver([
      async ({ url }) => {
        const page = Number(new URL(url).searchParams.get('page'));
        await new Promise((resolve) => setTimeout(resolve, (7 * page) % 11));
        return json(200, { page, secrets: many[page] ?? [], total: 80, totalPages: 40 });
      },
    ]);
    expect(await ids(secrets.listAll())).toEqual(names(0, 80));
  });

  test('stop when the loop is left: what is under way is aborted, and its failure is nobody’s', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const aborted: number[] = [];
    const secrets = clientOver([
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
    await new Promise((resolve) => setTimeout(resolve, 20));
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
    const error = await failureOf(
      (async () => {
        for await (const { id } of secrets.listAll({ signal: controller.signal })) {
          if (seen.push(id) === 5) controller.abort(reason);
        }
      })(),
    );
    expect(error).toBe(reason);
    expect(seen.length).toBeLessThanOrEqual(6); // what is left of the page that is being read
  });

  test('an error of a page ahead comes when its turn has come', async () => {
    const secrets = clientOver(
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
    expect(await failureOf(reading)).toMatchObject({ status: 500 });
    expect(seen).toEqual(names(0, 6));
  });
});
