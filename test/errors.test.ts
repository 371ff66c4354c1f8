/** Errors: fields, messages and kinds. */
import { ApiError, ConnectionError, ContractError, CortexError, isCortexError } from 'cortex-secrets';
import { describe, expect, test, vi } from 'vitest';
import { json, networkError, rejectionOf, secret, testClient } from './support/helpers.js';

const once = { retry: false } as const;

/** The error of a get with this response. */
const errorOf = (status: number, body: string, headers: Record<string, string> = {}) =>
  rejectionOf(testClient([new Response(status === 304 ? null : body, { status, headers })], once).get('a'));

describe('the body of an error response', () => {
  test('in the documented shape: its fields are those of the error', async () => {
    const body = {
      message: 'Secret not found',
      type: 'NOT_FOUND',
      details: 'tag: a',
      requestId: 'r-1',
      httpStatus: 404,
    };
    expect(await rejectionOf(testClient([json(404, body)]).get('a'))).toMatchObject({
      message: 'secrets.get("a"): 404 NOT_FOUND Secret not found',
      status: 404,
      type: 'NOT_FOUND',
      details: 'tag: a',
      requestId: 'r-1',
    });
  });

  test('with violations: the message joins them, and other fields are dropped', async () => {
    const violations = [
      { title: 'Bad tag', description: 'tag must match', violationType: 'PATTERN', pointer: '/tag', extra: 1 },
      { title: 'No name', description: 5 },
      'not an object',
    ];
    const error = await rejectionOf(testClient([json(400, { violations })]).get('a'));
    expect(error.message).toBe('secrets.get("a"): 400 tag must match; No name');
    expect(error.violations).toEqual([
      { title: 'Bad tag', description: 'tag must match', violationType: 'PATTERN', pointer: '/tag' },
      { title: 'No name' },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['only kinds', [{ violationType: 'PATTERN' }, { violationType: 'SIZE', pointer: '/tag' }], 'PATTERN; SIZE'],
    ['nothing to say', [{ pointer: '/tag' }], ''],
  ])('with violations that have %s: the message', async (_, violations, reason) => {
    const error = await rejectionOf(testClient([json(400, { violations })]).get('a'));
    expect(error.message).toBe(`secrets.get("a"): 400${reason && ` ${reason}`}`);
    expect(error.violations).toEqual(violations);
  });

  test('with violations and a message: the message wins, and both are kept', async () => {
    const body = { message: 'Invalid', type: 'BAD_REQUEST', violations: [{ title: 'No name' }] };
    const error = await rejectionOf(testClient([json(400, body)]).get('a'));
    expect(error.message).toBe('secrets.get("a"): 400 BAD_REQUEST Invalid');
    expect(error).toMatchObject({ type: 'BAD_REQUEST', violations: [{ title: 'No name' }] });
  });

  test('with a 429 and violations: they are the reason', async () => {
    const error = await errorOf(429, JSON.stringify({ violations: [{ title: 'Slow down' }] }));
    expect(error.message).toBe('secrets.get("a"): 429 Slow down');
  });

  test.each([
    ['no list', { violations: { title: 'x' } }],
    ['a list of lists', { violations: [['title']] }],
    ['a list of null', { violations: [null] }],
    ['an empty list', { violations: [] }],
    ['an object in a list', [{ message: 'no' }]],
    ['null', null],
  ])('with %s is in neither shape: it becomes details', async (_, body) => {
    const error = await errorOf(400, JSON.stringify(body));
    expect(error).toMatchObject({ kind: 'foreign', details: JSON.stringify(body) });
    expect(error).not.toHaveProperty('violations');
  });

  test('fields that are empty strings are left out', async () => {
    const error = await errorOf(404, '{"message":"","type":"NOT_FOUND","details":"","requestId":""}');
    expect(error.message).toBe('secrets.get("a"): 404 NOT_FOUND');
    expect(Object.keys(error)).toEqual(expect.not.arrayContaining(['details', 'requestId', 'violations']));
  });

  test('white space around a body of any other shape is left out', async () => {
    expect((await errorOf(400, ' \n<html>\n ')).details).toBe('<html>');
  });

  test('with a request id of its own: the header does not replace it', async () => {
    const body = { message: 'm', type: 'UNCATEGORIZED', requestId: 'of the body' };
    const error = await errorOf(500, JSON.stringify(body), { 'x-request-id': 'of the header' });
    expect(error.requestId).toBe('of the body');
  });

  test('with more than 20 violations holds the first 20', async () => {
    const violations = Array.from({ length: 21 }, (_, i) => ({ title: `violation ${i}` }));
    const error = await rejectionOf(testClient([json(400, { violations })]).get('a'));
    expect(error.violations).toEqual(violations.slice(0, 20));
  });

  test.each([
    ['HTML', '<html>Bad gateway</html>'],
    ['other JSON', '{"error":"no"}'],
    ['a JSON string', '"no"'],
    ['truncated JSON', '{"message":"Secret not f'],
    ['fields of the wrong type', '{"message":1,"type":null}'],
  ])('with %s: it becomes details', async (_, body) => {
    expect(await errorOf(400, body)).toMatchObject({ status: 400, details: body });
  });

  test.each([[''], ['  \n']])('that is blank (%j): no details', async (body) => {
    const error = await errorOf(400, body);
    expect(error.message).toBe('secrets.get("a"): 400');
    expect(Object.keys(error).sort()).toEqual([
      'attempts',
      'kind',
      'method',
      'operation',
      'outcome',
      'path',
      'status',
      'tagOrId',
    ]);
  });

  test('of 100,000 characters: details is truncated to 4000', async () => {
    const error = await errorOf(400, 'x'.repeat(100_000));
    expect((error.details as string).length).toBe(4000);
  });

  test('without a request id: it is read from the x-request-id header', async () => {
    expect(await errorOf(500, '', { 'x-request-id': 'r-2' })).toMatchObject({ requestId: 'r-2' });
  });
});

describe('a message says what happened and what to do', () => {
  test.each([
    [401, '', {}, 'secrets.get("a"): 401. Check the API key: it may be wrong or expired'],
    [
      403,
      '{"message":"No.","type":"FORBIDDEN"}',
      {},
      'secrets.get("a"): 403 FORBIDDEN No. The API key needs the "Create secrets" permission',
    ],
    [
      403,
      '{"message":"v1.2 has no access","type":"FORBIDDEN"}',
      {},
      'secrets.get("a"): 403 FORBIDDEN v1.2 has no access. The API key needs the "Create secrets" permission',
    ],
    [
      429,
      '{"message":"Wait.","type":"LIMITED"}',
      { 'retry-after': '7' },
      'secrets.get("a"): 429 LIMITED Wait. Try again in 7 s',
    ],
    [429, '', {}, 'secrets.get("a"): 429 Too many requests'],
    [503, '', {}, 'secrets.get("a"): 503'],
    [503, '', { 'retry-after': '0' }, 'secrets.get("a"): 503. Try again in 0 s'],
    [429, '', { 'retry-after': '7' }, 'secrets.get("a"): 429 Too many requests. Try again in 7 s'],
    [429, '', { 'retry-after': '86400' }, 'secrets.get("a"): 429 Too many requests. Try again in 86400 s'],
    [429, '', { 'retry-after': '86401' }, 'secrets.get("a"): 429 Too many requests. Retry-After is over a day'],
    [503, '', { 'retry-after': '7' }, 'secrets.get("a"): 503. Try again in 7 s'],
  ])('for a %i', async (status, body, headers, message) => {
    expect((await errorOf(status, body, headers as Record<string, string>)).message).toBe(message);
  });

  test('after retries: the number of attempts', async () => {
    const error = await rejectionOf(testClient([json(503, {})], { retry: { limit: 2, baseDelayMs: 0 } }).get('a'));
    expect(error.message).toBe('secrets.get("a"): 503 (3 attempts)');
  });

  test('if the connection failed: whether it was made', async () => {
    const secrets = testClient([networkError('ECONNREFUSED', 'connect')], once);
    expect((await rejectionOf(secrets.get('a'))).message).toBe('secrets.get("a"): no connection: connect ECONNREFUSED');
    const reset = testClient([networkError()], once);
    expect((await rejectionOf(reset.get('a'))).message).toBe('secrets.get("a"): connection failed: read ECONNRESET');
  });
});

describe('a response of something before Cortex', () => {
  const ADVICE = 'not from Cortex: a proxy or firewall before it responded; check baseUrl and the network';
  test.each<[status: number, type: string, body: string, expected: string]>([
    [403, 'text/html', '<html><head><title>403 Forbidden</title></head>', `403 Forbidden (text/html), ${ADVICE}`],
    [
      403,
      'text/html; charset=utf-8',
      '<TITLE lang="en">\n Access\n denied. </TITLE>',
      `403 Access denied. (text/html), ${ADVICE}`,
    ],
    [401, 'text/html', '<html>no title</html>', `401 (text/html), ${ADVICE}`],
    [
      400,
      'application/problem+json',
      '{"type":"about:blank","title":"Bad","status":400}',
      `400 Bad (application/problem+json), ${ADVICE}`,
    ],
    [403, 'application/json', '{"message":"Forbidden"}', `403 Forbidden (application/json), ${ADVICE}`],
    [404, 'text/plain', 'default backend - 404', `404 (text/plain), ${ADVICE}`],
    [404, '', '', `404, ${ADVICE}`],
    [
      503,
      'text/html',
      '<title>503 – Service unavailable</title>',
      `503 Service unavailable (text/html), ${ADVICE}. Try again in 7 s`,
    ],
    [429, 'text/html', '<html>', `429 Too many requests (text/html), ${ADVICE}. Try again in 7 s`],
    [404, 'a/b"; x=<script>', '{"error":"x"}', `404 x (a/b), ${ADVICE}`],
  ])('%i %s: the message says so', async (status, type, body, expected) => {
    const wait: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '7' } : {};
    // A string sets the header by itself.
    const response = new Response(new TextEncoder().encode(body), {
      status,
      headers: { ...wait, ...(type && { 'content-type': type }) },
    });
    const error = await rejectionOf(testClient([response], once).get('a'));
    expect(error.message).toBe(`secrets.get("a"): ${expected}`);
    expect(error).not.toHaveProperty('type');
  });

  test('an empty 401, 403 or 500 may be from Cortex, so the message does not say so', async () => {
    for (const status of [400, 401, 403, 500])
      expect((await errorOf(status, '')).message).not.toContain('not from Cortex');
  });

  test('without a key of its own the client does not say that the key lacks a permission either', async () => {
    const response = new Response('<title>Log in</title>', { status: 403, headers: { 'content-type': 'text/html' } });
    const error = await rejectionOf(testClient([response], { ...once, apiKey: null }).get('a'));
    expect(error.message).toBe(`secrets.get("a"): 403 Log in (text/html), ${ADVICE}`);
  });
});

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i is not followed; the error names the host of its location, and nothing else of it',
    async (status) => {
      const response = new Response(null, {
        status,
        headers: { location: 'https://evil.test:8443/take?value=hunter2#x' },
      });
      const secrets = testClient([response]);
      const error = await rejectionOf(secrets.create({ tag: 't', name: 'n', secret: 'hunter2hunter2' }));
      const outcome = status < 307 ? 'unknown' : 'rejected';
      expect(error).toMatchObject({ name: 'ApiError', status, outcome, attempts: 1 });
      expect(error.message).toBe(
        `secrets.create("t"): ${status} redirect to https://evil.test:8443 was not followed. Set baseUrl to the API's own address`,
      );
      expect(secrets.sent).toHaveLength(1);
    },
  );

  test.each([['/elsewhere'], [''], ['https://['], ['//'], ['app:open'], ['data:text/plain,x'], ['mailto:a@b.test']])(
    'to %j, which names no other host: the message has no location',
    async (location) => {
      expect((await errorOf(302, '', { location })).message).toBe(
        `secrets.get("a"): 302 redirect was not followed. Set baseUrl to the API's own address`,
      );
    },
  );

  test.each([
    [103, 'is no status of a final response'],
    [199, 'is no status of a final response'],
    [300, "redirect was not followed. Set baseUrl to the API's own address"],
    [399, "redirect was not followed. Set baseUrl to the API's own address"],
    [0, "redirect was not followed. Set baseUrl to the API's own address"],
  ])('the status %i: the message', async (status, reason) => {
    const response = { status, headers: new Headers(), body: null };
    const error = await rejectionOf(testClient([() => response as unknown as Response], once).get('a'));
    expect(error.message).toBe(`secrets.get("a"): ${status} ${reason}`);
  });

  test('one whose status the platform hides has the status 0', async () => {
    const opaque = { status: 0, type: 'opaqueredirect', headers: new Headers(), body: null };
    const secrets = testClient([() => opaque as unknown as Response]);
    for (const call of [() => secrets.get('a'), () => secrets.api.GET('/api/v1/secrets')]) {
      expect(await rejectionOf(call())).toMatchObject({ name: 'ApiError', status: 0, outcome: 'rejected' });
    }
  });
});

