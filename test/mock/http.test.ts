/** The mock on a real port: requests of real clients, faults on real sockets, and requests that must not crash it. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createSecretsClient } from 'cortex-secrets';
import type { FakeCortex, Fault } from 'cortex-secrets/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { rejectionOf } from '../support/helpers.js';

const ALL = '/api/v1/secrets';
const mine = { tag: 'my-secret', name: 'My secret', secret: 'the value' };
const body = JSON.stringify(mine);

let cortex: FakeCortex;
let url: string;
let close: () => Promise<void>;

async function start(options: { cors?: boolean } = {}) {
  const fake = createFake({ seed: [{ ...mine, tag: 'here' }] });
  cortex = fake.cortex;
  ({ url, close } = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1', ...options }));
}
beforeEach(() => start());
afterEach(async () => {
  // The server still responds, whatever the test has sent.
  expect((await send(`${ALL}/here`)).status).toBe(200);
  await close();
});

async function send(path: string, init: RequestInit = {}) {
  const headers = { authorization: 'Bearer fake-api-key', 'content-type': 'application/json', ...init.headers };
  const response = await fetch(url + path, { ...init, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Sends bytes on a socket, and returns the bytes received until it closes. */
function sendRaw(...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(url);
    let received = '';
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    socket
      .on('data', (data) => (received += data))
      .on('close', () => resolve(received))
      .on('error', reject);
  });
}
const auth = 'Host: x\r\nAuthorization: Bearer fake-api-key\r\nConnection: close\r\n';

