/** Wrong pages of a list: number, size, total, and the secrets on them. */
import type { Tamper } from '../../support/tampered-cortex.js';
import {
  ASSUMED,
  bodyOf,
  editPage,
  type Fields,
  isList,
  jsonOf,
  notFound,
  queryOf,
  type Row,
  serversOf,
  THOROUGH,
  withQuery,
} from './support.js';

const pageBy =
  (change: (query: URLSearchParams) => Record<string, string>): Tamper =>
  (request, respond) =>
    respond(isList(request) ? withQuery(request, change(queryOf(request))) : request);
const sizeOf = (query: URLSearchParams) => Number(query.get('pageSize') ?? 250);

const ROWS: readonly Row[] = [
  ['a page loses its last secret', editPage((page) => ({ ...page, secrets: page.secrets.slice(0, -1) }))],
  [
    'a full page loses its last secret',
    editPage((page, query) => ({
      ...page,
      secrets: page.secrets.length === sizeOf(query) ? page.secrets.slice(0, -1) : page.secrets,
    })),
  ],
  [
    'a page has one secret too many',
    pageBy((query) => ({
      pageSize: String(sizeOf(query) < 1000 && sizeOf(query) > 0 ? sizeOf(query) + 1 : sizeOf(query)),
    })),
  ],
  [
    'pages overlap',
    async (request, respond) => {
      const page = Number(queryOf(request).get('page') ?? 0);
      const response = await respond();
      if (!isList(request) || response.status !== 200 || page === 0) return response;
      const before = bodyOf(await respond(withQuery(request, { page: String(page - 1) }))) as { secrets: Fields[] };
      const body = bodyOf(response) as { secrets: Fields[] };
      return jsonOf(200, {
        ...body,
        secrets: [...before.secrets.slice(-1), ...body.secrets].slice(0, sizeOf(queryOf(request))),
      });
    },
  ],
  ['pageSize is ignored', pageBy((query) => (sizeOf(query) >= 1 && sizeOf(query) <= 1000 ? { pageSize: '250' } : {}))],
  ['page is ignored', pageBy((query) => (/^\d{1,9}$/.test(query.get('page') ?? '') ? { page: '0' } : {}))],
  ['every page says it is page 0', editPage((page) => ({ ...page, page: 0 }))],
  [
    'pages count from 1',
    async (request, respond) => {
      const page = queryOf(request).get('page') ?? '1';
      if (!isList(request) || !/^\d{1,9}$/.test(page)) return respond();
      const response = await respond(withQuery(request, { page: String(Math.max(0, Number(page) - 1)) }));
      return response.status === 200 ? jsonOf(200, { ...bodyOf(response), page: Number(page) }) : response;
    },
  ],
  ['total is the size of the page', editPage((page) => ({ ...page, total: page.secrets.length }))],
  ['total is always 0', editPage((page) => ({ ...page, total: 0 }))],
  ['totalPages is one too small', editPage((page) => ({ ...page, totalPages: Number(page.totalPages) - 1 }))],
  ['totalPages is one too large', editPage((page) => ({ ...page, totalPages: Number(page.totalPages) + 1 }))],
  [
    'a page past the end is the last one',
    async (request, respond) => {
      const response = await respond();
      if (!isList(request) || response.status !== 200) return response;
      const body = bodyOf(response) as { secrets: Fields[]; totalPages: number };
      return body.secrets.length > 0
        ? response
        : respond(withQuery(request, { page: String(Math.max(0, body.totalPages - 1)) }));
    },
    ASSUMED,
  ],
  [
    'a page past the end is a 404',
    async (request, respond) => {
      const response = await respond();
      if (!isList(request) || response.status !== 200) return response;
      return (bodyOf(response).secrets as Fields[]).length > 0 ? response : notFound;
    },
    ASSUMED,
  ],
  [
    'a pageSize of 1000 is rejected',
    async (request, respond) =>
      isList(request) && sizeOf(queryOf(request)) === 1000
        ? jsonOf(400, { message: 'pageSize', type: 'BAD_REQUEST' })
        : respond(),
  ],
  [
    'a list needs page and pageSize',
    async (request, respond) =>
      isList(request) && !(queryOf(request).has('page') && queryOf(request).has('pageSize'))
        ? jsonOf(400, { message: 'page', type: 'BAD_REQUEST' })
        : respond(),
    ASSUMED,
  ],
  ['the default page size is 100', pageBy((query) => (query.has('pageSize') ? {} : { pageSize: '100' })), THOROUGH],
  ['the default page size is 1000', pageBy((query) => (query.has('pageSize') ? {} : { pageSize: '1000' })), THOROUGH],
  [
    'a page has at most 100 secrets',
    pageBy((query) => (sizeOf(query) > 100 && sizeOf(query) <= 1000 ? { pageSize: '100' } : {})),
    THOROUGH,
  ],
];
export const WRONG_LISTS = serversOf(ROWS);
