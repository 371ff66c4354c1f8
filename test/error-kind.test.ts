/** The kind of each error: decided by who responded, the status, and Cortex's type. */
import type { ErrorKind } from 'cortex-secrets';
import { describe, expect, test } from 'vitest';
import { json, networkError, neverResponds, rejectionOf, testClient } from './support/helpers.js';

const once = { retry: false } as const;
const kindOf = async (...results: Parameters<typeof testClient>[0]) =>
  (await rejectionOf(testClient(results, once).get('a'))).kind;

const html = (status: number) => new Response('<title>x</title>', { status, headers: { 'content-type': 'text/html' } });

/** Of a response in Cortex's shape, one without a body, and a page. */
const kinds: [status: number, cortex: ErrorKind, empty: ErrorKind, page: ErrorKind][] = [
  [400, 'invalid', 'invalid', 'foreign'],
  [401, 'unauthorized', 'unauthorized', 'foreign'],
  [403, 'forbidden', 'forbidden', 'foreign'],
  [404, 'not-found', 'foreign', 'foreign'],
  [405, 'invalid', 'invalid', 'foreign'],
  [407, 'invalid', 'invalid', 'foreign'],
  [408, 'unavailable', 'unavailable', 'unavailable'],
  [409, 'conflict', 'conflict', 'foreign'],
  [413, 'invalid', 'invalid', 'foreign'],
  [422, 'invalid', 'invalid', 'foreign'],
  [429, 'throttled', 'throttled', 'throttled'],
  [460, 'unavailable', 'unavailable', 'unavailable'],
  [499, 'unavailable', 'unavailable', 'unavailable'],
  [500, 'unavailable', 'unavailable', 'unavailable'],
  [502, 'unavailable', 'unavailable', 'unavailable'],
  [503, 'unavailable', 'unavailable', 'unavailable'],
  [504, 'unavailable', 'unavailable', 'unavailable'],
  [599, 'unavailable', 'unavailable', 'unavailable'],
];

describe('error.kind', () => {
  test.each(kinds)(
    'of %i: %s in Cortex’s shape, %s without a body, %s as a page',
    async (status, cortex, empty, page) => {
      expect(await kindOf(json(status, { message: 'm', type: 'UNCATEGORIZED' }))).toBe(cortex);
      expect(await kindOf(new Response('', { status }))).toBe(empty);
      expect(await kindOf(html(status))).toBe(page);
    },
  );

  test('of a taken tag is conflict with the type CONFLICT, whatever the status, and invalid with another 400', async () => {
    expect(await kindOf(json(400, { message: 'm', type: 'CONFLICT' }))).toBe('conflict');
    expect(await kindOf(json(400, { message: 'the tag is taken', type: 'BAD_REQUEST' }))).toBe('invalid');
  });

  test('of the second error shape follows from the status', async () => {
    expect(await kindOf(json(400, { violations: [{ title: 't' }] }))).toBe('invalid');
    expect(await kindOf(json(403, { violations: [{ title: 't' }] }))).toBe('forbidden');
  });

  test.each([
    ['a problem of RFC 9457', { type: 'about:blank', title: 'Not Found', status: 404 }],
    ['an ingress that copies the type', { type: 'NOT_FOUND' }],
    ['a gateway', { message: 'no Route matched with those values' }],
  ])('of a 404 of %s is foreign', async (_, body) => {
    expect(await kindOf(json(404, body))).toBe('foreign');
  });

  test('of redirects and of statuses that are no final response is foreign', async () => {
    for (const status of [301, 302, 303, 307, 308])
      expect(await kindOf(new Response(null, { status, headers: { location: 'https://login.test/' } }))).toBe(
        'foreign',
      );
    for (const status of [0, 103])
      expect(await kindOf(() => ({ status, headers: new Headers(), body: null }) as unknown as Response)).toBe(
        'foreign',
      );
  });

  test('of a failed connection is network, of a time limit timeout', async () => {
    expect(await kindOf(networkError('ECONNREFUSED', 'connect'))).toBe('network');
    expect(await kindOf(networkError())).toBe('network');
    for (const limit of [{ timeoutMs: 5 }, { deadlineMs: 5 }]) {
      const secrets = testClient([neverResponds], { ...once, ...limit });
      expect(await rejectionOf(secrets.get('a'))).toMatchObject({ kind: 'timeout', timedOut: true });
    }
  });

  test('of a 2xx is contract if it breaks the contract, and foreign if it is a page', async () => {
    for (const part of [{ id: 5 }, { tag: 5 }]) expect(await kindOf(json(200, part))).toBe('contract');
    for (const [page, kind, outcome] of [
      [{ secrets: 5 }, 'contract', 'processed'],
      [{ status: 'maintenance' }, 'foreign', 'unknown'],
      [['secrets'], 'foreign', 'unknown'],
      ['secrets', 'foreign', 'unknown'],
      [null, 'foreign', 'unknown'],
    ] as const)
      expect(await rejectionOf(testClient([json(200, page)], once).list())).toMatchObject({ kind, outcome });
    expect(await kindOf(new Response(''))).toBe('contract');
    expect(await kindOf(html(200))).toBe('foreign');
    const secrets = testClient([html(200)], once);
    expect(await rejectionOf(secrets.delete('a'))).toMatchObject({ kind: 'foreign', outcome: 'unknown' });
  });

  test('is on errors that secrets.api throws', async () => {
    const secrets = testClient([networkError()], once);
    expect((await rejectionOf(secrets.api.GET('/api/v1/secrets'))).kind).toBe('network');
  });
});
