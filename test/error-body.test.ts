/** Error bodies: Cortex's own, and those of what stands before it. */
import { describe, expect, test } from 'vitest';
import { isCortexNotFound, readErrorBody, toErrorBody } from '../src/error-body.js';

/** 404s of what stands before Cortex. None of them says that a secret is missing. */
const foreign: [what: string, body: string][] = [
  ['nothing', ''],
  ['HTML', '<html><title>404 Not Found</title></html>'],
  ['text', 'default backend - 404'],
  ['RFC 9457', '{"type":"about:blank","title":"Not Found","status":404}'],
  ['RFC 9457 with a message', '{"type":"https://x.test/missing","message":"x","status":404}'],
  ['Spring', '{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/api/v1/secrets/a"}'],
  ['Kong', '{"message":"no Route matched with those values"}'],
  ['a type in small letters', '{"message":"x","type":"not_found"}'],
  ['a type and no message', '{"type":"NOT_FOUND"}'],
  ['a message that is no string', '{"message":{},"type":"NOT_FOUND"}'],
  ['Google', '{"error":{"code":404,"message":"x","status":"NOT_FOUND"}}'],
  ['an array', '[{"message":"x","type":"NOT_FOUND"}]'],
  ['null', 'null'],
  ['truncated JSON', '{"message":"x","type":"NOT_FOUND"'],
];

describe('isCortexNotFound', () => {
  test.each([
    '{"message":"Secret not found","type":"NOT_FOUND"}',
    '{"message":"","type":"A_TYPE_THAT_WILL_COME","details":"tag: a"}',
  ])('accepts Cortex’s own 404, %s', (text) => {
    expect(isCortexNotFound({ status: 404, text })).toBe(true);
    expect(readErrorBody(404, text)).toHaveProperty('fields.type');
  });

  test.each([400, 403, 410, 500, 200])('rejects the status %i', (status) => {
    expect(isCortexNotFound({ status, text: '{"message":"x","type":"NOT_FOUND"}' })).toBe(false);
  });

  test.each(foreign)('rejects a 404 with %s', (_, text) => {
    expect(isCortexNotFound({ status: 404, text })).toBe(false);
    expect(readErrorBody(404, text)).not.toHaveProperty('fields.type');
  });
});

describe('readErrorBody', () => {
  test.each<[what: string, body: string, message: string | undefined]>([
    ['message, before all others', '{"message":"m","detail":"d","title":"t","error":"e"}', 'm'],
    ['detail, before title', '{"type":"about:blank","title":"t","detail":"d"}', 'd'],
    ['title', '{"type":"about:blank","title":"t","status":500}', 't'],
    ['error', '{"status":400,"error":"Bad Request","path":"/x"}', 'Bad Request'],
    ['error_description', '{"error_description":"expired"}', 'expired'],
    ['an error in a list', '{"errors":["first","second"]}', 'first'],
    ['an error in a list, as an object', '{"errors":[{"status":"500","detail":"first"}]}', 'first'],
    ['the message of an error', '{"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}}', 'no'],
    ['an empty message, then another', '{"message":"","title":"t"}', 't'],
    ['the title of a page', '<!doctype html><html><title>\n  Web  Page Blocked!\n</title>', 'Web Page Blocked!'],
    ['a title that repeats the status', '<title>500: Internal error</title>', 'Internal error'],
    ['a title that is the status', '<title>500</title>', ''],
    ['a title after one that has no end', '<title <title>x</title>', 'x'],
    ['a text', 'upstream connect error', undefined],
    ['a circle of errors', JSON.stringify({ error: { error: { error: { error: { error: 'deep' } } } } }), undefined],
    ['an own type and a message', '{"message":"m","type":"about:blank"}', 'm'],
    ['violations of RFC 9457', '{"type":"https://x.test/c","title":"t","violations":[{"title":"v"}]}', 't'],
    ['violations of another kind', '{"title":"t","violations":[{"field":"tag","message":"v"}]}', 't'],
  ])('reads %s', (_, body, message) => {
    const read = readErrorBody(500, body);
    expect(read).toEqual({ source: 'foreign', message, fields: { details: body } });
  });

  test('reads both of Cortex’s shapes', () => {
    expect(readErrorBody(400, '{"message":"m","type":"BAD_REQUEST","details":"d","requestId":"r","x":1}')).toEqual({
      source: 'cortex',
      message: 'm',
      fields: { type: 'BAD_REQUEST', details: 'd', requestId: 'r' },
    });
    expect(readErrorBody(400, '{"violations":[{"title":"a"},{"description":"b","title":"c"}]}')).toEqual({
      source: 'cortex',
      message: 'a; b',
      fields: { violations: [{ title: 'a' }, { description: 'b', title: 'c' }] },
    });
  });

  test.each(['', ' \n', '{}', '{"message":"Secret not fou'])('cannot tell who wrote %j, except for a 404', (body) => {
    expect(readErrorBody(401, body).source).toBe('unknown');
    expect(readErrorBody(404, body).source).toBe('foreign');
  });

  test('takes a time that is linear in the body', () => {
    for (const part of ['<title', '<title ', '<title>', '<title\n>', '{"error":', '[', ' '])
      for (const body of [part.repeat(65_536 / part.length), `<title>${part.repeat(65_536 / part.length)}`]) {
        const begin = performance.now();
        readErrorBody(500, body);
        // 64 kB take a few milliseconds; a search that is quadratic takes seconds.
        expect(performance.now() - begin).toBeLessThan(500);
      }
  });
});

describe('toErrorBody', () => {
  test('keeps a body of the contract’s shape, with fields that the contract does not name', () => {
    const body = { message: 'm', type: 'NOT_FOUND', gatewayHttpStatus: 1, extra: true };
    expect(toErrorBody(404, body)).toBe(body);
  });

  test.each<[status: number, given: unknown, expected: object]>([
    [500, '', { message: 'HTTP 500' }],
    [500, undefined, { message: 'HTTP 500' }],
    [502, null, { message: 'HTTP 502', details: 'null' }],
    [404, '<title>404 Not Found</title>', { message: 'Not Found', details: '<title>404 Not Found</title>' }],
    [403, 'x', { message: 'HTTP 403', details: 'x' }],
    [500, { type: 'about:blank', detail: 'd' }, { message: 'd', details: '{"type":"about:blank","detail":"d"}' }],
    [400, { violations: [{ title: 'a' }] }, { message: 'a', violations: [{ title: 'a' }] }],
    [400, { message: 5, type: 'BAD_REQUEST' }, { message: 'HTTP 400', details: '{"message":5,"type":"BAD_REQUEST"}' }],
  ])('makes one of %i %j', (status, given, expected) => {
    expect(toErrorBody(status, given)).toEqual({ type: '', httpStatus: status, ...expected });
  });
});
