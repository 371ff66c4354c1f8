import { describe, expect, test } from 'vitest';
import { clientOver, failureOf, json, secret } from './helpers.js';

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