describe('the kinds of errors', () => {
  const failing = {
    ApiError: () => errorOf(404, ''),
    ConnectionError: () => rejectionOf(testClient([networkError()], once).get('a')),
    ContractError: () => errorOf(200, 'x'),
  };
  test.each(Object.entries(failing))('%s: class, name and stack', async (name, failure) => {
    const error = await failure();
    expect(isCortexError(error)).toBe(true);
    expect(error).toBeInstanceOf(CortexError);
    expect(error).toBeInstanceOf({ ApiError, ConnectionError, ContractError }[name] as never);
    expect(error.name).toBe(name);
    expect(error.stack).toMatch(new RegExp(`^${name}: secrets\\.get\\("a"\\): `));
    expect(Object.keys(error)).not.toContain('name');
  });

  test('isCortexError recognizes errors of another copy of the package, and nothing else', async () => {
    vi.resetModules();
    const copy = await import('../src/index.js');
    expect(copy.ApiError).not.toBe(ApiError);
    const foreign = await rejectionOf(
      copy.createSecretsClient({ apiKey: 'k', fetch: async () => json(404, {}) }).get('a'),
    );
    expect(foreign).not.toBeInstanceOf(ApiError);
    expect(isCortexError(foreign)).toBe(true);
    for (const other of [null, undefined, 'x', {}, new Error('x'), secret(1)]) expect(isCortexError(other)).toBe(false);
  });
});

