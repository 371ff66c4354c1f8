/** Error bodies: Cortex's own, and those of what stands before it. */
import { describe, expect, test } from 'vitest';
import { isCortexNotFound, readErrorBody } from '../src/error-body.js';

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
    expect(readErrorBody(text)).toHaveProperty('type');
  });

  test.each([400, 403, 410, 500, 200])('rejects the status %i', (status) => {
    expect(isCortexNotFound({ status, text: '{"message":"x","type":"NOT_FOUND"}' })).toBe(false);
  });

  test.each(foreign)('rejects a 404 with %s', (_, text) => {
    expect(isCortexNotFound({ status: 404, text })).toBe(false);
    expect(readErrorBody(text)).not.toHaveProperty('type');
  });
});
