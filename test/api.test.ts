/** `secrets.api`: raw responses, through the same pipeline as the methods. */
import { describe, expect, test } from 'vitest';
import { json, KEY, networkError, rejectionOf, secret, testClient } from './support/helpers.js';

const one = '/api/v1/secrets/{tagOrId}';
const params = { path: { tagOrId: 'a b' } };
const immediately = { retry: { baseDelayMs: 0 } };

describe('responses', () => {
  test('data is the body, unknown fields included', async () => {
    const body = { ...secret(1), name: null, extra: true };
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
    expect(data).toEqual(secret(1));
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
