/** What an error of `fetch` means: whether a connection was made, and what is known of the reason. */
import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../src/pipeline/network-failure.js';

/** What Node's fetch rejects with: the cause says what happened. */
const failed = (fields: object, message = 'the cause') =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), fields) });

test("OpenSSL's own format is left out of the reason", () => {
  const message =
    '80FCC1E7A87F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:355:\n';
  const code = 'ERR_SSL_WRONG_VERSION_NUMBER';
  expect(classifyFailure(failed({ code }, message))).toEqual({
    kind: 'interrupted',
    code,
    reason: 'wrong version number',
  });
  const reason = 'connect ECONNREFUSED ::1:443';
  expect(classifyFailure(failed({ code: 'ECONNREFUSED', syscall: 'connect' }, reason))).toMatchObject({ reason });
});

describe('a code without a system call', () => {
  test.each([
    'UND_ERR_CONNECT_TIMEOUT',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ConnectionRefused',
    'FailedToOpenSocket',
  ])('%s: no connection was made', (code) => {
    expect(classifyFailure(failed({ code }))).toEqual({ kind: 'not-connected', code, reason: 'the cause' });
  });

  test.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'HOSTNAME_MISMATCH',
  ])('%s: the certificate is rejected, and will be again', (code) => {
    expect(classifyFailure(failed({ code }))).toMatchObject({ kind: 'permanent', code });
  });

  test.each([
    'ECONNRESET',
    'UND_ERR_SOCKET',
    'ERR_UNABLE_TO_READ',
    'INVALID',
    'INVALID_CALL',
    'ERR_INVALID_CA',
    'INVALID_PURPOSES',
    'X_HOSTNAME_MISMATCH',
    'HOSTNAME_MISMATCHES',
  ])('%s: the request may have been sent', (code) => {
    expect(classifyFailure(failed({ code }))).toMatchObject({ kind: 'interrupted', code });
  });
});

describe('a system call', () => {
  test.each([
    ['connect', 'ECONNRESET', 'not-connected'],
    ['getaddrinfo', 'ESERVFAIL', 'not-connected'],
    ['read', 'ECONNREFUSED', 'interrupted'],
    ['write', 'EPIPE', 'interrupted'],
  ])('%s with %s is %s', (syscall, code, kind) => {
    expect(classifyFailure(failed({ code, syscall }))).toMatchObject({ kind, code });
  });

  test('of the first of several addresses says more than the code of all', () => {
    const each = (syscall: string) => Object.assign(new Error('x'), { code: 'ETIMEDOUT', syscall });
    const of = (errors: unknown[]) => classifyFailure(failed({ code: 'ETIMEDOUT', syscall: 'read', errors }));
    expect(of([each('connect'), each('read')])).toMatchObject({ kind: 'not-connected' });
    expect(of([each('write')])).toMatchObject({ kind: 'interrupted' });
    expect(of([])).toMatchObject({ kind: 'interrupted' });
  });
});

describe('the chain of causes', () => {
  const wrap = (error: unknown, times: number): unknown =>
    times === 0 ? error : wrap(new Error(`wrapped ${times}`, { cause: error }), times - 1);
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });

  test('is followed to the first code, at most five steps', () => {
    expect(classifyFailure(refused)).toEqual({ kind: 'not-connected', code: 'ECONNREFUSED', reason: 'refused' });
    expect(classifyFailure(wrap(refused, 5))).toMatchObject({ kind: 'not-connected', reason: 'refused' });
    expect(classifyFailure(wrap(refused, 6))).toMatchObject({ kind: 'interrupted' });
  });

  test('ends at a code: the cause behind it is not read', () => {
    const error = Object.assign(new Error('reset', { cause: refused }), { code: 'ECONNRESET' });
    expect(classifyFailure(error)).toEqual({ kind: 'interrupted', code: 'ECONNRESET', reason: 'reset' });
  });

  test('may be a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(classifyFailure(error)).toEqual({ kind: 'interrupted', reason: 'round' });
  });

  test.each([null, undefined, 'text', 5])('ends at a cause that is no object: %s', (cause) => {
    expect(classifyFailure(new Error('outer', { cause }))).toEqual({ kind: 'interrupted', reason: 'outer' });
    const inner = new Error('inner', { cause });
    expect(classifyFailure(new Error('outer', { cause: inner }))).toEqual({ kind: 'interrupted', reason: 'inner' });
  });

  test('a cause without a message: the message of the error itself is the reason', () => {
    expect(classifyFailure(new Error('outer', { cause: new Error() }))).toMatchObject({ reason: 'outer' });
  });

  test('a code that is not a string is none', () => {
    const failure = classifyFailure(failed({ code: 23 }));
    expect(failure).toEqual({ kind: 'interrupted', reason: 'the cause' });
  });
});

describe('without a code', () => {
  test.each([
    ['bad port', 'permanent'],
    ['bad ports', 'interrupted'],
    ['terminated', 'interrupted'],
  ])('%j is %s', (reason, kind) => {
    expect(classifyFailure(new TypeError('fetch failed', { cause: new Error(reason) }))).toEqual({ kind, reason });
  });

  test.each([
    ['Proxy response () !== 200 when HTTP Tunneling', 'interrupted'],
    ['Proxy response (x) !== 200 when HTTP Tunneling', 'interrupted'],
    ['it said: Proxy response (502) !== 200 when HTTP Tunneling', 'interrupted'],
  ])('of a proxy: %j is %s', (reason, kind) => {
    expect(classifyFailure(failed({}, reason))).toEqual({ kind, reason });
  });

  test.each([
    [{}, 407, 'permanent', 'check the user and the password of the proxy'],
    [{ code: 'UND_ERR_ABORTED' }, 407, 'permanent', 'check the user and the password of the proxy'],
    [{}, 502, 'not-connected', 'it allows no connection to this host, or has none'],
    [{}, 5, 'not-connected', 'it allows no connection to this host, or has none'],
  ])('of a proxy that refuses the tunnel, %j with %d: it is %s', (cause, status, kind, advice) => {
    expect(classifyFailure(failed(cause, `Proxy response (${status}) !== 200 when HTTP Tunneling`))).toEqual({
      kind,
      reason: `the proxy responded to CONNECT with ${status}: ${advice}`,
    });
  });
});

describe('what is no Error', () => {
  test.each<[string, unknown, string]>([
    ['a string', 'the host left', 'the host left'],
    ['an empty string', '', 'no reason given'],
    ['nothing', undefined, 'no reason given'],
    ['null', null, 'no reason given'],
    ['a number', 5, 'no reason given'],
    ['plain data', { status: 'gone' }, '{"status":"gone"}'],
    ['plain data with a message', { message: 'gone' }, 'gone'],
    ['an Error without a message', new Error(), 'no reason given'],
  ])('%s: it is the reason if it says something', (_, thrown, reason) => {
    expect(classifyFailure(thrown)).toEqual({ kind: 'interrupted', reason });
  });

  test('plain data that is a circle: the error can not be read', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(classifyFailure(circle)).toEqual({ kind: 'interrupted', reason: 'the error can not be read' });
  });

  test('a getter that throws: the error can not be read', () => {
    const hostile = {
      get code() {
        throw new Error('no');
      },
    };
    expect(classifyFailure(hostile)).toEqual({ kind: 'interrupted', reason: 'the error can not be read' });
  });
});
