/** "Ambiguity. `outcome` on every error: `not-sent`, `rejected`, `unknown`, `processed`. When in doubt, `unknown`." */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, networkError, rejectionOf, testClient } from '../support/helpers.js';

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Client = ReturnType<typeof testClient>;
const secret = { tag: 't', name: 'n', secret: 'a value of some length' };
const create = (secrets: Client) => secrets.create(secret);
const update = (secrets: Client) => secrets.update('t', { secret: 'a value of some length' });
const remove = (secrets: Client) => secrets.delete('t');
const get = (secrets: Client) => secrets.get('t');
const list = (secrets: Client) => secrets.list();
const post = (secrets: Client) => secrets.api.POST('/api/v1/secrets', { body: secret });

/** A response of a custom fetch: the constructor of Response rejects such a status. */
const withStatus = (status: unknown) => () =>
  ({ status, headers: new Headers(), body: null }) as unknown as Promise<Response>;
const html = (status: number) =>
  new Response('<html><body>Log in</body></html>', { status, headers: { 'content-type': 'text/html' } });

describe('a redirect, status 0 or 1xx', () => {
  const unknown = [301, 302, 303, 300, 304, 0, 100, 103, 199];
  test.each(unknown.flatMap((status) => [create, update, remove, post].map((call) => [status, call] as const)))(
    'status %i after a request that is not safe is unknown',
    async (status, call) => {
      expect(await rejectionOf(call(testClient([withStatus(status)])))).toMatchObject({ status, outcome: 'unknown' });
    },
  );
  test.each([307, 308].flatMap((status) => [create, update, remove, post].map((call) => [status, call] as const)))(
    'status %i after a request that is not safe is rejected',
    async (status, call) => {
      expect(await rejectionOf(call(testClient([withStatus(status)])))).toMatchObject({ status, outcome: 'rejected' });
    },
  );
  test('after a safe request the outcome is rejected', async () => {
    for (const status of [0, 301, 303])
      expect(await rejectionOf(get(testClient([withStatus(status)])))).toMatchObject({ status, outcome: 'rejected' });
  });
  test.each(['HEAD', 'OPTIONS'] as const)('after a %s, which is safe, the outcome is rejected', async (method) => {
    const secrets = testClient([withStatus(301)]);
    const call = secrets.api.request(method as 'get', '/api/v1/secrets');
    expect(await rejectionOf(call)).toMatchObject({ status: 301, method, outcome: 'rejected' });
  });
  test('a create is not retried after it', async () => {
    const secrets = testClient([withStatus(303)]);
    await rejectionOf(create(secrets));
    expect(secrets.sent).toHaveLength(1);
  });
});

describe('a status outside 100-599', () => {
  const statuses = [600, 999, 1000, -1];
  test.each(statuses.flatMap((status) => [create, get, post].map((call) => [status, call] as const)))(
    '%i is a CortexError with an outcome, in api too',
    async (status, call) => {
      const error = await rejectionOf(call(testClient([withStatus(status)])));
      expect(error).toMatchObject({ name: 'ApiError', status });
      if (call !== get) expect(error.outcome).toBe('unknown');
    },
  );
  test.each([
    ['NaN', Number.NaN],
    ['a string', '200'],
    ['undefined', undefined],
    ['not an integer', 200.5],
  ])('a status that is %s is a ConnectionError: there is no response', async (_, status) => {
    for (const call of [create, post])
      expect(await rejectionOf(call(testClient([withStatus(status)])))).toMatchObject({
        name: 'ConnectionError',
        outcome: 'unknown',
      });
  });
});

describe('a 2xx that breaks the contract', () => {
  test.each([
    ['HTML', html(200)],
    ['plain text', new Response('ok')],
    ['no body', new Response(null)],
  ])('%s is unknown: a proxy may have responded', async (_, response) => {
    for (const call of [create, update, get, list])
      expect(await rejectionOf(call(testClient([response])))).toMatchObject({
        name: 'ContractError',
        outcome: 'unknown',
      });
  });
  test('JSON with the tag that does not match the schema is processed', async () => {
    for (const call of [create, update])
      expect(await rejectionOf(call(testClient([json(200, { tag: 't' })])))).toMatchObject({
        name: 'ContractError',
        outcome: 'processed',
      });
  });
  test('a create with an HTML response is not retried', async () => {
    const secrets = testClient([html(200)]);
    await rejectionOf(create(secrets));
    expect(secrets.sent).toHaveLength(1);
  });
});

describe('delete', () => {
  const otherBodies: [string, Response][] = [
    ['plain text', new Response('404 page not found', { status: 404 })],
    ['HTML', html(404)],
    ['other JSON', json(404, { error: 'no such route' })],
    ['a JSON array', json(404, [])],
    ['JSON null', json(404, null)],
    ['a type that is not a string', json(404, { type: 404 })],
    ['no body', new Response(null, { status: 404 })],
    ['a problem of RFC 9457', json(404, { type: 'about:blank', title: 'Not Found', status: 404 })],
    ['an empty type', json(404, { message: 'x', type: '' })],
    ['a type in small letters', json(404, { message: 'x', type: 'no_route' })],
    ['a type and no message', json(404, { type: 'NOT_FOUND' })],
  ];
  test.each(otherBodies)(
    'a 404 with %s after an unknown outcome is an error: an ingress may have responded',
    async (_, response) => {
      for (const first of [json(503, {}), networkError()])
        expect(await rejectionOf(remove(testClient([first, response])))).toMatchObject({
          name: 'ApiError',
          status: 404,
          outcome: 'unknown',
          attempts: 2,
        });
    },
  );
  test.each(['', ' \n', 'No content', 'no content\n', '{}', ' { } '])(
    'a 200 with the body %j is success',
    async (body) => {
      expect(await remove(testClient([new Response(body)]))).toBeUndefined();
    },
  );
  test('a 200 with HTML is unknown', async () => {
    expect(await rejectionOf(remove(testClient([html(200)])))).toMatchObject({
      name: 'ContractError',
      outcome: 'unknown',
    });
  });
});

describe('a rejection of a custom fetch', () => {
  const hostile = {
    get message(): string {
      throw new Error('a value of some length');
    },
  };
  const throwing = new Proxy(
    {},
    {
      get() {
        throw new Error('a value of some length');
      },
      has() {
        throw new Error('a value of some length');
      },
    },
  );
  test.each<[string, unknown]>([
    ['an object whose message throws', hostile],
    ['an object whose properties all throw', throwing],
    ['an error whose cause throws', new Error('x', { cause: hostile })],
    ['a string', 'denied'],
    ['an object', { code: 403, reason: 'denied' }],
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['a symbol', Symbol('x')],
  ])('with %s is a ConnectionError; the outcome is unknown', async (_, thrown) => {
    const secrets = testClient([() => Promise.reject(thrown)]);
    for (const call of [create, post]) {
      const error = await rejectionOf(call(secrets));
      expect(error).toMatchObject({ name: 'ConnectionError', outcome: 'unknown' });
      expect(error.message).not.toContain('a value of some length');
    }
  });
  test('with a string or plain data: the message contains it', async () => {
    expect((await rejectionOf(create(testClient([() => Promise.reject('denied by policy')])))).message).toContain(
      'denied by policy',
    );
    expect((await rejectionOf(create(testClient([() => Promise.reject({ reason: 'denied' })])))).message).toContain(
      'denied',
    );
  });
});
