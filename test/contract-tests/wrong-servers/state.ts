/** Secrets that are stored, found, updated, listed or deleted in a wrong way. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Tamper } from '../../support/tampered-cortex.js';
import {
  ASSUMED,
  at,
  bodyOf,
  COLLECTION,
  crash,
  editNames,
  editPage,
  editRequest,
  editSecret,
  type Fields,
  type Fresh,
  fieldsOf,
  fresh,
  isId,
  isList,
  jsonOf,
  notFound,
  type Row,
  serversOf,
  THOROUGH,
  tagOrIdOf,
  withFields,
} from './support.js';

type Request = Parameters<Tamper>[0];
type Respond = Parameters<Tamper>[1];

/** Ids are unknown to the operations of `method`. */
const forgetsIds =
  (method: string): Tamper =>
  async (request, respond) =>
    request.method === method && isId(tagOrIdOf(request)) ? notFound : respond();

const all = async (request: Request, respond: Respond): Promise<Fields[]> =>
  bodyOf(await respond({ ...request, method: 'GET', target: `${COLLECTION}?pageSize=1000`, body: '' }))
    .secrets as Fields[];

/** Serves a second time what it has served before. */
const cached = (isCached: (request: Request) => boolean): Fresh =>
  fresh(() => {
    const cache = new Map<string, Awaited<ReturnType<Tamper>>>();
    return async (request, respond) => {
      if (request.method !== 'GET' || !isCached(request)) return respond();
      const response = cache.get(request.target) ?? (await respond());
      if (response.status === 200) cache.set(request.target, response);
      return response;
    };
  });

const conflict = jsonOf(409, { message: 'A secret with this tag already exists', type: 'CONFLICT' });