describe('accepts requests of real clients:', () => {
  test('a GET with a Content-Type of YAML', async () => {
    expect((await send(ALL, { headers: { 'content-type': 'application/yaml' } })).status).toBe(200);
  });

  test('a DELETE with a JSON body', async () => {
    expect(await send(ALL, { method: 'POST', body })).toMatchObject({ status: 200 });
    expect(await send(`${ALL}/my-secret`, { method: 'DELETE', body: '{}' })).toMatchObject({ status: 200, text: '' });
  });

  test('percent-encoded tags, and a path with needless percent-encoding', async () => {
    await send(ALL, { method: 'POST', body });
    expect((await send(`${ALL}/%6D%79-secret`)).status).toBe(200);
    expect((await send('/api/v1/secret%73/my-secret')).status).toBe(200);
    expect((await send(`${ALL}/a%2Fb%20%C3%A9`)).status).toBe(404);
    expect(cortex.requests.at(-1)).toMatchObject({ tagOrId: 'a/b é' });
    expect(await sendRaw(`GET ${ALL}/%zz HTTP/1.1\r\n${auth}\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a chunked body', async () => {
    const half = body.length >> 1;
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = `POST ${ALL} HTTP/1.1\r\n${auth}Content-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const received = await sendRaw(head, chunk(body.slice(0, half)), chunk(body.slice(half)), '0\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 200 /);
    expect(cortex.storedValue('my-secret')).toBe('the value');
  });

  test('several requests on one connection', async () => {
    const get = `GET ${ALL}/here HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fake-api-key\r\n`;
    const received = await sendRaw(`${get}\r\n`, `${get}\r\n`, `${get}Connection: close\r\n\r\n`);
    expect(received.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
  });

  test('an absolute-form target, and Expect: 100-continue', async () => {
    expect(await sendRaw(`GET http://any.host${ALL}/here HTTP/1.1\r\n${auth}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    const length = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const received = await sendRaw(`POST ${ALL} HTTP/1.1\r\n${auth}${length}Expect: 100-continue\r\n\r\n`, body);
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  test('HEAD, with the headers of GET and no body', async () => {
    const [get, head] = [await send(`${ALL}/here`), await send(`${ALL}/here`, { method: 'HEAD' })];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('content-length')).toBe(String(get.text.length));
    expect((await send(`${ALL}/nowhere`, { method: 'HEAD' })).status).toBe(404);
  });

  test('OPTIONS without an API key', async () => {
    const response = await fetch(url + ALL, { method: 'OPTIONS' });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('rejects', () => {
  const post = (text: string, headers = {}) => ({ method: 'POST', body: text, headers });
  const invalid: [string, number, string, RequestInit][] = [
    ['malformed JSON', 400, ALL, post('{"tag":')],
    ['JSON that is not an object', 400, ALL, post('[]')],
    ['null', 400, ALL, post('null')],
    ['no body', 400, ALL, { method: 'POST' }],
    ['a body of another type', 415, ALL, post(body, { 'content-type': 'text/plain' })],
    ['an unknown field', 400, ALL, post(body.replace('{', '{"value":1,'))],
    ['a missing field', 400, ALL, post('{"tag":"t","name":"n"}')],
    ['a tag with a space', 400, ALL, post(body.replace('my-', 'my '))],
    ['an update of nothing', 400, `${ALL}/here`, { method: 'PUT', body: '{}' }],
    ['a page size of 1001', 400, `${ALL}?pageSize=1001`, {}],
    ['a page size of 0', 400, `${ALL}?pageSize=0`, {}],
    ['a page size that is not a number', 400, `${ALL}?pageSize=many`, {}],
    ['an empty page size', 400, `${ALL}?pageSize=`, {}],
    ['a page size in hex', 400, `${ALL}?pageSize=0x10`, {}],
    ['a page beyond int32', 400, `${ALL}?page=2147483648`, {}],
    ['two pages', 400, `${ALL}?page=1&page=2`, {}],
    ['an unknown path', 404, '/api/v1/secret', {}],
    ['a path below a secret', 404, `${ALL}/here/value`, {}],
    ['no tag', 404, `${ALL}/`, {}],
    ['the root', 404, '/', {}],
    ['a wrong method', 405, `${ALL}/here`, { method: 'PATCH', body: '{}' }],
    ['a DELETE of the list', 405, ALL, { method: 'DELETE' }],
  ];
  test.each(invalid)('%s: %i', async (_, status, path, init) => {
    const before = JSON.stringify((await send(ALL)).text);
    const response = await send(path, init);
    expect(response.status).toBe(status);
    expect(JSON.parse(response.text)).toMatchObject({
      httpStatus: status,
      message: expect.any(String),
      type: expect.any(String),
    });
    if (status === 405) expect(response.headers.get('allow')).toMatch(/^GET, HEAD, (POST|PUT, DELETE), OPTIONS$/);
    expect(JSON.stringify((await send(ALL)).text)).toBe(before);
  });

  test('with messages that name the field, and quote no value', async () => {
    const message = async (text: string) => JSON.parse((await send(ALL, post(text))).text).message;
    expect(await message('{"tag":"t","name":"n"}')).toBe('secret must not be null');
    expect(await message('{"tag":"t","name":"n","secret":5}')).toBe('secret must be of type string');
    expect(await message('{"tag":"a b","name":"n","secret":"v"}')).toBe('tag must match ^[A-Za-z0-9_-]+$');
    expect(await message('{"tag":"t","name":"n","secret":"v","x":1}')).toBe('Unknown field "x"');
    expect(JSON.parse((await send(`${ALL}?pageSize=1001`)).text).message).toBe('pageSize must be between 1 and 1000');
    expect(JSON.parse((await send(`${ALL}/here`, { method: 'PUT', body: '{}' })).text).message).toBe(
      'Give a name or a secret',
    );
  });

  test('a body over 2 MB with 413, with or without Content-Length, but not one of 2 MB', async () => {
    const frame = JSON.stringify({ ...mine, secret: '' }).length;
    const fits = JSON.stringify({ ...mine, secret: 'x'.repeat(2_000_000 - frame) });
    const large = JSON.stringify({ ...mine, tag: 'large-one', secret: 'x'.repeat(2_000_001 - frame) });
    expect((await send(ALL, post(fits))).status).toBe(200);
    expect((await send(ALL, post(large))).status).toBe(413);
    const stream = { body: new Blob([large]).stream(), duplex: 'half', method: 'POST' } as RequestInit;
    expect((await send(ALL, stream)).status).toBe(413);
    expect(cortex.storedValue('large-one')).toBeUndefined();
  });
});

describe('survives', () => {
  test.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n'],
    ['a header of 100 kB', `GET ${ALL} HTTP/1.1\r\n${auth}X: ${'x'.repeat(100_000)}\r\n\r\n`],
    [
      'two Content-Length headers',
      `POST ${ALL} HTTP/1.1\r\n${auth}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    ],
    ['a chunk without a size', `POST ${ALL} HTTP/1.1\r\n${auth}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['CONNECT', `CONNECT x:1 HTTP/1.1\r\n${auth}\r\n`],
    ['two slashes', `GET //api/v1/secrets HTTP/1.1\r\n${auth}\r\n`],
    ['dot segments', `GET ${ALL}/../../../etc/passwd HTTP/1.1\r\n${auth}\r\n`],
    ['a NUL', `GET ${ALL}/a%00b HTTP/1.1\r\n${auth}\r\n`],
    ['an upgrade', `GET ${ALL}/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`],
  ])('%s, without a 2xx response', async (_, bytes) => {
    const received = await sendRaw(bytes).catch(() => '');
    expect(received).not.toMatch(/^HTTP\/1\.1 2/);
  });

  test('a client that disconnects within its body', async () => {
    await new Promise<void>((resolve) => {
      const request = httpRequest(url + ALL, { method: 'POST', headers: { 'content-length': 1000 } });
      request.on('error', () => resolve());
      request.write('{"tag":', () => request.destroy());
    });
    // Reaches the server after the end of the connection.
    await send(ALL);
    expect(cortex.requests.map(({ operation }) => operation)).toEqual(['list']);
  });
});

describe('applies to a create on a real socket:', () => {
  /** Much more than an exchange on loopback takes; where it must pass, it passes on a fake clock. */
  const timeoutMs = 30_000;
  const secrets = () => createSecretsClient({ apiKey: cortex.apiKey, baseUrl: url, retry: false, timeoutMs });
  afterEach(() => void vi.useRealTimers());

  /** Moves the fake clock past the time limit, after the server has handled the request. */
  async function passTimeLimit() {
    while (cortex.requests.length === 0) await setImmediate();
    await setImmediate();
    vi.advanceTimersByTime(timeoutMs);
  }
  const faults: [Fault, boolean, Record<string, unknown> | undefined][] = [
    ['reset before processing', false, { name: 'ConnectionError', timedOut: false, outcome: 'unknown' }],
    ['reset after processing', true, { name: 'ConnectionError', timedOut: false, outcome: 'unknown' }],
    ['hang before processing', false, { name: 'ConnectionError', timedOut: true }],
    ['hang after processing', true, { name: 'ConnectionError', timedOut: true }],
    ['truncated body', true, { name: 'ConnectionError', timedOut: false, outcome: 'unknown' }],
    [{ slowBodyMs: Number.POSITIVE_INFINITY }, true, { name: 'ConnectionError', timedOut: true }],
    [{ slowBodyMs: 50 }, true, undefined],
    ['not JSON', true, { name: 'ContractError' }],
    [{ redirectTo: 'https://elsewhere.test' }, false, { name: 'ApiError', status: 307 }],
    [{ redirectTo: '/', status: 304 }, false, { name: 'ApiError', status: 304 }],
    ['ingress 404', false, { name: 'ApiError', status: 404 }],
    ['log-in page', false, { name: 'ContractError', status: 200 }],
    ['connection refused', false, { name: 'ConnectionError', timedOut: false }],
    [{ status: 503, retryAfter: 7 }, false, { name: 'ApiError', retryAfterMs: 7000 }],
  ];
  test.each(faults.map(([fault, processed, error]) => ({ fault, processed, error, name: JSON.stringify(fault) })))(
    '$name',
    async ({ fault, processed, error }) => {
      cortex.fail('create', fault);
      if (error?.timedOut) {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
        void passTimeLimit();
      }
      if (error) expect(await rejectionOf(secrets().create(mine))).toMatchObject(error);
      else expect(await secrets().create(mine)).toMatchObject({ tag: 'my-secret' });
      expect(cortex.storedValue('my-secret')).toBe(processed ? 'the value' : undefined);
    },
  );

  test('a truncated empty body is a connection error for the client', async () => {
    cortex.fail('delete', 'truncated body');
    expect(await rejectionOf(secrets().delete('here'))).toMatchObject({ name: 'ConnectionError', outcome: 'unknown' });
    expect(cortex.storedValue('here')).toBeUndefined();
    cortex.reset();
  });
});

describe('--cors', () => {
  test('allows requests with an API key from any origin, and exposes Retry-After', async () => {
    await close();
    await start({ cors: true });
    const preflight = await fetch(url + ALL, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://a.page',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    const allowed = Object.fromEntries([...preflight.headers].filter(([name]) => name.startsWith('access-control-')));
    expect(allowed).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-allow-methods': expect.stringContaining('PUT'),
    });
    const { headers } = await send(ALL);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe('retry-after');
    const health = await fetch(`${url}/health`);
    expect(health.headers.get('access-control-allow-origin')).toBe('*');
  });
});
