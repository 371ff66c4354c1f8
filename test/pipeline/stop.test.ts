/** A stop ends the calls of a client, but not in the middle of an attempt; on a fake clock. */
import { isCortexError } from 'cortex-secrets';
import { describe, expect, test, vi } from 'vitest';
import { createStoppableClient } from '../../src/client.js';
import type { ClientOptions } from '../../src/options.js';
import { fakeClock } from '../support/fake-clock.js';
import { type FetchResult, json, KEY, networkError, rejectionOf, secret, stubFetch } from '../support/helpers.js';

fakeClock();

const reason = new Error('the program was asked to end');
const later = (ms: number, response: Response) => () =>
  new Promise<Response>((resolve) => setTimeout(() => resolve(response), ms));
const throttled = () => json(429, {}, { 'retry-after': '50' });

function stoppableClient(results: FetchResult[], options: ClientOptions = {}) {
  const stop = new AbortController();
  const { fetch, sent } = stubFetch(...results);
  const secrets = createStoppableClient(
    { apiKey: KEY, baseUrl: 'https://cortex.test', fetch, ...options },
    stop.signal,
  );
  const create = (tag: string, signal?: AbortSignal) =>
    secrets.create({ tag, name: 'n', secret: 'some value' }, { signal });
  return { secrets, create, sent, stop: () => stop.abort(reason) };
}

function expectStopped(error: unknown, outcome: 'not-sent' | 'unknown', attempts: number) {
  expect(isCortexError(error)).toBe(true);
  expect(error).toMatchObject({ name: 'ConnectionError', kind: 'caller', timedOut: false, outcome, attempts });
  expect((error as Error).cause).toBe(reason);
}

describe('an attempt in flight', () => {
  test('goes on, and its call succeeds', async () => {
    const { create, sent, stop } = stoppableClient([later(1000, json(200, secret(1)))]);
    const result = create('a');
    await vi.advanceTimersByTimeAsync(10);
    stop();
    expect(sent[0]?.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await result).toMatchObject({ id: 'se-1' });
  });

  test('keeps its time limit, its deadline and the signal of its call', async () => {
    const never = () => new Promise<Response>(() => {});
    for (const options of [{ timeoutMs: 500 }, { deadlineMs: 500 }]) {
      const { create, sent, stop } = stoppableClient([never], options);
      const failure = rejectionOf(create('a'));
      await vi.advanceTimersByTimeAsync(10);
      stop();
      await vi.advanceTimersByTimeAsync(500);
      expect(await failure).toMatchObject({ timedOut: true, outcome: 'unknown', attempts: 1 });
      expect(sent[0]?.signal?.aborted).toBe(true);
    }
    const { create, sent, stop } = stoppableClient([never]);
    const controller = new AbortController();
    const failure = rejectionOf(create('a', controller.signal));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    controller.abort('the user left');
    expect(await failure.catch((error) => error)).toBe('the user left');
    expect(sent[0]?.signal?.aborted).toBe(true);
  });

  test.each<[string, FetchResult, 'not-sent' | 'unknown']>([
    ['is throttled', later(1000, throttled()), 'not-sent'],
    ['gets a 503', later(1000, json(503, {})), 'unknown'],
    ['breaks', () => later(1000, json(200, {}))().then(() => Promise.reject(networkError())), 'unknown'],
    [
      'was not connected',
      () => later(1000, json(200, {}))().then(() => Promise.reject(networkError('ECONNREFUSED', 'connect'))),
      'not-sent',
    ],
  ])('that %s is not retried', async (_, result, outcome) => {
    const { secrets, sent, stop } = stoppableClient([result, json(200, secret(1))]);
    const failure = rejectionOf(secrets.update('a', { name: 'n' }));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    await vi.advanceTimersByTimeAsync(1000);
    expectStopped(await failure, outcome, 1);
    expect(sent).toHaveLength(1);
  });

  test('that would not be retried ends the call with its own error', async () => {
    const { create, stop } = stoppableClient([later(1000, json(503, {}))]);
    const failure = rejectionOf(create('a'));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await failure).toMatchObject({ name: 'ApiError', status: 503, outcome: 'unknown' });
  });

  test('of a set is the last: the create after an update that finds nothing is not sent', async () => {
    const { secrets, sent, stop } = stoppableClient([
      later(1000, json(404, { type: 'NOT_FOUND', message: 'none' })),
      json(200, secret(1)),
    ]);
    const failure = rejectionOf(secrets.set('a', { name: 'n', secret: 'some value' }));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    await vi.advanceTimersByTimeAsync(1000);
    expectStopped(await failure, 'not-sent', 1);
    expect(sent).toHaveLength(1);
  });
});