const ROWS: readonly Row[] = [
  ['names are trimmed', editNames((name) => name.trim())],
  ['names are cut at 100 characters', editNames((name) => name.slice(0, 100))],
  ['names are cut at 255 characters', editNames((name) => name.slice(0, 255))],
  ['names are HTML-escaped', editNames((name) => name.replaceAll('&', '&amp;').replaceAll('<', '&lt;'))],
  ['names lose what is not ASCII', editNames((name) => name.replace(/[^ -~]/g, ''))],
  ['names lose what is not in the basic plane', editNames((name) => name.replace(/[\u{10000}-\u{10ffff}]/gu, '?'))],
  ['names lose line breaks', editNames((name) => name.replace(/\s+/g, ' '))],
  ['names are normalized', editNames((name) => name.normalize('NFC'))],
  ['names lose backslashes', editNames((name) => name.replaceAll('\\', ''))],
  ['names have their quotes doubled', editNames((name) => name.replaceAll("'", "''"))],
  ['names become lower case', editNames((name) => name.toLowerCase())],
  [
    'names are trimmed by updates only',
    async (request, respond) => {
      const { name } = fieldsOf(request);
      return respond(
        request.method === 'PUT' && typeof name === 'string' ? withFields(request, { name: name.trim() }) : request,
      );
    },
  ],
  [
    'names that are empty crash',
    async (request, respond) => (fieldsOf(request).name === '' ? crash : respond()),
    ASSUMED,
  ],
  [
    'tags become lower case',
    editRequest('POST', (sent) => ({ ...sent, tag: typeof sent.tag === 'string' ? sent.tag.toLowerCase() : sent.tag })),
  ],
  [
    'tags have underscores for dashes',
    editRequest('POST', (sent) => ({
      ...sent,
      tag: typeof sent.tag === 'string' ? sent.tag.replaceAll('-', '_') : sent.tag,
    })),
  ],
  [
    'tags are cut at 30 characters',
    editRequest('POST', (sent) => ({ ...sent, tag: typeof sent.tag === 'string' ? sent.tag.slice(0, 30) : sent.tag })),
  ],
  [
    'tags are found in any letter case',
    async (request, respond) => {
      const tag = tagOrIdOf(request).toLowerCase();
      const found =
        tag && (await all(request, respond).catch(() => []))?.find((one) => String(one.tag).toLowerCase() === tag);
      return respond(found ? { ...request, target: at(request, String(found.tag), '').target } : request);
    },
    ASSUMED,
  ],
  [
    'a value of 1 MB is too large',
    async (request, respond) =>
      String(request.body).length > 500_000 ? jsonOf(413, { message: 'Too large', type: 'BAD_REQUEST' }) : respond(),
  ],
  ['a value of 1 MB crashes', async (request, respond) => (String(request.body).length > 900_000 ? crash : respond())],
  [
    'a value with line breaks is rejected',
    async (request, respond) =>
      /\n/.test(String(fieldsOf(request).secret))
        ? jsonOf(400, { message: 'One line', type: 'BAD_REQUEST' })
        : respond(),
  ],

  ['gets know no ids', forgetsIds('GET')],
  ['updates know no ids', forgetsIds('PUT')],
  ['deletes know no ids', forgetsIds('DELETE')],
  [
    'gets know no tags',
    async (request, respond) =>
      request.method === 'GET' && !isList(request) && !isId(tagOrIdOf(request)) ? notFound : respond(),
  ],
  [
    'gets find a tag by its beginning',
    async (request, respond) => {
      const response = await respond();
      if (request.method !== 'GET' || response.status !== 404) return response;
      const found = (await all(request, respond)).find((one) => String(one.tag).startsWith(tagOrIdOf(request)));
      return found ? jsonOf(200, found) : response;
    },
  ],
  [
    'an update changes the id',
    fresh(() => {
      let updates = 0;
      return async (request, respond) => {
        const response = await respond();
        if (request.method !== 'PUT' || response.status !== 200) return response;
        return jsonOf(200, { ...bodyOf(response), id: `se${String(++updates).padStart(16, '0')}` });
      };
    }),
  ],
  ['the id of a get is not the one of the create', editSecret('GET', (secret) => ({ ...secret, id: `${secret.id}x` }))],
  [
    'the id in a list is not the one of the get',
    editPage((page) => ({ ...page, secrets: page.secrets.map((one) => ({ ...one, id: `${one.id}x` })) })),
  ],
  ['all ids are equal', editSecret('POST', (secret) => ({ ...secret, id: 'se0000000000000001' }))],
  ['a get responds with what it had before an update', cached((request) => !isList(request))],
  ['a get by id responds with what it had before', cached((request) => isId(tagOrIdOf(request)))],
  ['a list responds with what it had before', cached(isList)],
  [
    'a renamed secret keeps its old name in the list',
    fresh(() => {
      const names = new Map<unknown, unknown>();
      return async (request, respond) => {
        const response = await respond();
        if (request.method === 'POST' && response.status === 200)
          names.set(bodyOf(response).tag, bodyOf(response).name);
        if (!isList(request) || response.status !== 200) return response;
        const page = bodyOf(response) as { secrets: Fields[] };
        return jsonOf(200, {
          ...page,
          secrets: page.secrets.map((one) => ({ ...one, name: names.get(one.tag) ?? one.name })),
        });
      };
    }),
  ],
  [
    'a new secret is not in the list before an update',
    fresh(() => {
      const fresh = new Set<unknown>();
      return async (request, respond) => {
        const response = await respond();
        if (response.status === 200 && request.method === 'POST') fresh.add(bodyOf(response).id);
        if (response.status === 200 && request.method === 'PUT') fresh.delete(bodyOf(response).id);
        if (!isList(request) || response.status !== 200) return response;
        const page = bodyOf(response) as { secrets: Fields[] };
        return jsonOf(200, { ...page, secrets: page.secrets.filter(({ id }) => !fresh.has(id)) });
      };
    }),
  ],
  [
    'deleted secrets stay in the list',
    fresh(() => {
      const deleted: Fields[] = [];
      return async (request, respond) => {
        if (request.method === 'DELETE') {
          const secret = bodyOf(await respond({ ...request, method: 'GET', body: '' }));
          if (secret.id !== undefined) deleted.push(secret);
        }
        const response = await respond();
        if (!isList(request) || response.status !== 200) return response;
        const page = bodyOf(response) as { secrets: Fields[]; total: number };
        return jsonOf(200, { ...page, secrets: [...page.secrets, ...deleted], total: page.total + deleted.length });
      };
    }),
  ],

  [
    'an update of a missing secret creates it',
    async (request, respond) => {
      const response = await respond();
      if (request.method !== 'PUT' || response.status !== 404) return response;
      const fields = { name: 'created', secret: 'v', tag: tagOrIdOf(request), ...fieldsOf(request) };
      return respond({ ...request, method: 'POST', target: COLLECTION, body: JSON.stringify(fields) });
    },
  ],
  [
    'an update of the value clears the name',
    (request, respond) => {
      const { name, secret } = fieldsOf(request);
      return respond(
        request.method === 'PUT' && typeof secret === 'string' && name === undefined
          ? withFields(request, { name: '' })
          : request,
      );
    },
  ],
  [
    'an update of both fields changes the value only',
    (request, respond) => {
      const { name, secret } = fieldsOf(request);
      return respond(
        request.method === 'PUT' && typeof name === 'string' && typeof secret === 'string'
          ? { ...request, body: JSON.stringify({ secret }) }
          : request,
      );
    },
  ],
  [
    'an update of the name only is rejected',
    async (request, respond) => {
      const { name, secret } = fieldsOf(request);
      return request.method === 'PUT' && typeof name === 'string' && secret === undefined
        ? jsonOf(400, { message: 'secret must not be null', type: 'BAD_REQUEST' })
        : respond();
    },
  ],
  [
    'an update of the value only is rejected',
    async (request, respond) => {
      const { name, secret } = fieldsOf(request);
      return request.method === 'PUT' && typeof secret === 'string' && name === undefined
        ? jsonOf(400, { message: 'name must not be null', type: 'BAD_REQUEST' })
        : respond();
    },
  ],
  [
    'an update responds with the old name',
    async (request, respond) => {
      if (request.method !== 'PUT') return respond();
      const before = await respond({ ...request, method: 'GET', body: '' });
      const response = await respond();
      return response.status === 200 ? before : response;
    },
  ],
  [
    'an update by id responds, and changes nothing',
    async (request, respond) => {
      if (request.method !== 'PUT' || !isId(tagOrIdOf(request))) return respond();
      const before = bodyOf(await respond({ ...request, method: 'GET', body: '' }));
      return before.id === undefined
        ? respond()
        : jsonOf(200, { ...before, ...(fieldsOf(request).name !== undefined && { name: fieldsOf(request).name }) });
    },
  ],
  [
    'an update changes the tag if it is given',
    async (request, respond) => {
      const { tag, ...rest } = fieldsOf(request);
      if (request.method !== 'PUT' || tag === undefined) return respond();
      const response = await respond({ ...request, body: JSON.stringify({ name: 'n', ...rest }) });
      return response.status === 200 ? jsonOf(200, { ...bodyOf(response), tag }) : response;
    },
    ASSUMED,
  ],
  [
    'a second update is lost',
    fresh(() => {
      const updated = new Set<string>();
      return async (request, respond) => {
        if (request.method !== 'PUT') return respond();
        const tag = tagOrIdOf(request);
        if (updated.has(tag)) {
          const before = await respond({ ...request, method: 'GET', body: '' });
          return before.status === 200 && String(request.body).length > 2
            ? jsonOf(200, {
                ...bodyOf(before),
                ...(typeof fieldsOf(request).name === 'string' && { name: fieldsOf(request).name }),
              })
            : respond();
        }
        const response = await respond();
        if (response.status === 200) updated.add(tag);
        return response;
      };
    }),
  ],

  [
    'a create of a taken tag replaces the secret',
    async (request, respond) => {
      const response = await respond();
      if (request.method !== 'POST' || response.status !== 409) return response;
      await respond(at(request, String(fieldsOf(request).tag), 'DELETE'));
      return respond();
    },
  ],
  [
    'a create of a taken tag returns the secret',
    async (request, respond) => {
      const response = await respond();
      return request.method === 'POST' && response.status === 409
        ? respond(at(request, String(fieldsOf(request).tag), 'GET'))
        : response;
    },
  ],
  [
    'a create of a taken tag is rejected, and renames',
    async (request, respond) => {
      const response = await respond();
      const { tag, name } = fieldsOf(request);
      if (request.method === 'POST' && response.status === 409)
        await respond({ ...at(request, String(tag), 'PUT'), body: JSON.stringify({ name }) });
      return response;
    },
  ],
  [
    'a create of a taken tag is rejected, and deletes',
    async (request, respond) => {
      const response = await respond();
      if (request.method === 'POST' && response.status === 409)
        await respond(at(request, String(fieldsOf(request).tag), 'DELETE'));
      return response;
    },
  ],
  [
    'two creates at once both succeed',
    async (request, respond) => {
      if (request.method !== 'POST') return respond();
      const before = await respond(at(request, String(fieldsOf(request).tag), 'GET'));
      await turn();
      const response = await respond();
      return before.status === 404 && response.status === 409
        ? respond(at(request, String(fieldsOf(request).tag), 'GET'))
        : response;
    },
  ],
  [
    'two creates at once both fail',
    fresh(() => {
      let open = 0;
      return async (request, respond) => {
        if (request.method !== 'POST') return respond();
        open += 1;
        await turn();
        const isAlone = open === 1;
        const response = isAlone ? await respond() : conflict;
        await turn();
        open -= 1;
        return response;
      };
    }),
  ],
  [
    'tags that differ in letter case conflict',
    async (request, respond) => {
      if (request.method !== 'POST') return respond();
      const tag = String(fieldsOf(request).tag).toLowerCase();
      const isTaken = (await all(request, respond))?.some((one) => String(one.tag).toLowerCase() === tag);
      return isTaken ? conflict : respond();
    },
    ASSUMED,
  ],
  [
    'a tag that begins like another one conflicts',
    async (request, respond) => {
      const tag = String(fieldsOf(request).tag);
      if (request.method !== 'POST') return respond();
      const isTaken = (await all(request, respond))?.some((one) => tag.startsWith(String(one.tag)));
      return isTaken ? conflict : respond();
    },
  ],

  [
    'a delete takes all tags that begin with it',
    async (request, respond) => {
      if (request.method === 'DELETE') {
        const tag = tagOrIdOf(request);
        for (const one of (await all(request, respond)) ?? [])
          if (one.tag !== tag && String(one.tag).startsWith(tag)) await respond(at(request, String(one.tag), 'DELETE'));
      }
      return respond();
    },
  ],
  [
    'a delete by id deletes nothing',
    async (request, respond) => {
      if (request.method !== 'DELETE' || !isId(tagOrIdOf(request))) return respond();
      const before = await respond({ ...request, method: 'GET' });
      return before.status === 200 ? { status: 200, headers: {}, body: '' } : before;
    },
  ],
  [
    'a second delete succeeds',
    async (request, respond) => {
      const response = await respond();
      return request.method === 'DELETE' && response.status === 404 ? { status: 200, headers: {}, body: '' } : response;
    },
  ],
  [
    'a deleted secret is found by its id',
    fresh(() => {
      const deleted = new Map<string, Fields>();
      return async (request, respond) => {
        if (request.method === 'DELETE') {
          const secret = bodyOf(await respond({ ...request, method: 'GET', body: '' }));
          if (secret.id !== undefined) deleted.set(String(secret.id), secret);
        }
        const response = await respond();
        const found = deleted.get(tagOrIdOf(request));
        return request.method === 'GET' && response.status === 404 && found ? jsonOf(200, found) : response;
      };
    }),
  ],
  [
    'a tag can be used once only',
    fresh(() => {
      const used = new Set<unknown>();
      return async (request, respond) => {
        const { tag } = fieldsOf(request);
        if (request.method === 'POST' && used.has(tag)) return conflict;
        const response = await respond();
        if (request.method === 'POST' && response.status === 200) used.add(tag);
        return response;
      };
    }),
  ],
  [
    'a secret that is created again has its old id',
    fresh(() => {
      const ids = new Map<unknown, unknown>();
      return async (request, respond) => {
        const response = await respond();
        if (request.method !== 'POST' || response.status !== 200) return response;
        const { tag, id } = bodyOf(response);
        if (!ids.has(tag)) ids.set(tag, id);
        return jsonOf(200, { ...bodyOf(response), id: ids.get(tag) });
      };
    }),
  ],
  [
    'a name cannot be given back after two other ones',
    fresh(() => {
      const names = new Map<string, string[]>();
      return async (request, respond) => {
        const { name } = fieldsOf(request);
        if (request.method !== 'PUT' || typeof name !== 'string') return respond();
        const before = names.get(tagOrIdOf(request)) ?? [];
        if (before.includes(name) && before.at(-1) !== name && before.length > 2) return conflict;
        names.set(tagOrIdOf(request), [...before, name]);
        return respond();
      };
    }),
    THOROUGH,
  ],
];
export const WRONG_STATE = serversOf(ROWS);
