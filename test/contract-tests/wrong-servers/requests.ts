/** Requests that must be rejected and are taken, or crash the server; keys that are not checked. */
import type { Tamper } from '../../support/tampered-cortex.js';
import {
  ASSUMED,
  COLLECTION,
  crash,
  type Fields,
  fieldsOf,
  isList,
  jsonOf,
  queryOf,
  type Row,
  serversOf,
  tagOrIdOf,
  withFields,
  withKey,
  withQuery,
} from './support.js';

const KEY = 'Bearer fake-api-key';

/** Completes or converts a field of the requests of a method if it `isWrong`. */
const takes =
  (method: string, field: string, isWrong: (value: unknown) => boolean, by: (value: unknown) => unknown): Tamper =>
  (request, respond) => {
    if (request.method !== method || Object.keys(fieldsOf(request)).length === 0) return respond();
    const value = fieldsOf(request)[field];
    return respond(isWrong(value) ? withFields(request, { [field]: by(value) }) : request);
  };
const isMissing = (value: unknown) => value === undefined;
const isNull = (value: unknown) => value === null;
const is = (type: string) => (value: unknown) => typeof value === type;
const isArray = (value: unknown) => Array.isArray(value);
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
let made = 0;
const generated = () => `generated-${made++}`;

const crashes =
  (method: string, on: (body: string) => boolean): Tamper =>
  async (request, respond) =>
    request.method === method && on(String(request.body)) ? crash : respond();
const isBroken = (body: string) => {
  try {
    JSON.parse(body);
    return false;
  } catch {
    return body !== '';
  }
};
const begins = (char: string) => (body: string) => !isBroken(body) && body.startsWith(char);

const drops =
  (method: string, known: readonly string[]): Tamper =>
  (request, respond) => {
    const fields = fieldsOf(request);
    if (request.method !== method || Object.keys(fields).length === 0) return respond();
    const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => known.includes(name)));
    return respond({ ...request, body: JSON.stringify(kept) });
  };

const takesQuery =
  (name: string, isWrong: (text: string) => boolean, by: string): Tamper =>
  (request, respond) => {
    const text = queryOf(request).get(name);
    return respond(isList(request) && text !== null && isWrong(text) ? withQuery(request, { [name]: by }) : request);
  };

/** Takes requests without the right key if they are `open`. */
const opens =
  (open: (request: Parameters<Tamper>[0]) => boolean): Tamper =>
  (request, respond) =>
    respond(open(request) ? withKey(request, KEY) : request);
const given = (request: Parameters<Tamper>[0]) => request.header('authorization') ?? '';

