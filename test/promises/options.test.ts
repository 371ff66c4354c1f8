/** "Address" and "Input": an empty setting never selects the production API, and no message quotes a key or a value. */
import { createSecretsClient } from 'cortex-secrets';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { json, KEY, networkError, rejectionOf, secret, testClient } from '../support/helpers.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const messageOf = (throwing: () => unknown): string => {
  try {
    throwing();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('environment variables', () => {
  test('an empty CORTEX_BASE_URL is an error, not the production API', () => {
    vi.stubEnv('CORTEX_BASE_URL', '');
    expect(() => createSecretsClient({ apiKey: KEY })).toThrow(TypeError);
    expect(messageOf(() => createSecretsClient({ apiKey: KEY }))).toBe(
      'CORTEX_BASE_URL: is empty; set it to a URL, or unset it',
    );
  });
  test('an invalid CORTEX_BASE_URL is named in the message', () => {
    vi.stubEnv('CORTEX_BASE_URL', 'cortex.internal');
    expect(messageOf(() => createSecretsClient({ apiKey: KEY }))).toMatch(/^CORTEX_BASE_URL: must be an absolute URL/);
  });
  test('a CORTEX_API_KEY with white space is named in the message, and not quoted', () => {
    vi.stubEnv('CORTEX_API_KEY', `${KEY}\n`);
    const message = messageOf(() => createSecretsClient());
    expect(message).toMatch(/^CORTEX_API_KEY: must be a string of visible ASCII/);
    expect(message).not.toContain(KEY);
  });
  test('an empty CORTEX_API_KEY is a missing key', () => {
    vi.stubEnv('CORTEX_API_KEY', '');
    expect(messageOf(() => createSecretsClient())).toBe('apiKey: missing; pass it, or set CORTEX_API_KEY');
  });
  test('an option overrides an invalid variable', () => {
    vi.stubEnv('CORTEX_BASE_URL', '');
    expect(() => createSecretsClient({ apiKey: KEY, baseUrl: 'https://cortex.test' })).not.toThrow();
  });
});

describe('an unknown name that may be a value', () => {
  const VALUE = 'hunter2-battery-staple';
  test.each<[string, (secrets: ReturnType<typeof testClient>) => Promise<unknown>]>([
    ['create', (secrets) => secrets.create({ [VALUE]: 'x', tag: 't', name: 'n', secret: 's' } as never)],
    ['update', (secrets) => secrets.update('a', { [VALUE]: 'x' } as never)],
    ['set', (secrets) => secrets.set('a', { [VALUE]: 'x' } as never)],
    ['a string in place of the object', (secrets) => secrets.create(VALUE as never)],
    ['the last argument', (secrets) => secrets.get('a', { [VALUE]: 1 } as never)],
    ['a string in place of the last argument', (secrets) => secrets.get('a', VALUE as never)],
    ['retry', (secrets) => secrets.get('a', { retry: { [VALUE]: 1 } } as never)],
    ['list', (secrets) => secrets.list({ [VALUE]: 1 } as never)],
  ])('%s: the TypeError does not quote it', async (_, call) => {
    const secrets = testClient([json(200, secret(1))]);
    const error = await rejectionOf(call(secrets));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).not.toContain(VALUE);
    expect(secrets.sent).toHaveLength(0);
  });
});

describe('retry.statusCodes', () => {
  const immediately = { baseDelayMs: 0 };
  test('500 is not retried by default', async () => {
    expect(await rejectionOf(testClient([json(500, {})], { retry: immediately }).get('a'))).toMatchObject({
      attempts: 1,
    });
  });
  test('a status in it is retried for idempotent requests, not for a create', async () => {
    const retry = { ...immediately, statusCodes: [500] };
    expect(await testClient([json(500, {}), json(200, secret(1))], { retry }).get('a')).toMatchObject({ id: 'se-1' });
    const create = testClient([json(500, {})], { retry }).create({ tag: 't', name: 'n', secret: 'v' });
    expect(await rejectionOf(create)).toMatchObject({ attempts: 1, outcome: 'unknown' });
  });
  test('replaces the defaults; 429 is retried anyway', async () => {
    const retry = { ...immediately, statusCodes: [] };
    expect(await rejectionOf(testClient([json(503, {})], { retry }).get('a'))).toMatchObject({ attempts: 1 });
    expect(await testClient([json(429, {}), json(200, secret(1))], { retry }).get('a')).toMatchObject({ id: 'se-1' });
  });
  test('may be set for one call', async () => {
    const secrets = testClient([json(500, {}), json(200, secret(1))], { retry: immediately });
    expect(await secrets.get('a', { retry: { statusCodes: [500] } })).toMatchObject({ id: 'se-1' });
  });
  test.each([[200], [399], [600], [500.5], ['500'], [Number.NaN]])(
    '%s in it is rejected: not an error status',
    (status) => {
      const options = { apiKey: KEY, retry: { statusCodes: [status] as number[] } };
      expect(messageOf(() => createSecretsClient(options))).toMatch(/^retry.statusCodes: must be an array of statuses/);
    },
  );
  test('a later change of the given array has no effect', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const statusCodes = [500];
    const secrets = testClient([json(500, {}), json(200, secret(1))], { retry: { statusCodes } });
    statusCodes.length = 0;
    expect(await secrets.get('a')).toMatchObject({ id: 'se-1' });
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
