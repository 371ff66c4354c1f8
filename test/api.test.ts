/** `secrets.api`: raw responses, through the same pipeline as the methods. */
import { describe, expect, test } from 'vitest';
import { json, KEY, networkError, rejectionOf, secret, testClient } from './support/helpers.js';

const one = '/api/v1/secrets/{tagOrId}';
const params = { path: { tagOrId: 'a b' } };
const immediately = { retry: { baseDelayMs: 0 } };

describe('responses', () => {
  test('data is the body, unknown fields included', async () => {
    const body = { id: 'se-1', tag: 'a b', name: null, extra: true };
    const { data, error, response } = await testClient([json(200, body, { 'x-request-id': 'r' })]).api.GET(one, {
      params,
    });
    expect(data).toEqual(body);
    expect(error).toBeUndefined();
    expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'r']);
  });

  test('error is the body of an error response', async () => {
    const body = { message: 'm', type: 'T', httpStatus: 404 };
    const { data, error, response } = await testClient([json(404, body)]).api.GET(one, { params });
    expect([data, error, response.ok]).toEqual([undefined, body, false]);
  });

  test.each<[what: string, response: () => Response, error: object]>([
    ['an empty 500', () => new Response('', { status: 500 }), { message: 'HTTP 500', httpStatus: 500 }],
    [
      'a 500 of length 0',
      () => new Response(null, { status: 500, headers: { 'content-length': '0' } }),
      { message: 'HTTP 500', httpStatus: 500 },
    ],
    [
      'an HTML 404',
      () => new Response('<title>404 Not Found</title>', { status: 404 }),
      { message: 'Not Found', httpStatus: 404, details: '<title>404 Not Found</title>' },
    ],
    ['a JSON string', () => json(400, 'no'), { message: 'HTTP 400', httpStatus: 400, details: 'no' }],
    ['a problem', () => json(500, { type: 'about:blank', title: 'Oops' }), { message: 'Oops', httpStatus: 500 }],
  ])('error is an object of its type for %s', async (_, response, expected) => {
    const secrets = testClient([response], { retry: false });
    const { data, error, response: raw } = await secrets.api.GET(one, { params });
    expect(data).toBeUndefined();
    expect(error).toMatchObject({ type: '', ...expected });
    expect(raw.ok).toBe(false);
  });

  test('error is an object for HEAD too, and middleware sees the body as it came', async () => {
    const secrets = testClient([() => new Response('<html>', { status: 404 })]);
    const bodies: string[] = [];
    secrets.api.use({ onResponse: async ({ response }) => void bodies.push(await response.clone().text()) });
    expect((await secrets.api.HEAD(one as never, { params } as never)).error).toMatchObject({ httpStatus: 404 });
    await secrets.api.GET(one, { params });
    expect(bodies).toEqual(['<html>', '<html>']);
  });

  test.each([[204], [205], [304]])('%i, which has no body: only a 304 rejects', async (status) => {
    const secrets = testClient([new Response(null, { status })]);
    if (status === 304)
      expect(await rejectionOf(secrets.api.DELETE(one, { params }))).toMatchObject({ name: 'ApiError', status });
    else expect((await secrets.api.DELETE(one, { params })).response.status).toBe(status);
  });

  test('parseAs: text returns a body that is not JSON', async () => {
    const secrets = testClient([new Response('not JSON')]);
    expect((await secrets.api.GET(one, { params, parseAs: 'text' })).data).toBe('not JSON');
  });

  test('headers about the encoding and the length of a decoded body are left out', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '9', 'x-request-id': 'r' };
    const { response } = await testClient([json(200, secret(1), headers)]).api.GET(one, { params });
    expect([...response.headers]).toEqual([
      ['content-type', 'application/json'],
      ['x-request-id', 'r'],
    ]);
  });

  test('an error names the tag', async () => {
    const error = await rejectionOf(testClient([networkError()], { retry: false }).api.GET(one, { params }));
    expect(error).toMatchObject({ operation: 'secrets.api.GET', method: 'GET', path: one, tagOrId: 'a b' });
    expect(error.message).toBe('secrets.api.GET("a b"): connection failed: read ECONNRESET');
  });

  test('a body that is not JSON is a ContractError that does not quote it', async () => {
    const secrets = testClient([new Response('hunter2hunter2', { headers: { 'content-length': '14' } })]);
    const error = await rejectionOf(secrets.api.GET(one, { params }));
    expect(error).toMatchObject({ name: 'ContractError', operation: 'secrets.api.GET' });
    expect(JSON.stringify([error.message, error.stack])).not.toContain('hunter2');
  });
});