const ROWS: readonly Row[] = [
  ['takes a create without a name', takes('POST', 'name', isMissing, () => 'untitled')],
  ['takes a create without a value', takes('POST', 'secret', isMissing, () => 'none')],
  ['takes a create without a tag', takes('POST', 'tag', isMissing, generated)],
  ['takes a create with name null', takes('POST', 'name', isNull, () => 'null')],
  ['takes a create with value null', takes('POST', 'secret', isNull, () => 'null')],
  ['takes a value that is a number', takes('POST', 'secret', is('number'), String)],
  ['takes a name that is a number', takes('POST', 'name', is('number'), String)],
  ['takes a tag that is a number', takes('POST', 'tag', is('number'), () => generated())],
  ['takes a value that is a boolean', takes('POST', 'secret', is('boolean'), String)],
  ['takes a value that is an array', takes('POST', 'secret', isArray, () => 'array')],
  ['takes a name that is an object', takes('POST', 'name', isObject, () => '[object Object]')],
  [
    'takes an empty value',
    takes(
      'POST',
      'secret',
      (value) => value === '',
      () => 'empty',
    ),
    ASSUMED,
  ],
  ['takes an empty tag', takes('POST', 'tag', (value) => value === '', generated), ASSUMED],
  [
    'takes a tag with a space',
    takes('POST', 'tag', (value) => typeof value === 'string' && / /.test(value), generated),
    ASSUMED,
  ],
  ['takes unknown fields in a create', drops('POST', ['name', 'secret', 'tag']), ASSUMED],
  ['crashes on a create without a body', crashes('POST', (body) => body === '')],
  ['crashes on a create that is not JSON', crashes('POST', isBroken)],
  ['crashes on a create that is an array', crashes('POST', begins('['))],
  ['crashes on a create that is a string', crashes('POST', begins('"'))],
  ['crashes on a create that is null', crashes('POST', begins('null'))],
  [
    'crashes on a name that is an object',
    async (request, respond) => (isObject(fieldsOf(request).name) ? crash : respond()),
  ],

  [
    'takes an update of nothing',
    async (request, respond) => {
      if (request.method !== 'PUT' || request.body !== '{}') return respond();
      return respond({ ...request, method: 'GET', body: '' });
    },
    ASSUMED,
  ],
  [
    'takes an update without a body',
    (request, respond) =>
      respond(request.method === 'PUT' && request.body === '' ? { ...request, method: 'GET' } : request),
  ],
  [
    'takes an update that is not JSON',
    (request, respond) =>
      respond(
        request.method === 'PUT' && isBroken(String(request.body)) ? { ...request, method: 'GET', body: '' } : request,
      ),
  ],
  ['crashes on an update that is not JSON', crashes('PUT', isBroken)],
  ['crashes on an update that is an array', crashes('PUT', begins('['))],
  ['takes an update with a name that is a number', takes('PUT', 'name', is('number'), String)],
  ['takes an update with a value that is an object', takes('PUT', 'secret', isObject, () => '[object Object]')],
  ['takes an update with value null', takes('PUT', 'secret', isNull, () => 'null')],
  ['takes an update with name null', takes('PUT', 'name', isNull, () => 'null')],
  [
    'takes an empty value in an update',
    takes(
      'PUT',
      'secret',
      (value) => value === '',
      () => 'empty',
    ),
    ASSUMED,
  ],
  ['takes unknown fields in an update', drops('PUT', ['name', 'secret']), ASSUMED],

  ['takes pageSize=abc', takesQuery('pageSize', (text) => /[a-z]/.test(text), '250')],
  ['takes pageSize=0', takesQuery('pageSize', (text) => text === '0', '250')],
  ['takes a negative pageSize', takesQuery('pageSize', (text) => Number(text) < 0, '250')],
  ['takes a pageSize over 1000', takesQuery('pageSize', (text) => Number(text) > 1000, '1000')],
  ['takes page=-1', takesQuery('page', (text) => Number(text) < 0, '0')],
  ['takes page=abc', takesQuery('page', (text) => /[a-z]/.test(text), '0')],
  ['takes page=1.5', takesQuery('page', (text) => text.includes('.'), '1')],
  [
    'crashes on pageSize=0',
    async (request, respond) => (isList(request) && queryOf(request).get('pageSize') === '0' ? crash : respond()),
  ],

  ['reads need no key', opens(({ method, header }) => method === 'GET' && !header('authorization'))],
  ['lists need no key', opens((request) => isList(request) && !given(request))],
  ['writes need no key', opens(({ method, header }) => method !== 'GET' && !header('authorization'))],
  ['deletes need no key', opens(({ method, header }) => method === 'DELETE' && !header('authorization'))],
  ['any key is taken', opens((request) => given(request).startsWith('Bearer '))],
  ['any key is taken for an update', opens((request) => request.method === 'PUT' && given(request) !== '')],
  ['a key with another ending is taken', opens((request) => given(request).startsWith(KEY.slice(0, -1)))],
  ['a key is taken in the scheme Basic', opens((request) => given(request) === KEY.replace('Bearer', 'Basic'))],
  ['a key is taken without a scheme', opens((request) => given(request) === KEY.slice(7))],
  ['crashes without a key', async (request, respond) => (given(request) === '' ? crash : respond())],
  [
    'creates, and responds to a missing key with 401',
    async (request, respond) => {
      const response = await respond();
      if (request.method === 'POST' && response.status === 401) await respond(withKey(request, KEY));
      return response;
    },
  ],
  [
    'updates, and responds to a wrong key with 401',
    async (request, respond) => {
      const response = await respond();
      if (request.method === 'PUT' && response.status === 401) await respond(withKey(request, KEY));
      return response;
    },
  ],
  [
    'creates, and responds to an unknown field with 400',
    async (request, respond) => {
      const response = await respond();
      if (request.method !== 'POST' || response.status !== 400) return response;
      const { tag, name, secret }: Fields = fieldsOf(request);
      await respond({ ...request, body: JSON.stringify({ tag, name, secret }) });
      return response;
    },
    ASSUMED,
  ],
  [
    'updates the name, and responds to a wrong value with 400',
    async (request, respond) => {
      const response = await respond();
      if (request.method !== 'PUT' || response.status !== 400) return response;
      await respond({ ...request, body: JSON.stringify({ name: fieldsOf(request).name }) });
      return response;
    },
  ],
  [
    'a path after the tag is ignored',
    (request, respond) =>
      respond(
        tagOrIdOf(request).includes('/')
          ? { ...request, target: `${COLLECTION}/${tagOrIdOf(request).split('/')[0]}` }
          : request,
      ),
  ],
  [
    'knows no percent-encoding in a path',
    (request, respond) =>
      /%/.test(request.target) && !isList(request)
        ? Promise.resolve(jsonOf(404, { message: 'x', type: 'NOT_FOUND' }))
        : respond(),
  ],
];
export const WRONG_REQUESTS = serversOf(ROWS);
