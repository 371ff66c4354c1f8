/** Wrong responses: status, header, content type, field, type, and values that are not secret any more. */
import { type Tamper, unprocessed } from '../../support/tampered-cortex.js';
import {
  ASSUMED,
  bodyOf,
  crash,
  editError,
  editPage,
  editSecret,
  type Fields,
  type Fresh,
  fieldsOf,
  fresh,
  isList,
  jsonOf,
  type Row,
  replace,
  serversOf,
  tagOrIdOf,
} from './support.js';

const status = (code: number) => (response: Awaited<ReturnType<Tamper>>) => ({ ...response, status: code });
const typed =
  (type: string | undefined): ((response: Awaited<ReturnType<Tamper>>) => Awaited<ReturnType<Tamper>>) =>
  (response) => ({ ...response, headers: type === undefined ? {} : { ...response.headers, 'content-type': type } });
const without =
  (field: string) =>
  ({ [field]: _, ...rest }: Fields): Fields =>
    rest;

/** Remembers values by tag and by id, as a server that returns them. */
function remembering(use: (value: string | undefined, request: Parameters<Tamper>[0]) => Fields): Fresh {
  return fresh(() => {
    const values = new Map<unknown, string>();
    return async (request, respond) => {
      const response = await respond();
      const { secret } = fieldsOf(request);
      if (response.status === 200 && response.body !== '' && typeof secret === 'string')
        for (const key of [bodyOf(response).tag, bodyOf(response).id]) values.set(key, secret);
      const value = values.get(tagOrIdOf(request));
      const added = response.status === 200 ? use(value, request) : {};
      if (Object.keys(added).length === 0) return response;
      return { ...jsonOf(200, { ...bodyOf(response), ...added }) };
    };
  });
}

