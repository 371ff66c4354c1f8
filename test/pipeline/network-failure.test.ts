/** What an error of `fetch` means: whether a connection was made, and what is known of the reason. */
import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../src/pipeline/network-failure.js';

/** What Node's fetch rejects with: the cause says what happened. */
const failed = (fields: object, message = 'the cause') =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), fields) });

/** An error as a runtime makes it. */
const thrown = (text: string, fields: object = {}, Type: ErrorConstructor = TypeError) =>
  Object.assign(new Type(text), fields);
const dom = (name: string, text: string) => new DOMException(text, name);
const deno = (text: string) => new TypeError('fetch failed', { cause: new Error(text) });
const bunClosed = 'The socket connection was closed unexpectedly. For more information, pass `verbose: true`';

/**
 * What fetch rejects with if the network fails. Seen on loopback in Node 20.20, 22.23, 24.9 and 26.9, Bun 1.4, Deno 2.9,
 * workerd 1.20261117, Debian's Chromium and Firefox 153 ESR. Not seen, but known: the texts of WebKit (CFNetwork's), React
 * Native (whatwg-fetch), Electron (Chromium's net errors), node-fetch, and of other versions.
 */
const OF_NETWORK: [runtime: string, what: string, error: unknown, kind: string][] = [
  ['Node', 'nobody listens', failed({ code: 'ECONNREFUSED', syscall: 'connect' }), 'not-connected'],
  ['Node', 'an unknown host', failed({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'not-connected'],
  ['Node', 'no route', failed({ code: 'EHOSTUNREACH', syscall: 'connect' }), 'not-connected'],
  ['Node', 'a reset while connecting', failed({ code: 'ECONNRESET', syscall: 'connect' }), 'not-connected'],
  ['Node', 'a reset', failed({ code: 'ECONNRESET', syscall: 'read' }, 'read ECONNRESET'), 'interrupted'],
  ['Node', 'a broken pipe', failed({ code: 'EPIPE', syscall: 'write' }), 'interrupted'],
  ['Node', 'a closed connection', failed({ code: 'UND_ERR_SOCKET' }, 'other side closed'), 'interrupted'],
  ['Node 20, 22', 'no HTTP', failed({ code: 'HPE_INVALID_CONSTANT' }, 'Response does not match'), 'interrupted'],
  ['Node 24, 26', 'no HTTP', failed({}, 'Response does not match the HTTP/1.1 protocol'), 'interrupted'],
  ['Node', 'a truncated body', new TypeError('terminated'), 'interrupted'],
  ['Node', 'a blocked port', failed({}, 'bad port'), 'permanent'],
  ['Node', 'a certificate', failed({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'permanent'],
  ['Node 26', 'a proxy that closes CONNECT', failed({ code: 'UND_ERR_PRX_CONN' }), 'not-connected'],
  ['Bun', 'nobody listens', thrown('ECONNREFUSED: Unable to connect. Is', { code: 'ECONNREFUSED' }), 'not-connected'],
  ['Bun', 'an unknown host', thrown('x', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'not-connected'],
  ['Bun', 'no route', thrown('EHOSTUNREACH: Unable to connect. Is', { code: 'EHOSTUNREACH' }), 'not-connected'],
  [
    'Bun',
    'a reset while connecting',
    thrown('ECONNRESET: Unable to connect. Is', { code: 'ECONNRESET' }),
    'not-connected',
  ],
  ['Bun', 'a reset', thrown(`ECONNRESET: ${bunClosed}`, { code: 'ECONNRESET' }), 'interrupted'],
  ['Bun 1.1', 'a closed connection', thrown(bunClosed, { code: 'ConnectionClosed' }, Error), 'interrupted'],
  ['Bun', 'a broken encoding', thrown('ZlibError fetching', { code: 'ZlibError' }), 'interrupted'],
  ['Bun', 'a certificate', thrown('self signed', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'permanent'],
  ['Deno', 'nobody listens', deno('error sending request for url (x): client error (Connect): tcp'), 'not-connected'],
  ['Deno', 'an unknown host', deno('error sending request for url (x): client error (Connect): dns'), 'not-connected'],
  ['Deno', 'a proxy that resets CONNECT', deno('error: client error (Connect): unexpected eof'), 'not-connected'],
  ['Deno', 'a reset', deno('Connection reset by peer (os error 104)'), 'interrupted'],
  ['Deno', 'a closed connection', deno('error: client error (SendRequest): connection closed'), 'interrupted'],
  ['Deno', 'a certificate', deno('error: client error (Connect): invalid peer certificate: Other'), 'permanent'],
  ['Deno 1', 'a reset', new TypeError('error sending request for url (x): connection closed'), 'interrupted'],
  [
    'workerd',
    'nobody listens, a reset, a close',
    thrown('Network connection lost.', { retryable: true }, Error),
    'interrupted',
  ],
  ['workerd', 'an unknown host, a certificate', thrown('internal error; reference = abc', {}, Error), 'interrupted'],
  ['Chromium', 'anything', new TypeError('Failed to fetch'), 'interrupted'],
  ['Chromium, newer', 'anything', new TypeError('Failed to fetch (cortex.test)'), 'interrupted'],
  ['Chromium, older', 'a truncated body', new TypeError('network error'), 'interrupted'],
  ['Firefox', 'anything', new TypeError('NetworkError when attempting to fetch resource.'), 'interrupted'],
  ['WebKit', 'anything', new TypeError('Load failed'), 'interrupted'],
  ['WebKit, newer', 'anything', new TypeError('Load failed (cortex.test)'), 'interrupted'],
  ['WebKit', 'a reset', new TypeError('The network connection was lost.'), 'interrupted'],
  ['WebKit', 'no network', new TypeError('The Internet connection appears to be offline.'), 'interrupted'],
  ['WebKit', 'nobody listens', new TypeError('Could not connect to the server.'), 'interrupted'],
  [
    'WebKit',
    'an unknown host',
    new TypeError('A server with the specified hostname could not be found.'),
    'interrupted',
  ],
  ['React Native', 'anything', new TypeError('Network request failed'), 'interrupted'],
  ['Electron', 'no network', new Error('net::ERR_INTERNET_DISCONNECTED'), 'interrupted'],
  ['node-fetch', 'a reset', thrown('request failed', { code: 'ECONNRESET', type: 'system' }, Error), 'interrupted'],
  [
    'node-fetch',
    'a truncated body',
    thrown('Premature close', { code: 'ERR_STREAM_PREMATURE_CLOSE' }, Error),
    'interrupted',
  ],
  ['any', "an abort that is not the client's", dom('AbortError', 'This operation was aborted'), 'interrupted'],
];

describe('what is known to come from the network', () => {
  test.each(OF_NETWORK)('%s: %s', (_, __, error, kind) => {
    // Also if it comes early, as in tests of users: it says itself what it is.
    for (const nothingSent of [false, true]) expect(classifyFailure(error, { nothingSent })).toMatchObject({ kind });
    const failure = classifyFailure(new Error('of a wrapper', { cause: error }));
    expect(failure).toMatchObject({ kind });
    expect(failure).not.toHaveProperty('timedOut');
  });
});

/** What a fetch of each runtime rejects with if it refuses its arguments; and errors of programs. */
const NOT_OF_NETWORK: [runtime: string, what: string, error: unknown][] = [
  ['Node 20', 'a signal', new TypeError("Failed to construct 'Request': member signal is not of type AbortSignal.")],
  [
    'Node 24',
    'a signal',
    new TypeError('RequestInit: Expected signal ("AbortSignal {}") to be an instance of AbortSignal.'),
  ],
  ['Bun', 'a signal', thrown('signal is not of type AbortSignal.', { code: 'ERR_INVALID_ARG_TYPE' })],
  [
    'Deno',
    'a signal',
    new TypeError("Failed to construct 'Request': 'signal' of 'RequestInit' (Argument 2) is not of type AbortSignal"),
  ],
  ['workerd', 'a signal', new TypeError("Incorrect type for the 'signal' field on 'RequestInitializerDict'")],
  ['workerd', 'a cache mode', new TypeError('Unsupported cache mode: no-store')],
  [
    'Chromium',
    'a signal',
    new TypeError("Failed to execute 'fetch' on 'Window': Failed to read the 'signal' property from 'RequestInit'"),
  ],
  [
    'Firefox',
    'a signal',
    new TypeError("Window.fetch: 'signal' member of RequestInit does not implement interface AbortSignal."),
  ],
  ['Node', 'a header', new TypeError('Headers.append: "x" is an invalid header value.')],
  ['Bun', 'a header', new TypeError("Header 'a' has invalid value")],
  ['Deno', 'a blocked port', new TypeError('Fetch failed: Requests to port 6000 are blocked')],
  [
    'Node',
    'an address',
    new TypeError('Failed to parse URL from x', { cause: thrown('Invalid URL', { code: 'ERR_INVALID_URL' }) }),
  ],
  ['undici', 'a dispatcher of another version', failed({ code: 'UND_ERR_INVALID_ARG' }, 'invalid onError method')],
  ['undici', 'a content-length', failed({ code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' })],
  ['undici', 'a closed agent', failed({ code: 'UND_ERR_DESTROYED' })],
  ['a program', 'an unknown name', new ReferenceError('getTokne is not defined')],
  ['a program', 'no function', new TypeError('res.headers.get is not a function')],
  ['a program', 'no object', new TypeError("Cannot read properties of undefined (reading 'connection')")],
  ['a program', 'a file', thrown('no such file', { code: 'ENOENT', syscall: 'open' }, Error)],
  ['a program', 'an error of its own', new Error('the vault is sealed')],
  ['a program', 'a clone', dom('DataCloneError', 'f could not be cloned')],
  // What holds a text, a name or a code of the network, and says something else.
  ['a program', 'a text that ends like one', new Error('the lease was terminated')],
  ['a program', 'a text that begins like one', new Error('terminated by the policy of the vault')],
  ['a program', 'a name that ends like one', dom('VaultNetworkError', 'sealed')],
  ['a program', 'a name that begins like one', dom('NetworkErrorOfVault', 'sealed')],
  ['a program', 'a code that ends like one', thrown('sealed', { code: 'VAULT_UND_ERR_SOCKET' }, Error)],
];

describe('what is not known to come from the network', () => {
  test.each(NOT_OF_NETWORK)('%s: %s', (_, __, error) => {
    expect(classifyFailure(error, { nothingSent: true })).toMatchObject({ kind: 'refused' });
    expect(classifyFailure(error, { nothingSent: false })).toMatchObject({ kind: 'unrecognized' });
  });
});

describe('a time limit of fetch itself', () => {
  test.each([
    [
      'Node: headers',
      failed({ code: 'UND_ERR_HEADERS_TIMEOUT' }, 'Headers Timeout Error'),
      /^Headers Timeout Error; Node's fetch waits 300 s/,
    ],
    [
      'Node: body',
      failed({ code: 'UND_ERR_BODY_TIMEOUT' }, 'Body Timeout Error'),
      /^Body Timeout Error; Node's fetch waits 300 s/,
    ],
    ['Bun', dom('TimeoutError', 'The operation timed out.'), /^The operation timed out\.$/],
    ['of a cause', new TypeError('fetch failed', { cause: dom('TimeoutError', 'too late') }), /^too late$/],
    [
      'AbortSignal.timeout in a custom fetch',
      dom('TimeoutError', 'The operation was aborted due to timeout'),
      /timeout$/,
    ],
  ])('%s: the attempt timed out, and may have been processed', (_, error, reason) => {
    expect(classifyFailure(error)).toMatchObject({
      kind: 'interrupted',
      timedOut: true,
      reason: expect.stringMatching(reason),
    });
  });

  test('while connecting: no connection was made', () => {
    expect(classifyFailure(failed({ code: 'UND_ERR_CONNECT_TIMEOUT' }))).not.toHaveProperty('timedOut');
  });
});

test('a read that fails below TLS, of an https request: a proxy ended the connection after CONNECT', () => {
  const reset = (place: string, syscall = 'read', message = 'read ECONNRESET') =>
    failed({ code: 'ECONNRESET', syscall, stack: `Error: ${message}\n    at ${place}.onStreamRead (node:x)` });
  expect(classifyFailure(reset('TCP'), { isTls: true })).toMatchObject({ kind: 'not-connected' });
  expect(classifyFailure(reset('TCP'), { isTls: false })).toMatchObject({ kind: 'interrupted' });
  for (const other of [reset('TLSWrap'), reset('TCP', 'write'), reset('TLSWrap', 'read', 'seen at TCP.onStreamRead x')])
    expect(classifyFailure(other, { isTls: true })).toMatchObject({ kind: 'interrupted' });
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
    'X_ECONNREFUSED',
    'ECONNREFUSED_X',
    'X_UND_ERR_PRX_TLS',
    'UND_ERR_PRX_TLS_X',
    'X_UND_ERR_CLOSED',
    'X_UND_ERR_BODY_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT_X',
  ])('%s: the request may have been sent', (code) => {
    expect(classifyFailure(failed({ code }))).toEqual({ kind: 'interrupted', code, reason: 'the cause' });
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
    expect(classifyFailure(wrap(refused, 6))).toMatchObject({ kind: 'unrecognized' });
  });

  test('ends at a code: the cause behind it is not read', () => {
    const error = Object.assign(new Error('reset', { cause: refused }), { code: 'ECONNRESET' });
    expect(classifyFailure(error)).toEqual({ kind: 'interrupted', code: 'ECONNRESET', reason: 'reset' });
  });

  test('may be a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(classifyFailure(error)).toEqual({ kind: 'unrecognized', reason: 'round' });
  });

  test.each([null, undefined, 'text', 5])('ends at a cause that is no object: %s', (cause) => {
    expect(classifyFailure(new Error('outer', { cause }))).toEqual({ kind: 'unrecognized', reason: 'outer' });
    const inner = new Error('inner', { cause });
    expect(classifyFailure(new Error('outer', { cause: inner }))).toEqual({ kind: 'unrecognized', reason: 'inner' });
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
    ['a bad port', 'interrupted'],
    ['no Proxy Authentication Required', 'interrupted'],
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
    ['a number', 5, '5'],
    ['plain data', { status: 'gone', tries: [1, { ok: false }], no: null }, 'status: gone, 0: 1, ok: false'],
    ['plain data without a text', { items: [] }, 'no reason given'],
    ['plain data with a message', { message: 'gone' }, 'gone'],
  ])('%s: it is the reason if it says something', (_, thrown, reason) => {
    expect(classifyFailure(thrown)).toEqual({ kind: 'interrupted', reason });
  });

  test('an Error without a message has no reason', () => {
    for (const error of [new Error(), Object.assign(new Error(), { path: '/etc' })])
      expect(classifyFailure(error)).toEqual({ kind: 'unrecognized', reason: 'no reason given' });
  });

  test('plain data that is a circle: the error can not be read', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(classifyFailure(circle)).toEqual({ kind: 'unrecognized', reason: 'the error can not be read' });
  });

  test('a getter that throws: the error can not be read', () => {
    const hostile = {
      get code() {
        throw new Error('no');
      },
    };
    const reason = 'the error can not be read';
    expect(classifyFailure(hostile)).toEqual({ kind: 'unrecognized', reason });
    expect(classifyFailure(hostile, { nothingSent: true })).toEqual({ kind: 'refused', reason });
  });
});

test("OpenSSL's own format is left out of the reason", () => {
  const message =
    '80FCC1E7A87F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:355:\n';
  const code = 'ERR_SSL_WRONG_VERSION_NUMBER';
  expect(classifyFailure(failed({ code }, message))).toEqual({
    kind: 'interrupted',
    code,
    reason: 'wrong version number',
  });
  for (const reason of [
    'connect ECONNREFUSED ::1:443',
    'it said: 80FC:error:0A:SSL routines:read:wrong version:ssl3.c',
  ])
    expect(classifyFailure(failed({ code: 'ECONNREFUSED', syscall: 'connect' }, reason))).toMatchObject({ reason });
});
