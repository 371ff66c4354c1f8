import { describe, expect, test } from 'vitest';
import { json, KEY, rejectionOf, secret, testClient } from '../support/helpers.js';

const quick = { retry: { baseDelayMs: 0 } };

describe('the key', () => {
  test('is sent as a bearer token, and only there', async () => {
    const secrets = testClient([json(200, secret(1))]);
    await secrets.create({ tag: 't', name: 'n', secret: 'v' });
    const { url, body, headers } = secrets.sent[0] ?? {};
    expect(headers?.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify({ url, body, ...headers, authorization: undefined })).not.toContain(KEY);
  });

  test('is asked for before every attempt, if it is a function', async () => {
    let asked = 0;
    const apiKey = async () => `key-${++asked}`;
    const secrets = testClient([json(503, {}), json(503, {}), json(200, secret(1))], { ...quick, apiKey });
    await secrets.get('a');
    expect(secrets.sent.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer key-1',
      'Bearer key-2',
      'Bearer key-3',
    ]);
  });

  test('may come from a function that is not async', async () => {
    const secrets = testClient([json(200, secret(1))], { apiKey: () => 'plain' });
    await secrets.get('a');
    expect(secrets.sent[0]?.headers.authorization).toBe('Bearer plain');
  });
});

test('an abort ends the wait for a key that does not come, and gives its place to the next call', async () => {
  const keys: (string | Promise<string>)[] = [new Promise(() => {}), 'a-key'];
  const secrets = testClient([json(200, secret(1))], { apiKey: () => keys.shift() as string, maxConcurrency: 1 });
  const controller = new AbortController();
  const reason = new Error('left');
  const waiting = rejectionOf(secrets.get('a', { signal: controller.signal }));
  const next = secrets.get('b');
  await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(reason);
  expect(await waiting).toBe(reason);
  expect(await next).toEqual(secret(1));
});

describe('after a 401', () => {
  test('the function is asked once more, and a different key gets one more attempt', async () => {
    const keys = ['old', 'new', 'newest'];
    const events: unknown[] = [];
    const secrets = testClient([json(401, {}), json(200, secret(1))], {
      retry: false, // it is no retry
      apiKey: () => keys.shift() as string,
      onAttempt: ({ attempt, status, retryInMs }) => events.push([attempt, status, retryInMs]),
    });
    expect(await secrets.create({ tag: 't', name: 'n', secret: 'v' })).toEqual(secret(1));
    expect(secrets.sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(events).toEqual([
      [1, 401, 0],
      [2, 200, undefined],
    ]);
  });

  test('only one more', async () => {
    let asked = 0;
    const secrets = testClient([json(401, {})], { apiKey: () => `key-${++asked}` });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 401, attempts: 2, outcome: 'rejected' });
    expect(asked).toBe(2);
  });

  test('the same key gets none', async () => {
    let asked = 0;
    const apiKey = () => {
      asked++;
      return 'same';
    };
    const secrets = testClient([json(401, {})], { apiKey });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 401, attempts: 1 });
    expect(asked).toBe(2);
  });

  test('a key that is a text gets none', async () => {
    const secrets = testClient([json(401, { message: 'no', type: 'UNCATEGORIZED' })]);
    const error = await rejectionOf(secrets.get('a'));
    expect(error.message).toBe('secrets.get("a"): 401 UNCATEGORIZED no. Check the API key: it may be wrong or expired');
    expect(secrets.sent).toHaveLength(1);
  });
});

describe('a function that fails', () => {
  test('its error passes untouched, and is not repeated', async () => {
    const own = new Error('the vault is sealed');
    let asked = 0;
    const secrets = testClient([json(200, secret(1))], {
      apiKey: () => {
        asked++;
        throw own;
      },
    });
    expect(await rejectionOf(secrets.get('a'))).toBe(own);
    expect(asked).toBe(1);
    expect(secrets.sent).toEqual([]);
  });

  test('also where it is an error of another client of ours', async () => {
    const vault = testClient([new TypeError('fetch failed')], { retry: false });
    let asked = 0;
    const secrets = testClient([json(200, secret(1))], {
      ...quick,
      apiKey: async () => {
        asked++;
        return (await vault.get('key')).tag;
      },
    });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ name: 'ConnectionError', operation: 'secrets.get' });
    expect(asked).toBe(1);
  });

  test.each([[''], ['with space'], ['line\nbreak'], ['kéy'], [undefined], [42]])(
    'the key %j is a TypeError that does not quote it',
    async (key) => {
      const secrets = testClient([json(200, secret(1))], { apiKey: () => key as string });
      const error = await rejectionOf(secrets.get('a'));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(
        'apiKey: must be a string of visible ASCII characters, without spaces and line breaks',
      );
      expect(secrets.sent).toEqual([]);
    },
  );
});