describe('the pipeline', () => {
  test('adds the key and encodes the path; own headers are sent, but no own authorization', async () => {
    const secrets = testClient([json(200, secret(1))]);
    await secrets.api.PUT(one, { params, body: { name: 'n' }, headers: { authorization: 'mine', 'x-trace': '1' } });
    expect(secrets.sent[0]).toMatchObject({
      url: 'https://cortex.test/api/v1/secrets/a%20b',
      method: 'PUT',
      body: '{"name":"n"}',
      redirect: 'manual',
      headers: { authorization: `Bearer ${KEY}`, 'x-trace': '1', 'content-type': 'application/json' },
    });
  });

  test('retries with the same body, and reports each attempt', async () => {
    const events: unknown[] = [];
    const secrets = testClient([json(503, {}), networkError(), json(200, secret(1))], {
      ...immediately,
      onAttempt: ({ operation, method, path, attempt, status }) =>
        events.push([operation, method, path, attempt, status]),
    });
    const { data } = await secrets.api.PUT(one, { params, body: { secret: 'v' } });
    expect(data).toMatchObject({ id: 'se-1' });
    expect(secrets.sent.map(({ body }) => body)).toEqual(Array(3).fill('{"secret":"v"}'));
    expect(events).toEqual([
      ['secrets.api.PUT', 'PUT', one, 1, 503],
      ['secrets.api.PUT', 'PUT', one, 2, undefined],
      ['secrets.api.PUT', 'PUT', one, 3, 200],
    ]);
  });

  test('does not retry a create whose outcome is unknown', async () => {
    const secrets = testClient([networkError()], immediately);
    const call = secrets.api.POST('/api/v1/secrets', { body: { tag: 't', name: 'n', secret: 'v' } });
    expect(await rejectionOf(call)).toMatchObject({ name: 'ConnectionError', outcome: 'unknown', attempts: 1 });
  });

  test('takes the options of one call', async () => {
    const secrets = testClient([json(503, {})], immediately);
    expect((await secrets.api.GET(one, { params, retry: false })).response.status).toBe(503);
    expect(secrets.sent).toHaveLength(1);
    const reason = new Error('left');
    expect(await rejectionOf(secrets.api.GET(one, { params, signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await rejectionOf(secrets.api.GET(one, { params, timeoutMs: -1 }))).toBeInstanceOf(RangeError);
    expect(secrets.sent).toHaveLength(1);
  });

  test('follows no redirect', async () => {
    const secrets = testClient([new Response(null, { status: 307, headers: { location: 'https://evil.test/?q' } })]);
    const call = secrets.api.POST('/api/v1/secrets', { body: { tag: 't', name: 'n', secret: 'hunter2hunter2' } });
    const error = await rejectionOf(call);
    expect(error).toMatchObject({ name: 'ApiError', status: 307 });
    expect(error.message).toContain('redirect to https://evil.test was');
  });

  test.each(['baseUrl', 'fetch', 'pathSerializer', 'redirect', 'Request'])(
    'rejects %s in the options of one request',
    async (name) => {
      const secrets = testClient([json(200, secret(1))]);
      const error = await rejectionOf(secrets.api.GET(one, { params, [name]: 'https://evil.test' } as never));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`${name} can't be set`);
      expect(secrets.sent).toEqual([]);
    },
  );
});

describe('size limits', () => {
  const text = (length: number) => new Response(`{"x":"${'n'.repeat(length)}"}`);
  test('a list has at most what its page size can need', async () => {
    const list = (size: number, pageSize: number) =>
      testClient([text(size)]).api.GET('/api/v1/secrets', { params: { query: { pageSize } } });
    expect((await list(1.5 * 2 ** 20, 1000)).response.status).toBe(200);
    for (const [size, pageSize, limit] of [
      [2 ** 20, 250, 1],
      [2 * 2 ** 20, 1000, 1.953125],
    ] as const) {
      const error = await rejectionOf(list(size, pageSize));
      expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown' });
      expect(error.message).toContain(`is larger than ${limit} MiB`);
    }
  });
  test.each(['json', 'text', 'stream'] as const)(
    'one secret has at most 1 MiB, also if parseAs is %s',
    async (parseAs) => {
      const error = await rejectionOf(testClient([text(2 ** 20)]).api.GET(one, { params, parseAs }));
      expect(error).toMatchObject({ name: 'ContractError', outcome: 'unknown' });
      expect(error.message).toContain('is larger than 1 MiB');
    },
  );
});

describe('what is redacted of a request', () => {
  const path = '/api/v1/secrets';
  /** The message of a failure that quotes `quoted`. */
  const messageOf = async (init: object, quoted: string) => {
    const secrets = testClient([new TypeError(`no route (${quoted})`)], { retry: false });
    return (await rejectionOf(secrets.api.POST(path, init as never))).message;
  };

  test.each<[string, object, string]>([
    ['the value', { body: { tag: 't', name: 'n', secret: 'battery-staple' } }, 'battery-staple'],
    ['a nested value', { body: { tag: 't', name: 'n', secret: { of: ['battery-staple'] } } }, 'battery-staple'],
    ['a field that the contract does not name', { body: { value: 'battery-staple' } }, 'battery-staple'],
    ['a value of a form', { body: {}, bodySerializer: () => 'secret=battery+staple' }, 'battery staple'],
    ['a body of plain text', { body: {}, bodySerializer: () => 'battery-staple' }, 'battery-staple'],
  ])('%s', async (_, init, quoted) => {
    expect(await messageOf(init, quoted)).toContain('no route ([redacted])');
  });

  test('not its tag and its name', async () => {
    const body = { tag: 'my-own-tag', name: 'My own name', secret: 'battery-staple' };
    expect(await messageOf({ body }, 'my-own-tag, My own name')).toContain('no route (my-own-tag, My own name)');
  });
});

describe('middleware', () => {
  test('gets the requests of api, and none of the methods', async () => {
    const secrets = testClient([json(200, secret(1))]);
    const seen: string[] = [];
    secrets.api.use({
      onRequest({ request, schemaPath }) {
        seen.push(schemaPath);
        return new Request(request, { headers: { 'x-trace': 'mine' } });
      },
    });
    await secrets.api.PUT(one, { params, body: { name: 'n' } });
    await secrets.get('a');
    expect(seen).toEqual([one]);
    expect(secrets.sent[0]).toMatchObject({
      body: '{"name":"n"}',
      headers: { 'x-trace': 'mine', authorization: `Bearer ${KEY}` },
    });
    expect(secrets.sent[1]?.headers).not.toHaveProperty('x-trace');
  });

  test.each(['https://evil.test/api/v1/secrets', 'https://cortex.test.evil.test/x', 'http://cortex.test/api'])(
    'that changes the URL to %s: a TypeError, and no request',
    async (url) => {
      const secrets = testClient([json(200, secret(1))]);
      secrets.api.use({ onRequest: () => new Request(url) });
      expect(await rejectionOf(secrets.api.GET('/api/v1/secrets'))).toBeInstanceOf(TypeError);
      expect(secrets.sent).toEqual([]);
    },
  );
});