describe('a wait ends at once:', () => {
  test('between two attempts', async () => {
    const { secrets, sent, stop } = stoppableClient([json(503, {}, { 'retry-after': '50' })]);
    const failure = rejectionOf(secrets.update('a', { name: 'n' }));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    expectStopped(await failure, 'unknown', 1);
    expect(sent).toHaveLength(1);
  });

  test('for the end of a pause, of the throttled call and of those that were not sent yet', async () => {
    const { create, sent, stop } = stoppableClient([throttled]);
    const failures = [create('a'), create('b')].map(rejectionOf);
    await vi.advanceTimersByTimeAsync(10);
    failures.push(rejectionOf(create('c')));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    for (const [i, failure] of failures.entries()) expectStopped(await failure, 'not-sent', i < 2 ? 1 : 0);
    expect(sent).toHaveLength(2);
  });

  test('for a slot, while the attempt that holds it goes on', async () => {
    const { create, sent, stop } = stoppableClient([later(1000, json(200, secret(1)))], { maxConcurrency: 1 });
    const first = create('a');
    const second = rejectionOf(create('b'));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    expectStopped(await second, 'not-sent', 0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await first).toMatchObject({ id: 'se-1' });
    expect(sent).toHaveLength(1);
  });

  test.each<[string, ClientOptions]>([
    ['the apiKey function', { apiKey: () => new Promise<string>(() => {}) }],
    ['the headers function', { headers: () => new Promise<Record<string, string>>(() => {}) }],
    ['the limiter', { limiter: { acquire: () => new Promise<void>(() => {}) } }],
  ])('for %s', async (_, options) => {
    const { create, sent, stop } = stoppableClient([json(200, secret(1))], options);
    const failure = rejectionOf(create('a'));
    await vi.advanceTimersByTimeAsync(10);
    stop();
    expectStopped(await failure, 'not-sent', 0);
    expect(sent).toEqual([]);
  });
});

test('after it nothing is sent', async () => {
  const { secrets, create, sent, stop } = stoppableClient([json(200, secret(1))]);
  stop();
  expectStopped(await rejectionOf(create('a')), 'not-sent', 0);
  expectStopped(await rejectionOf(secrets.get('a')), 'not-sent', 0);
  const { error } = await secrets.api.GET('/api/v1/secrets').catch((thrown) => ({ error: thrown }));
  expectStopped(error, 'not-sent', 0);
  expect(sent).toEqual([]);
});

test('at each moment of a call: it is sent as a whole or not at all', async () => {
  let sentOnce = 0;
  for (let moment = 0; moment < 60; moment++) {
    const { create, sent, stop } = stoppableClient([json(200, secret(1))]);
    const result = create('a').catch((error) => error);
    for (let i = 0; i < moment; i++) await undefined;
    stop();
    const ended = await result;
    if (sent.length === 0) expectStopped(ended, 'not-sent', 0);
    else expect(ended).toMatchObject({ id: 'se-1' });
    sentOnce += sent.length;
  }
  expect(sentOnce).toBeGreaterThan(0);
  expect(sentOnce).toBeLessThan(60);
});

test('its listeners are removed after each call', async () => {
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, 'addEventListener');
  const remove = vi.spyOn(signal, 'removeEventListener');
  const { fetch } = stubFetch(json(200, secret(1)), networkError());
  const secrets = createStoppableClient({ apiKey: KEY, baseUrl: 'https://cortex.test', fetch, retry: false }, signal);
  await secrets.get('a');
  await rejectionOf(secrets.get('a'));
  expect(add).toHaveBeenCalledTimes(2);
  expect(remove.mock.calls).toEqual(add.mock.calls);
});
