/** The methods: their requests, and what they make of the responses. */
import type { WriteOptions } from 'cortex-secrets';
import { describe, expect, test } from 'vitest';
import { json, rejectionOf, secret, testClient, VALUE } from './support/helpers.js';

const base = 'https://cortex.test/api/v1/secrets';

describe('requests', () => {
  test('list sends page and pageSize, with defaults if not given', async () => {
    const page = { page: 0, secrets: [secret(1)], total: 1, totalPages: 1 };
    const secrets = testClient([json(200, page)]);
    expect(await secrets.list()).toEqual(page);
    await secrets.list({ page: 3, pageSize: 1000 });
    expect(secrets.sent.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', `${base}?page=0&pageSize=250`, undefined],
      ['GET', `${base}?page=3&pageSize=1000`, undefined],
    ]);
    expect(secrets.sent[0]?.headers).not.toHaveProperty('content-type');
    expect(secrets.sent[0]?.headers.accept).toBe('application/json');
  });

  test('get, create, update and delete send their method, path and body', async () => {
    const secrets = testClient([json(200, secret(1))]);
    expect(await secrets.get('my-secret')).toMatchObject({ id: 'se-1' });
    expect(await secrets.create({ tag: 't', name: 'n', secret: VALUE })).toMatchObject({ id: 'se-1' });
    expect(await secrets.update('t', { secret: VALUE })).toMatchObject({ id: 'se-1' });
    expect(await secrets.delete('t')).toBeUndefined();
    expect(secrets.sent.map(({ method, url, body }) => [method, url, body && JSON.parse(body)])).toEqual([
      ['GET', `${base}/my-secret`, undefined],
      ['POST', base, { tag: 't', name: 'n', secret: VALUE }],
      ['PUT', `${base}/t`, { secret: VALUE }],
      ['DELETE', `${base}/t`, undefined],
    ]);
    expect(secrets.sent[1]?.headers['content-type']).toBe('application/json');
  });

  test('fetch gets a string and a plain init: no Request is built for each attempt', async () => {
    const secrets = testClient([json(200, secret(1))]);
    await secrets.get('a');
    const { url, method, headers, redirect, signal, ...rest } = secrets.sent[0] ?? {};
    expect([typeof url, method, redirect, Object.getPrototypeOf(headers)]).toEqual([
      'string',
      'GET',
      'manual',
      Object.prototype,
    ]);
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(rest).toEqual({ cache: 'no-store' });
  });

  test.each([
    ['a b', 'a%20b'],
    ['a/b', 'a%2Fb'],
    ['../x', '..%2Fx'],
    ['%2e%2e', '%252e%252e'],
    ['?a#b', '%3Fa%23b'],
    ['ключ', '%D0%BA%D0%BB%D1%8E%D1%87'],
    ['...', '...'],
    ['{tagOrId}', '%7BtagOrId%7D'],
    ['$&', '%24%26'],
  ])('the tag %j is sent as one path segment', async (tag, segment) => {
    const secrets = testClient([json(200, secret(1))]);
    await secrets.delete(tag);
    expect(secrets.sent[0]?.url).toBe(`${base}/${segment}`);
  });
});