const ROWS: readonly Row[] = [
  ['creates with 201', replace('POST', 200, status(201))],
  ['deletes with 204', replace('DELETE', 200, status(204))],
  ['gets with 203', replace('GET', 200, status(203))],
  ['updates with 202', replace('PUT', 200, status(202))],
  ['updates with 204 and no body', replace('PUT', 200, () => ({ status: 204, headers: {}, body: '' }))],
  ['gets a missing secret with 400', replace('GET', 404, status(400))],
  ['updates a missing secret with 500', replace('PUT', 404, () => crash)],
  ['deletes a missing secret with 500', replace('DELETE', 404, () => crash)],
  ['deletes a missing secret with 410', replace('DELETE', 404, status(410))],
  [
    'lists out of bounds with 422',
    async (request, respond) => {
      const response = await respond();
      return isList(request) && response.status === 400 ? { ...response, status: 422 } : response;
    },
  ],
  ['rejects a create with 422', replace('POST', 400, status(422))],
  ['rejects an update with 422', replace('PUT', 400, status(422))],
  ['crashes if a tag is taken', replace('POST', 409, () => crash)],
  [
    'responds to a wrong key with 404',
    async (_, respond) => {
      const response = await respond();
      return response.status === 401 ? { ...response, status: 404 } : response;
    },
    ASSUMED,
  ],

  ['creates as text/plain', replace('POST', 200, typed('text/plain'))],
  ['updates as text/html', replace('PUT', 200, typed('text/html'))],
  ['lists and gets without a content type', replace('GET', 200, typed(undefined))],
  ['sends a 404 as text/html', replace('GET', 404, typed('text/html'))],
  ['sends a 400 to a create as text/plain', replace('POST', 400, typed('text/plain'))],
  [
    'sends a 400 without a body',
    async (_, respond) => {
      const response = await respond();
      return response.status === 400 ? { ...response, body: '' } : response;
    },
  ],
  [
    'sends a page of HTML for a missing secret',
    async (_, respond) => {
      const response = await respond();
      return response.status === 404
        ? { ...response, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' }
        : response;
    },
  ],
  [
    'sends a 401 without WWW-Authenticate',
    async (_, respond) => {
      const response = await respond();
      const { 'www-authenticate': _challenge, ...headers } = response.headers;
      return { ...response, headers };
    },
    ASSUMED,
  ],
  [
    'throttles each 40th request without Retry-After',
    fresh(() => {
      let requests = 0;
      return async (_, respond) =>
        ++requests % 40 === 0 ? jsonOf(429, { message: 'Too many requests', type: 'UNCATEGORIZED' }) : respond();
    }),
  ],

  ['creates without an id', editSecret('POST', without('id'))],
  ['creates without a tag', editSecret('POST', without('tag'))],
  ['creates with an empty id', editSecret('POST', (secret) => ({ ...secret, id: '' }))],
  ['gets without a tag', editSecret('GET', without('tag'))],
  ['gets without the name', editSecret('GET', without('name'))],
  ['gets the name as null', editSecret('GET', (secret) => ({ ...secret, name: null }))],
  ['gets an array of one', editSecret('GET', (secret) => [secret])],
  ['updates with the id as a number', editSecret('PUT', (secret) => ({ ...secret, id: 17 }))],
  ['wraps the response of an update', editSecret('PUT', (secret) => ({ data: secret }))],
  ['lists ids as numbers', editPage((page) => ({ ...page, secrets: page.secrets.map((one, id) => ({ ...one, id })) }))],
  ['lists without tags', editPage((page) => ({ ...page, secrets: page.secrets.map(without('tag')) }))],
  ['lists without names', editPage((page) => ({ ...page, secrets: page.secrets.map(without('name')) }))],
  ['lists with the total as text', editPage((page) => ({ ...page, total: `${page.total}` }))],
  ['lists without a total', editPage(without('total'))],
  ['lists without the page', editPage(without('page'))],
  ['lists without totalPages', editPage(without('totalPages'))],
  ['lists a bare array', editPage(({ secrets }) => secrets)],
  [
    'lists an empty page as null',
    editPage((page) => (page.secrets.length > 0 ? page : { ...page, secrets: null })),
    ASSUMED,
  ],
  ['sends a 404 without a message', editError(404, without('message'))],
  ['sends a 404 without a type', editError(404, without('type'))],
  ['sends a 400 without a type', editError(400, without('type'))],
  ['sends a 400 with an object as message', editError(400, (error) => ({ ...error, message: { text: 'wrong' } }))],
  ['sends httpStatus as text', editError(404, (error) => ({ ...error, httpStatus: '404' }))],
  ['sends another httpStatus than the status', editError(404, (error) => ({ ...error, httpStatus: 200 })), ASSUMED],
  ['sends the requestId as a number', editError(400, (error) => ({ ...error, requestId: 12 }))],
  ['sends a 401 without a type', editError(401, without('type')), ASSUMED],

  ['returns the value of a create', editSecret('POST', (secret, sent) => ({ ...secret, secret: sent.secret }))],
  ['returns the value of an update', editSecret('PUT', (secret, sent) => ({ ...secret, value: sent.secret }))],
  [
    'returns the value of a create in base64',
    editSecret('POST', (secret, sent) => ({ ...secret, hash: btoa(encodeURIComponent(String(sent.secret))) })),
  ],
  ['gets the value', remembering((value, { method }) => (method === 'GET' && value ? { secret: value } : {}))],
  [
    'lists the values',
    fresh(() => {
      const values = new Map<unknown, unknown>();
      return async (request, respond) => {
        const response = await respond();
        const { tag, secret } = fieldsOf(request);
        if (request.method === 'POST') values.set(tag, secret);
        if (!isList(request) || response.status !== 200) return response;
        const page = bodyOf(response) as { secrets: Fields[] };
        return jsonOf(200, { ...page, secrets: page.secrets.map((one) => ({ ...one, secret: values.get(one.tag) })) });
      };
    }),
  ],
  [
    'deletes with the value in the body',
    remembering((value, { method }) => (method === 'DELETE' && value ? { deleted: value } : {})),
  ],
  [
    'echoes the value if the tag is taken',
    editError(409, (error, sent) => ({ ...error, details: JSON.stringify(sent) })),
  ],
  ['echoes the value in a 400', editError(400, (error, sent) => ({ ...error, details: JSON.stringify(sent) }))],
  [
    'echoes the value if the secret is missing',
    editError(404, (error, sent) => ({ ...error, message: `No secret for ${sent.secret}` })),
  ],
  [
    'echoes a body that is not JSON',
    async (request, respond) => {
      const response = await respond();
      const isBroken = response.status === 400 && request.body !== '' && Object.keys(fieldsOf(request)).length === 0;
      return isBroken ? jsonOf(400, { message: `Not JSON: ${request.body}`, type: 'BAD_REQUEST' }) : response;
    },
  ],
  ['echoes the value in a 401', editError(401, (error, sent) => ({ ...error, details: `${sent.secret}` }))],
  [
    'echoes the value in a header',
    async (request, respond) => {
      const response = await respond();
      const { secret } = fieldsOf(request);
      return typeof secret === 'string' && /^[!-~]+$/.test(secret)
        ? { ...response, headers: { ...response.headers, 'x-debug': secret } }
        : response;
    },
  ],
  [
    'echoes the API key in a 404',
    async (request, respond) => {
      const response = await respond();
      return response.status === 404
        ? jsonOf(404, { ...bodyOf(response), details: request.header('authorization') })
        : response;
    },
  ],
  ['deletes without deleting', unprocessed('DELETE', { status: 200, headers: {}, body: '' })],
  [
    'deletes with an HTML page',
    replace('DELETE', 200, (response) => ({
      ...response,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Log in</h1>',
    })),
    ASSUMED,
  ],
];
export const WRONG_RESPONSES = serversOf(ROWS);
