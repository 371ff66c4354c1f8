import type { AttemptEvent } from 'cortex-secrets';
import { describe, expect, test } from 'vitest';
import { broken, clientOver, failureOf, json, KEY, secret, silence, VALUE } from '../support/helpers.js';

const quick = { retry: { limit: 3, baseDelayMs: 0 } };

describe('onAttempt', () => {
  test('is told of every attempt, and of nothing that is secret', async () => {
    const events: AttemptEvent[] = [];
    const secrets = clientOver(
      [json(503, {}, { 'x-request-id': `id of ${VALUE} and ${KEY}` }), broken(), json(200, secret(1))],
      { ...quick, onAttempt: (event) => events.push(event) },
    );
    await secrets.update('my-tag', { secret: VALUE });
    const shared = { operation: 'secrets.update', method: 'PUT', path: '/api/v1/secrets/{tagOrId}' };
    const durationMs = expect.any(Number);
    expect(events).toStrictEqual([
      { ...shared, attempt: 1, durationMs, status: 503, retryInMs: 0, requestId: 'id of [redacted] and [redacted]' },
      { ...shared, attempt: 2, durationMs, retryInMs: 0 },
      { ...shared, attempt: 3, durationMs, status: 200 },
    ]);
  });

  test('is not told of what was not sent', async () => {
    const events: unknown[] = [];
    const secrets = clientOver([json(200, secret(1))], { onAttempt: (event) => events.push(event) });
    await failureOf(secrets.get('..'));
    await failureOf(secrets.get('a', { signal: AbortSignal.abort() }));
    const keyless = clientOver([json(200, secret(1))], { apiKey: () => '', onAttempt: (event) => events.push(event) });
    await failureOf(keyless.get('a'));
    expect(events).toEqual([]);
    // Nor of a call that a long pause turns away.
    const paused = clientOver([json(429, {}, { 'retry-after': '90' })], { onAttempt: (event) => events.push(event) });
    await failureOf(paused.get('a'));
    await failureOf(paused.get('b'));
    expect(events).toMatchObject([{ attempt: 1, status: 429 }]);
  });

  test('is told of an attempt that an abort or a deadline ended', async () => {
    for (const end of [{ signal: AbortSignal.timeout(20) }, { deadlineMs: 20 }]) {
      const events: AttemptEvent[] = [];
      const secrets = clientOver([silence], { onAttempt: (event) => events.push(event) });
      await failureOf(secrets.update('a', { name: 'n' }, end));
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(events).toMatchObject([{ attempt: 1, operation: 'secrets.update' }]);
      expect(events[0]).not.toHaveProperty('status');
      expect(events[0]).not.toHaveProperty('retryInMs');
    }
  });

  test('can’t change a call by failing', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    for (const onAttempt of [
      () => {
        throw new Error('the log is full');
      },
      (async () => {
        throw new Error('the log is full');
      }) as () => void,
    ]) {
      expect(await clientOver([json(503, {}), json(200, secret(1))], { ...quick, onAttempt }).get('a')).toEqual(
        secret(1),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });
});