describe('errors name the secret and the request', () => {
  test.each<[string, string, string, (secrets: ReturnType<typeof testClient>) => Promise<unknown>]>([
    ['secrets.get("my-tag")', 'GET', '/api/v1/secrets/{tagOrId}', (secrets) => secrets.get('my-tag')],
    [
      'secrets.update("my-tag")',
      'PUT',
      '/api/v1/secrets/{tagOrId}',
      (secrets) => secrets.update('my-tag', { name: 'n' }),
    ],
    ['secrets.delete("my-tag")', 'DELETE', '/api/v1/secrets/{tagOrId}', (secrets) => secrets.delete('my-tag')],
    [
      'secrets.create("my-tag")',
      'POST',
      '/api/v1/secrets',
      (secrets) => secrets.create({ tag: 'my-tag', name: 'n', secret: 'v' }),
    ],
    [
      'secrets.set("my-tag")',
      'PUT',
      '/api/v1/secrets/{tagOrId}',
      (secrets) => secrets.set('my-tag', { name: 'n', secret: 'v' }),
    ],
  ])('%s', async (subject, method, path, call) => {
    for (const result of [json(403, {}), networkError('ECONNREFUSED', 'connect'), new Response('<html>')]) {
      const error = await rejectionOf(call(testClient([result], { retry: false })));
      expect(error).toMatchObject({ method, path, tagOrId: 'my-tag' });
      expect(error.message.startsWith(`${subject}: `)).toBe(true);
    }
  });
  test('list: no tagOrId', async () => {
    const error = await rejectionOf(testClient([json(403, {})]).list());
    expect(error).toMatchObject({ method: 'GET', path: '/api/v1/secrets' });
    expect(error).not.toHaveProperty('tagOrId');
    expect(error.message).toMatch(/^secrets\.list: 403/);
  });
  test('a tag that contains the value is redacted', async () => {
    const value = 'hunter2-battery-staple';
    const error = await rejectionOf(testClient([json(403, {})]).update(`x-${value}`, { secret: value }));
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain(value);
    expect(error.tagOrId).toBe('x-[redacted]');
  });

  test('a tag that holds the value is redacted in every kind of error', async () => {
    const value = 'hunter2-battery-staple';
    for (const reply of [networkError(), json(200, { id: 5 }), json(403, {})]) {
      const secrets = testClient([reply], { retry: false });
      const error = await rejectionOf(secrets.update(`x-${value}`, { secret: value }));
      expect(error.tagOrId).toBe('x-[redacted]');
      expect(error.message).not.toContain(value);
    }
  });
});

describe('control characters and bidi marks of a server', () => {
  const hostile = 'line\n::error::forged\r\u001b[31mred\u202ereversed';
  test.each<[string, () => ReturnType<typeof testClient>]>([
    ['an error body', () => testClient([json(400, { message: hostile, type: hostile, details: hostile })])],
    ['a body that is not JSON', () => testClient([new Response(hostile, { status: 400 })])],
    ['violations', () => testClient([json(400, { violations: [{ title: hostile, description: hostile }] })])],
    ['an error of fetch', () => testClient([new Error(hostile)], { retry: false })],
  ])('of %s are escaped in the message and the fields', async (_, client) => {
    const error = await rejectionOf(client().get('a'));
    const { message, details, type, violations } = error;
    const all = [message, details, type, JSON.stringify(violations)?.replaceAll('\\\\u', '')].join(' ');
    expect(all).not.toMatch(/[\p{Cc}\p{Bidi_C}]/u);
    expect(all).toContain('forged');
  });
  test('of a tag are escaped too', async () => {
    const error = await rejectionOf(testClient([json(404, {})]).get('a\n::error::b'));
    expect(error.message).not.toContain('\n');
  });
});