describe('invalid arguments are rejected before anything is sent', () => {
  test.each([[''], ['.'], ['..'], ['\ud800'], [undefined], [null], [5], [['a']], [{}]])('the tag %j', async (tag) => {
    const secrets = testClient([json(200, secret(1))]);
    for (const call of [
      () => secrets.get(tag as string),
      () => secrets.update(tag as string, { name: 'n' }),
      () => secrets.delete(tag as string),
      () => secrets.api.DELETE('/api/v1/secrets/{tagOrId}', { params: { path: { tagOrId: tag as string } } }),
    ]) {
      expect(await rejectionOf(call())).toBeInstanceOf(TypeError);
    }
    expect(await rejectionOf(secrets.api.GET('/api/v1/secrets/{tagOrId}', {} as never))).toBeInstanceOf(TypeError);
    expect(secrets.sent).toEqual([]);
  });

  test.each(['secret', 'name', 'tag'])('half of a surrogate pair in %s', async (name) => {
    const secrets = testClient([json(200, secret(1))]);
    const error = await rejectionOf(secrets.create({ tag: 't', name: 'n', secret: VALUE, [name]: `${VALUE}\ud800` }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(`secrets.create: ${name} must be well-formed Unicode`);
    expect(secrets.sent).toEqual([]);
  });

  test.each([
    ['create without an object', 'create', [undefined], /^secrets.create: expected an object with tag, name, secret/],
    ['create without a tag', 'create', [{ name: 'n', secret: VALUE }], /^secrets.create: tag must be a string/],
    ['create without a name', 'create', [{ tag: 't', secret: VALUE }], /^secrets.create: name must be a string/],
    ['create without a value', 'create', [{ tag: 't', name: 'n' }], /^secrets.create: secret must be a string/],
    ['a value that is a number', 'create', [{ tag: 't', name: 'n', secret: 12345678 }], /^secrets.create: secret must/],
    [
      'a value that is an object',
      'create',
      [{ tag: 't', name: 'n', secret: { a: VALUE } }],
      /^secrets.create: secret must/,
    ],
    [
      'an unknown field',
      'create',
      [{ tag: 't', name: 'n', secret: VALUE, x: 1 }],
      /unknown field; expected tag, name, secret$/,
    ],
    ['an update of nothing', 'update', ['t', {}], /^secrets.update: expected name or secret, or both/],
    ['an update of undefined', 'update', ['t', { name: undefined }], /^secrets.update: expected name or secret/],
    ['an update of the tag', 'update', ['t', { tag: 'x', name: 'n' }], /unknown field; expected one of name, secret$/],
    ['a name that is null', 'update', ['t', { name: null }], /^secrets.update: name must be a string/],
    ['a page size of 0', 'list', [{ pageSize: 0 }], /pageSize must be an integer from 1 to 1000/],
    ['a page size of 1001', 'list', [{ pageSize: 1001 }], /pageSize must be/],
    ['a page before the first', 'list', [{ page: -1 }], /page must be an integer from 0/],
    ['a page that is not an integer', 'list', [{ page: 0.5 }], /page must be/],
    ['a page that is a string', 'list', [{ page: '1' }], /page must be/],
    ['a misspelt query', 'list', [{ pagesize: 5 }], /unknown option "pagesize"; expected one of page, pageSize/],
  ])('%s', async (_, method, args, message) => {
    const secrets = testClient([json(200, secret(1))]);
    const call = secrets[method as 'create'] as (...args: unknown[]) => Promise<unknown>;
    const error = await rejectionOf(call(...args));
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/hunter2|12345678/);
    expect([TypeError, RangeError].some((kind) => error instanceof kind)).toBe(true);
    expect(secrets.sent).toEqual([]);
  });
});

describe('an empty value', () => {
  const sends = {
    create: (s: ReturnType<typeof testClient>, value: string, options?: WriteOptions) =>
      s.create({ tag: 'tag-1', name: 'n', secret: value }, options),
    update: (s: ReturnType<typeof testClient>, value: string, options?: WriteOptions) =>
      s.update('tag-1', { secret: value }, options),
    set: (s: ReturnType<typeof testClient>, value: string, options?: WriteOptions) =>
      s.set('tag-1', { name: 'n', secret: value }, options),
  };

  test.each(Object.entries(sends))('is a TypeError in %s, and nothing is sent', async (name, send) => {
    for (const options of [undefined, {}, { allowEmptyValue: false }, { allowEmptyValue: undefined }]) {
      const secrets = testClient([json(200, secret(1))]);
      const error = await rejectionOf(send(secrets, '', options));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(
        `secrets.${name}: secret is empty, and nothing was sent; to store it, pass { allowEmptyValue: true } as the last argument`,
      );
      expect(secrets.sent).toEqual([]);
    }
  });

  test.each(Object.entries(sends))('is sent by %s with allowEmptyValue: true', async (_, send) => {
    const secrets = testClient([json(200, secret(1))]);
    await send(secrets, '', { allowEmptyValue: true });
    expect(secrets.sent.map(({ body }) => JSON.parse(body ?? '').secret)).toEqual(['']);
    await send(secrets, VALUE, { allowEmptyValue: true });
    expect(secrets.sent).toHaveLength(2);
  });

  test.each(Object.entries(sends))('of white space only is sent by %s', async (_, send) => {
    const secrets = testClient([json(200, secret(1))]);
    for (const value of [' ', '\n', '\t \n']) await send(secrets, value);
    expect(secrets.sent.map(({ body }) => JSON.parse(body ?? '').secret)).toEqual([' ', '\n', '\t \n']);
  });

  test('an empty name is sent, and secrets.api sends what it is given', async () => {
    const secrets = testClient([json(200, secret(1))]);
    await secrets.update('tag-1', { name: '' });
    await secrets.api.PUT('/api/v1/secrets/{tagOrId}', {
      params: { path: { tagOrId: 'tag-1' } },
      body: { secret: '' },
    });
    expect(secrets.sent.map(({ body }) => body)).toEqual(['{"name":""}', '{"secret":""}']);
  });

  test('allowEmptyValue is refused if it is no boolean, and by methods that send no value', async () => {
    const secrets = testClient([json(200, secret(1))]);
    const given = { allowEmptyValue: 'yes' } as never;
    expect((await rejectionOf(sends.set(secrets, VALUE, given))).message).toBe(
      'allowEmptyValue: must be true or false',
    );
    expect((await rejectionOf(secrets.get('a', { allowEmptyValue: true } as never))).message).toBe(
      'options: unknown option "allowEmptyValue"; expected one of signal, timeoutMs, deadlineMs, retry',
    );
    expect((await rejectionOf(sends.set(secrets, VALUE, { allowEmpty: true } as never))).message).toContain(
      'expected one of signal, timeoutMs, deadlineMs, retry, allowEmptyValue',
    );
    expect(secrets.sent).toEqual([]);
  });
});

describe('responses', () => {
  test('unknown fields are dropped', async () => {
    const extra = { ...secret(1), secret: VALUE, createdAt: 'now' };
    const secrets = testClient([json(200, extra)]);
    expect(await secrets.get('a')).toEqual({ ...secret(1), tag: 'a' });
    expect(await secrets.create({ tag: 't', name: 'n', secret: VALUE })).toEqual({ ...secret(1), tag: 't' });
    expect(await secrets.update('a', { name: 'n' })).toEqual({ ...secret(1), tag: 'a' });
    const pages = testClient([json(200, { page: 0, secrets: [extra], total: 1, totalPages: 1, next: 'x' })]);
    expect(await pages.list()).toEqual({ page: 0, secrets: [secret(1)], total: 1, totalPages: 1 });
    expect(await pages.listAll().next()).toEqual({ done: false, value: secret(1) });
  });

  test.each([[{ id: 'i', tag: 't' }], [{ id: 'i', tag: 't', name: null }]])(
    'a secret without a name is accepted: %j',
    async (body) => {
      expect(await testClient([json(200, body)]).get('i')).toStrictEqual({ id: 'i', tag: 't' });
    },
  );

  test('a tag of any characters is accepted', async () => {
    const odd = { id: 'i', tag: 'tag with spaces, ünïcode and null', name: 'n' };
    expect(await testClient([json(200, odd)]).get('i')).toEqual(odd);
  });

  test.each([[201], [203], [299]])('any 2xx is a success: %i', async (status) => {
    expect(await testClient([json(status, secret(1))]).get('a')).toMatchObject({ id: 'se-1' });
  });

  test.each([
    ['no body', new Response(null, { status: 200 })],
    ['204', new Response(null, { status: 204 })],
    ['an empty object', json(200, {})],
    ['the secret', json(200, secret(1))],
    ['white space', new Response(' \n')],
    ['the text of the vendor’s reference', new Response('No content')],
  ])('delete accepts %s', async (_, response) => {
    expect(await testClient([response]).delete('a')).toBeUndefined();
  });

  test('delete rejects HTML: a proxy has responded', async () => {
    const error = await rejectionOf(testClient([new Response(`<p>Log in ${VALUE}</p>`)]).delete('a'));
    expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown', pointer: '' });
    expect(error.message).toBe('secrets.delete("a"): 200, but the response is not JSON');
  });

  const wrong: [string, 'get' | 'list', unknown, string, string][] = [
    ['no body', 'get', '', '', 'has no body'],
    ['HTML', 'get', `<p>${VALUE}</p>`, '', 'is not JSON'],
    ['a string', 'get', '"x"', '', 'must be of type object'],
    ['null', 'get', 'null', '', 'must be of type object'],
    ['an array', 'get', '[]', '', 'must be of type object'],
    ['no id', 'get', '{"tag":"a"}', '/id', 'is missing'],
    ['an id of null', 'get', '{"id":null,"tag":"A"}', '/id', 'must be of type string'],
    ['an id that is a number', 'get', '{"id":1,"tag":"a"}', '/id', 'must be of type string'],
    ['a name that is an array', 'get', '{"id":"a","tag":"t","name":[]}', '/name', 'must be of type string'],
    ['no total', 'list', '{"page":0,"secrets":[],"totalPages":0}', '/total', 'is missing'],
    [
      'a page that is not an integer',
      'list',
      '{"page":0.5,"secrets":[],"total":0,"totalPages":0}',
      '/page',
      'must be of type integer',
    ],
    [
      'a secret that is null',
      'list',
      '{"page":0,"secrets":[null],"total":0,"totalPages":0}',
      '/secrets/0',
      'must be of type object',
    ],
    [
      'an invalid secret on a page',
      'list',
      '{"page":0,"secrets":[{"id":"1","tag":"t"},{"id":"2"}],"total":2,"totalPages":1}',
      '/secrets/1/tag',
      'is missing',
    ],
  ];
  test.each(wrong)(
    'a response that breaks the contract is a ContractError with a pointer: %s',
    async (_, method, body, pointer, words) => {
      const secrets = testClient([new Response(body as string)]);
      const error = await rejectionOf(method === 'get' ? secrets.get('a') : secrets.list());
      const outcome = method === 'get' && pointer === '' ? 'unknown' : 'processed';
      expect(error).toMatchObject({ name: 'ContractError', status: 200, pointer, outcome, attempts: 1 });
      const subject = pointer === '' ? 'the response' : `${pointer} of the response`;
      expect(error.message).toBe(`secrets.${method === 'get' ? 'get("a")' : 'list'}: 200, but ${subject} ${words}`);
      expect(error.message).not.toContain('hunter2');
      expect(error.cause).toBeUndefined();
    },
  );

  const writes: [string, (secrets: ReturnType<typeof testClient>) => Promise<unknown>][] = [
    ['get', (secrets) => secrets.get('a')],
    ['create', (secrets) => secrets.create({ tag: 'a', name: 'n', secret: VALUE })],
    ['update', (secrets) => secrets.update('a', { name: 'n' })],
    ['set', (secrets) => secrets.set('a', { name: 'n', secret: VALUE })],
    ['delete', (secrets) => secrets.delete('a')],
  ];
  const others: [string, unknown, string][] = [
    ['a maintenance page', { status: 'maintenance' }, 'foreign'],
    ['a proxy’s ok', { ok: true }, 'foreign'],
    ['null', null, 'foreign'],
    ['a text', 'ok', 'foreign'],
    ['an empty list', [], 'foreign'],
    ['another secret', { id: 'se-2', tag: 'b', name: 'n' }, 'contract'],
    ['a secret whose tag begins alike', { id: 'se-2', tag: 'ab' }, 'contract'],
  ];
  test.each(writes.flatMap(([method, call]) => others.map((other) => [method, ...other, call] as const)))(
    '%s: a 200 with %s is no proof that Cortex processed it',
    async (method, _, body, kind, call) => {
      const error = await rejectionOf(call(testClient([json(200, body)])));
      const isOtherDelete = method === 'delete' && kind === 'contract';
      expect(error).toMatchObject({
        name: 'ContractError',
        outcome: 'unknown',
        kind: isOtherDelete ? 'foreign' : kind,
      });
      if (method === 'delete')
        expect(error).toMatchObject({
          pointer: '',
          message: 'secrets.delete("a"): 200, but the response is not that of a delete',
        });
      else if (kind === 'contract')
        expect(error).toMatchObject({
          pointer: '/tag',
          message: expect.stringContaining('/tag of the response and its id are those of another secret'),
        });
    },
  );

  test.each([
    ['the tag in other letters', { id: 'se-1', tag: 'A', name: 'n' }],
    ['the id', { id: 'a', tag: 'other' }],
  ])('the secret that was asked for may have %s', async (_, body) => {
    expect(await testClient([json(200, body)]).get('a')).toEqual(body);
  });
});
