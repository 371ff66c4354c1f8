/** `set`: creates or updates; each of its requests may be retried. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { json, networkError, rejectionOf, testClient } from './support/helpers.js';

const immediately = { retry: { limit: 3, baseDelayMs: 0 } };
const mine = { id: 'se-mine', tag: 'mine', name: 'Mine' };
const value = { name: 'Mine', secret: 'some value' };
const ok = json(200, mine);
const notFound = json(404, { message: 'Secret not found', type: 'NOT_FOUND' });
const conflict = json(409, { message: 'It exists', type: 'CONFLICT' });

/** The methods of the requests. */
const methodsOf = (sent: { method: string }[]) => sent.map(({ method }) => method).join(' ');

afterEach(() => void vi.useRealTimers());

describe('set', () => {
  test.each([
    ['updates a secret that exists', [ok], 'PUT'],
    ['creates a secret that does not exist', [notFound, ok], 'PUT POST'],
    ['updates a secret that was created meanwhile (409)', [notFound, conflict, ok], 'PUT POST PUT'],
    ['updates a secret that was created meanwhile (400)', [notFound, json(400, {}), ok], 'PUT POST PUT'],
    ['retries an update whose response is lost', [networkError(), ok], 'PUT PUT'],
    [
      'updates after a create that was processed, but whose response is lost',
      [notFound, networkError(), conflict, ok],
      'PUT POST POST PUT',
    ],
    [
      'retries a create that was not processed, and whose response is lost',
      [notFound, networkError(), ok],
      'PUT POST POST',
    ],
    [
      'updates after a create that was processed, with a 503',
      [notFound, json(503, {}), json(400, {}), ok],
      'PUT POST POST PUT',
    ],
    ['retries the second update if its response is lost', [notFound, conflict, networkError(), ok], 'PUT POST PUT PUT'],
    [
      'retries each request after a 429',
      [json(429, {}), notFound, json(429, {}), conflict, json(429, {}), ok],
      'PUT PUT POST POST PUT PUT',
    ],
  ])('%s', async (_, results, expected) => {
    const secrets = testClient(results, immediately);
    expect(await secrets.set('mine', value)).toEqual(mine);
    expect(methodsOf(secrets.sent)).toBe(expected);
    for (const { method, url, body } of secrets.sent) {
      const isPut = method === 'PUT';
      expect(url).toBe(`https://cortex.test/api/v1/secrets${isPut ? '/mine' : ''}`);
      expect(JSON.parse(body as string)).toEqual(isPut ? value : { tag: 'mine', ...value });
    }
  });

  test.each([
    [
      'an error of the update that is not 404',
      [json(403, { type: 'FORBIDDEN' })],
      'PUT',
      { status: 403, outcome: 'rejected' },
    ],
    [
      'an error of the create that is no conflict',
      [notFound, json(403, {})],
      'PUT POST',
      { status: 403, outcome: 'rejected' },
    ],
    [
      'the 400 of the create if the second update gets 404',
      [notFound, json(400, { message: 'Bad tag' }), notFound],
      'PUT POST PUT',
      { status: 400 },
    ],
    ['a 500, which is not retried', [notFound, json(500, {})], 'PUT POST', { status: 500, outcome: 'unknown' }],
    [
      'the last failure of the update if all attempts fail',
      [networkError()],
      'PUT PUT PUT PUT',
      { name: 'ConnectionError', outcome: 'unknown' },
    ],
    [
      'the last error of the create if all attempts fail',
      [notFound, json(503, {})],
      'PUT POST POST POST POST',
      { status: 503, outcome: 'unknown' },
    ],
    [
      'an unknown outcome if a retried create is rejected',
      [notFound, networkError(), json(403, {})],
      'PUT POST POST',
      { status: 403, outcome: 'unknown' },
    ],
  ])('rejects with %s', async (_, results, expected, fields) => {
    const secrets = testClient(results, immediately);
    expect(await rejectionOf(secrets.set('mine', value))).toMatchObject({ operation: 'secrets.set', ...fields });
    expect(methodsOf(secrets.sent)).toBe(expected);
  });

  test('rejects after three requests if the server alternates between 404 and 409', async () => {
    let calls = 0;
    const secrets = testClient(
      [({ method }) => (++calls && method === 'POST' ? conflict : notFound).clone()],
      immediately,
    );
    expect(await rejectionOf(secrets.set('mine', value))).toMatchObject({ status: 409 });
    expect(calls).toBe(3);
  });

  test('retry.limit applies to each of its requests', async () => {
    const down = json(503, {});
    const secrets = testClient([down, down, notFound, down, down, ok], { retry: { limit: 2, baseDelayMs: 0 } });
    expect(await secrets.set('mine', value)).toEqual(mine);
    const single = testClient([notFound, down], immediately);
    await rejectionOf(single.set('mine', value, { retry: false }));
    expect(methodsOf(single.sent)).toBe('PUT POST');
  });

  test('rejects a response with another tag: the given tag is the id of another secret', async () => {
    const secrets = testClient([json(200, { id: 'se-7', tag: 'seven' })], immediately);
    const error = await rejectionOf(secrets.set('se-7', value));
    expect(error).toMatchObject({ name: 'ContractError', pointer: '/tag', outcome: 'processed' });
    expect(error.message).toContain('the given tag is the id of that secret');
  });

  test('deadlineMs limits all its requests together', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const slow = (response: Response) => () => new Promise<Response>((r) => setTimeout(() => r(response.clone()), 40));
    const secrets = testClient([slow(notFound), slow(conflict), slow(ok)], { deadlineMs: 100 });
    const begin = performance.now();
    const failure = rejectionOf(secrets.set('mine', value)).then((error) => ({ error, at: performance.now() - begin }));
    await vi.runAllTimersAsync();
    expect(await failure).toMatchObject({
      error: { name: 'ConnectionError', timedOut: true, outcome: 'unknown' },
      at: 100,
    });
    expect(methodsOf(secrets.sent)).toBe('PUT POST PUT');
  });

  test('onAttempt reports the path of each request', async () => {
    const events: unknown[] = [];
    const onAttempt = (event: { method: string; path: string; status?: number; attempt: number }) =>
      events.push([event.attempt, event.method, event.path, event.status]);
    await testClient([notFound, ok], { onAttempt }).set('mine', value);
    expect(events).toEqual([
      [1, 'PUT', '/api/v1/secrets/{tagOrId}', 404],
      [2, 'POST', '/api/v1/secrets', 200],
    ]);
  });

  test.each([
    ['no value', 'mine', { name: 'n' }],
    ['no name', 'mine', { secret: 's' }],
    ['a tag in the value', 'mine', { tag: 'mine', name: 'n', secret: 's' }],
    ['an empty tag', '', value],
    ['a tag that is a path', '..', value],
  ])('rejects %s with a TypeError before anything is sent', async (_, tag, given) => {
    const secrets = testClient([ok]);
    expect(await rejectionOf(secrets.set(tag, given as typeof value))).toBeInstanceOf(TypeError);
    expect(secrets.sent).toEqual([]);
  });
});
