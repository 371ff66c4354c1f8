/** Lists: the pages, and what they say of themselves. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import type { Page, Tester } from '../tester.js';

const base = { operation: 'listSecrets', source: 'documented' } as const;

type Differs = Parameters<Parameters<Tester['stable']>[0]>[0];

/** What a page says must fit: each page alone, since others may change the list between two. */
async function fits(t: Tester, number: number, size: number, differs: Differs, query?: string): Promise<Page> {
  const exchange = await t.list(query ?? `?page=${number}&pageSize=${size}`);
  const page = t.page(exchange);
  const expect = (field: string, is: number, must: number) => {
    if (is !== must) differs(exchange, `${field}: ${must}`, `${RULES.page}/properties/${field.replace(/\W.*/, '')}`);
  };
  expect('page', page.page, number);
  expect('totalPages', page.totalPages, Math.ceil(page.total / size));
  const length = Math.min(size, Math.max(0, page.total - number * size));
  expect('secrets.length', page.secrets.length, length);
  return page;
}

/** The first page, the second one, and the last one; no secret is on two of them. */
async function pages(t: Tester, size: number): Promise<void> {
  for (let n = 0; n < 3; n += 1) await t.created();
  await t.stable(async (differs) => {
    const first = await fits(t, 0, size, differs);
    const seen = new Set(first.secrets.map(({ id }) => id));
    for (const number of new Set([1, first.totalPages - 1])) {
      if (number < 1) continue;
      const page = await fits(t, number, size, differs);
      if (page.total !== first.total && t.last) differs(t.last, `total: ${first.total}, as on the first page`);
      const twice = page.secrets.find(({ id }) => seen.has(id));
      if (twice && t.last) differs(t.last, `each secret on one page; ${twice.id} is on two`);
    }
  });
}

export const LIST_CHECKS: readonly Check[] = [
  {
    ...base,
    id: 'list-size-1',
    title: 'pages of 1 have one secret each, another one on each page',
    rule: `${RULES.list}/parameters/1`,
    run: (t) => pages(t, 1),
  },
  {
    ...base,
    id: 'list-size-3',
    title: 'pages of 3 have three secrets each, other ones on each page',
    rule: `${RULES.list}/parameters/1`,
    run: (t) => pages(t, 3),
  },
  {
    ...base,
    id: 'list-size-1000',
    title: 'pages of 1000 have each secret once, as many as total says',
    rule: `${RULES.list}/parameters/1/schema/maximum`,
    async run(t) {
      await t.created();
      await t.stable(async (differs) => {
        const { total } = await fits(t, 0, 1000, differs);
        const { secrets, last } = await t.walk();
        const ids = new Set(secrets.map(({ id }) => id));
        if (ids.size !== secrets.length) differs(last, 'each secret once on all pages');
        if (ids.size !== total) differs(last, `${total} secrets on all pages`);
      });
    },
  },
  {
    ...base,
    id: 'list-no-query',
    title: 'page and pageSize can be left out',
    rule: `${RULES.list}/description`,
    source: 'assumption',
    assumption: 'page and pageSize can be left out',
    async run(t) {
      await t.stable(async (differs) => void (await fits(t, 0, 250, differs, '')));
      await t.stable(async (differs) => void (await fits(t, 1, 250, differs, '?page=1')));
    },
  },
  {
    ...base,
    id: 'list-past-the-end',
    title: 'a page past the end is empty',
    rule: `${RULES.list}/description`,
    source: 'assumption',
    assumption: 'a page past the end is empty, not an error',
    run: (t) => t.stable(async (differs) => void (await fits(t, 1_000_000, 1000, differs))),
  },
  {
    ...base,
    id: 'list-default-size',
    title: 'a page has 250 secrets by default, and up to 1000 if asked for',
    rule: `${RULES.list}/parameters/1/schema/default`,
    thorough: true,
    async run(t) {
      for (let left = 251; left > 0; left -= 8)
        await Promise.all(Array.from({ length: Math.min(8, left) }, () => t.created()));
      await t.stable(async (differs) => {
        for (const [query, size] of [
          ['?page=0', 250],
          ['?page=0&pageSize=1000', 1000],
        ] as const) {
          const page = await fits(t, 0, size, differs, query);
          if (page.total < 251 && t.last) differs(t.last, 'a total of at least 251');
        }
      });
    },
  },
];
