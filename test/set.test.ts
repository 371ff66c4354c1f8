/** `set`: create or update, safe to repeat. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { json, networkError, rejectionOf, secret, testClient } from './support/helpers.js';

const quick = { retry: { limit: 3, baseDelayMs: 0 } };
const mine = { id: 'se-mine', tag: 'mine', name: 'Mine' };
const value = { name: 'Mine', secret: 'some value' };
const ok = json(200, mine);
const missing = json(404, { message: 'Secret not found', type: 'NOT_FOUND' });
const clash = json(409, { message: 'It exists', type: 'CONFLICT' });

/** What was sent, in short. */
const story = (sent: { method: string }[]) => sent.map(({ method }) => method).join(' ');

beforeEach(() => void vi.restoreAllMocks());

describe('set', () => {
  test.each([
    ['what is there is updated', [ok], 'PUT'],
    ['what is missing is created', [missing, ok], 'PUT POST'],
    ['what came in between is updated, told by 409', [missing, clash, ok], 'PUT POST PUT'],
    ['what came in between is updated, told by 400', [missing, json(400, {}), ok], 'PUT POST PUT'],
    ['a lost answer to the update', [networkError(), ok], 'PUT PUT'],
    ['a lost answer to the create that was done', [missing, networkError(), clash, ok], 'PUT POST POST PUT'],
    ['a lost answer to the create that was not done', [missing, networkError(), ok], 'PUT POST POST'],
    ['a 503 to the create that was done', [missing, json(503, {}), json(400, {}), ok], 'PUT POST POST PUT'],
    ['a lost answer to the second update', [missing, clash, networkError(), ok], 'PUT POST PUT PUT'],
    ['a 429 to each', [json(429, {}), missing, json(429, {}), clash, json(429, {}), ok], 'PUT PUT POST POST PUT PUT'],
  ])('%s', async (_, replies, expected) => {
    const secrets = testClient(replies, quick);
    expect(await secrets.set('mine', value)).toEqual(mine);
    expect(story(secrets.sent)).toBe(expected);
    for (const { method, url, body } of secrets.sent) {
      const isPut = method === 'PUT';
      expect(url).toBe(`https://cortex.test/api/v1/secrets${isPut ? '/mine' : ''}`);
      expect(JSON.parse(body as string)).toEqual(isPut ? value : { tag: 'mine', ...value });
    }
  });

  test.each([
    ['an error that is no clash', [json(403, { type: 'FORBIDDEN' })], 'PUT', { status: 403, outcome: 'rejected' }],
    ['a create that is refused', [missing, json(403, {})], 'PUT POST', { status: 403, outcome: 'rejected' }],
    ['a 400 that is no clash', [missing, json(400, { message: 'Bad tag' }), missing], 'PUT POST PUT', { status: 400 }],
    ['a 500, which is never repeated', [missing, json(500, {})], 'PUT POST', { status: 500, outcome: 'unknown' }],
    ['updates that stay unknown', [networkError()], 'PUT PUT PUT PUT', { name: 'ConnectionError', outcome: 'unknown' }],
    [
      'creates that stay unknown',
      [missing, json(503, {})],
      'PUT POST POST POST POST',
      { status: 503, outcome: 'unknown' },
    ],
    [
      'a refusal after an unknown outcome',
      [missing, networkError(), json(403, {})],
      'PUT POST POST',
      { status: 403, outcome: 'unknown' },
    ],
  ])('ends with %s', async (_, replies, expected, fields) => {
    const secrets = testClient(replies, quick);
    expect(await rejectionOf(secrets.set('mine', value))).toMatchObject({ operation: 'secrets.set', ...fields });
    expect(story(secrets.sent)).toBe(expected);
  });

  test('is bounded, also against a server that says 404 and 409 for ever', async () => {
    let calls = 0;
    const secrets = testClient([({ method }) => (++calls && method === 'POST' ? clash : missing).clone()], quick);
    expect(await rejectionOf(secrets.set('mine', value))).toMatchObject({ status: 409 });
    expect(calls).toBe(3);
  });

  test('limits count for each of its requests', async () => {
    const down = json(503, {});
    const secrets = testClient([down, down, missing, down, down, ok], { retry: { limit: 2, baseDelayMs: 0 } });
    expect(await secrets.set('mine', value)).toEqual(mine);
    const single = testClient([missing, down], quick);
    await rejectionOf(single.set('mine', value, { retry: false }));
    expect(story(single.sent)).toBe('PUT POST');
  });

  test('an answer with another tag is an error: the tag is the id of another secret', async () => {
    const secrets = testClient([json(200, secret(7))], quick);
    const error = await rejectionOf(secrets.set('se-7', value));
    expect(error).toMatchObject({ name: 'ContractError', pointer: '/tag', outcome: 'processed' });
    expect(error.message).toContain('the given tag is the id of that secret');
  });

  test('one deadline holds for all of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const slow = (answer: Response) => () => new Promise<Response>((r) => setTimeout(() => r(answer.clone()), 40));
    const secrets = testClient([slow(missing), slow(clash), slow(ok)], { deadlineMs: 100 });
    const begin = performance.now();
    const failure = rejectionOf(secrets.set('mine', value)).then((error) => ({ error, at: performance.now() - begin }));
    await vi.runAllTimersAsync();
    expect(await failure).toMatchObject({
      error: { name: 'ConnectionError', timedOut: true, outcome: 'unknown' },
      at: 100,
    });
    expect(story(secrets.sent)).toBe('PUT POST PUT');
    vi.useRealTimers();
  });

  test('events name the path of each request', async () => {
    const events: unknown[] = [];
    const onAttempt = (event: { method: string; path: string; status?: number; attempt: number }) =>
      events.push([event.attempt, event.method, event.path, event.status]);
    await testClient([missing, ok], { onAttempt }).set('mine', value);
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
  ])('refuses %s before anything is sent', async (_, tag, given) => {
    const secrets = testClient([ok]);
    expect(await rejectionOf(secrets.set(tag, given as typeof value))).toBeInstanceOf(TypeError);
    expect(secrets.sent).toEqual([]);
  });
});
