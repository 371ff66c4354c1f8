/** The mock on a real port: what real clients send, faults on real sockets, and nothing that ends it. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { createSecretsClient } from 'cortex-secrets';
import type { FakeCortex, Fault } from 'cortex-secrets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../src/mock/http.js';
import { fakeCortex } from '../../src/testing/fake.js';
import { failureOf } from '../support/helpers.js';

const ALL = '/api/v1/secrets';
const mine = { tag: 'my-secret', name: 'My secret', secret: 'the value' };
const body = JSON.stringify(mine);

let cortex: FakeCortex;
let url: string;
let close: () => Promise<void>;

async function start(options: { cors?: boolean } = {}) {
  const fake = fakeCortex({ seed: [{ ...mine, tag: 'here' }] });
  cortex = fake.cortex;
  ({ url, close } = await listen(fake.handle, { port: 0, host: '127.0.0.1', ...options }));
}
beforeEach(() => start());
afterEach(async () => {
  // Whatever was sent: it still answers.
  expect((await ask(`${ALL}/here`)).status).toBe(200);
  await close();
});

async function ask(path: string, init: RequestInit = {}) {
  const headers = { authorization: 'Bearer fake-api-key', 'content-type': 'application/json', ...init.headers };
  const response = await fetch(url + path, { ...init, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Bytes on a socket, and what comes back until it is closed. */
function raw(...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(url);
    let answer = '';
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    socket
      .on('data', (data) => (answer += data))
      .on('close', () => resolve(answer))
      .on('error', reject);
  });
}
const auth = 'Host: x\r\nAuthorization: Bearer fake-api-key\r\nConnection: close\r\n';

describe('what real clients send', () => {
  test('a GET with a Content-Type of YAML', async () => {
    expect((await ask(ALL, { headers: { 'content-type': 'application/yaml' } })).status).toBe(200);
  });

  test('a DELETE with a JSON body', async () => {
    expect(await ask(ALL, { method: 'POST', body })).toMatchObject({ status: 200 });
    expect(await ask(`${ALL}/my-secret`, { method: 'DELETE', body: '{}' })).toMatchObject({ status: 200, text: '' });
  });

  test('percent-encoded tags, and a path that is encoded more than it must be', async () => {
    await ask(ALL, { method: 'POST', body });
    expect((await ask(`${ALL}/%6D%79-secret`)).status).toBe(200);
    expect((await ask('/api/v1/secret%73/my-secret')).status).toBe(200);
    expect((await ask(`${ALL}/a%2Fb%20%C3%A9`)).status).toBe(404);
    expect(cortex.requests.at(-1)).toMatchObject({ tagOrId: 'a/b é' });
    expect(await raw(`GET ${ALL}/%zz HTTP/1.1\r\n${auth}\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a chunked body, in pieces', async () => {
    const half = body.length >> 1;
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = `POST ${ALL} HTTP/1.1\r\n${auth}Content-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await raw(head, chunk(body.slice(0, half)), chunk(body.slice(half)), '0\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(cortex.valueOf('my-secret')).toBe('the value');
  });

  test('several requests on one connection', async () => {
    const get = `GET ${ALL}/here HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fake-api-key\r\n`;
    const answer = await raw(`${get}\r\n`, `${get}\r\n`, `${get}Connection: close\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
  });

  test('the whole address in the request line, and a body that is announced first', async () => {
    expect(await raw(`GET http://any.host${ALL}/here HTTP/1.1\r\n${auth}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    const length = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const answer = await raw(`POST ${ALL} HTTP/1.1\r\n${auth}${length}Expect: 100-continue\r\n\r\n`, body);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });

  test('HEAD: the headers of GET, and no body', async () => {
    const [get, head] = [await ask(`${ALL}/here`), await ask(`${ALL}/here`, { method: 'HEAD' })];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('content-length')).toBe(String(get.text.length));
    expect((await ask(`${ALL}/nowhere`, { method: 'HEAD' })).status).toBe(404);
  });

  test('OPTIONS: what there is, without a key', async () => {
    const answer = await fetch(url + ALL, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('what is refused', () => {
  const post = (text: string, headers = {}) => ({ method: 'POST', body: text, headers });
  const refused: [string, number, string, RequestInit][] = [
    ['malformed JSON', 400, ALL, post('{"tag":')],
    ['JSON that is no object', 400, ALL, post('[]')],
    ['null', 400, ALL, post('null')],
    ['no body', 400, ALL, { method: 'POST' }],
    ['a body of another type', 415, ALL, post(body, { 'content-type': 'text/plain' })],
    ['a field too many', 400, ALL, post(body.replace('{', '{"value":1,'))],
    ['a missing field', 400, ALL, post('{"tag":"t","name":"n"}')],
    ['a tag with a space', 400, ALL, post(body.replace('my-', 'my '))],
    ['an update of nothing', 400, `${ALL}/here`, { method: 'PUT', body: '{}' }],
    ['a page size of 1001', 400, `${ALL}?pageSize=1001`, {}],
    ['a page size of 0', 400, `${ALL}?pageSize=0`, {}],
    ['a page size in words', 400, `${ALL}?pageSize=many`, {}],
    ['no page size', 400, `${ALL}?pageSize=`, {}],
    ['a page size in hex', 400, `${ALL}?pageSize=0x10`, {}],
    ['a page beyond int32', 400, `${ALL}?page=2147483648`, {}],
    ['two pages', 400, `${ALL}?page=1&page=2`, {}],
    ['an unknown path', 404, '/api/v1/secret', {}],
    ['a path below a secret', 404, `${ALL}/here/value`, {}],
    ['no tag', 404, `${ALL}/`, {}],
    ['the root', 404, '/', {}],
    ['a wrong method', 405, `${ALL}/here`, { method: 'PATCH', body: '{}' }],
    ['a DELETE of all', 405, ALL, { method: 'DELETE' }],
  ];
  test.each(refused)('%s: %i', async (_, status, path, init) => {
    const before = JSON.stringify((await ask(ALL)).text);
    const answer = await ask(path, init);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({
      httpStatus: status,
      message: expect.any(String),
      type: expect.any(String),
    });
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^GET, HEAD, (POST|PUT, DELETE), OPTIONS$/);
    expect(JSON.stringify((await ask(ALL)).text)).toBe(before);
  });

  test('the messages say what to mend, and quote no value', async () => {
    const message = async (text: string) => JSON.parse((await ask(ALL, post(text))).text).message;
    expect(await message('{"tag":"t","name":"n"}')).toBe('secret is missing');
    expect(await message('{"tag":"t","name":"n","secret":5}')).toBe('secret must be of type string');
    expect(await message('{"tag":"a b","name":"n","secret":"v"}')).toBe('tag must match ^[A-Za-z0-9_-]+$');
    expect(await message('{"tag":"t","name":"n","secret":"v","x":1}')).toBe('There is no field "x"');
    expect(JSON.parse((await ask(`${ALL}?pageSize=1001`)).text).message).toBe('pageSize must be <= 1000');
    expect(JSON.parse((await ask(`${ALL}/here`, { method: 'PUT', body: '{}' })).text).message).toBe(
      'The body must have at least 1 field',
    );
  });

  test('a body over 2 MB: 413, whether its length is announced or not; one of 2 MB is taken', async () => {
    const frame = JSON.stringify({ ...mine, secret: '' }).length;
    const fits = JSON.stringify({ ...mine, secret: 'x'.repeat(2_000_000 - frame) });
    const large = JSON.stringify({ ...mine, tag: 'large-one', secret: 'x'.repeat(2_000_001 - frame) });
    expect((await ask(ALL, post(fits))).status).toBe(200);
    expect((await ask(ALL, post(large))).status).toBe(413);
    const stream = { body: new Blob([large]).stream(), duplex: 'half', method: 'POST' } as RequestInit;
    expect((await ask(ALL, stream)).status).toBe(413);
    expect(cortex.valueOf('large-one')).toBeUndefined();
  });
});

describe('what nobody should send', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a header without an end', `GET ${ALL} HTTP/1.1\r\n${auth}X: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['two lengths', `POST ${ALL} HTTP/1.1\r\n${auth}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['a chunk of no size', `POST ${ALL} HTTP/1.1\r\n${auth}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['CONNECT', `CONNECT x:1 HTTP/1.1\r\n${auth}\r\n`],
    ['two slashes', `GET //api/v1/secrets HTTP/1.1\r\n${auth}\r\n`],
    ['a way up', `GET ${ALL}/../../../etc/passwd HTTP/1.1\r\n${auth}\r\n`],
    ['a NUL', `GET ${ALL}/a%00b HTTP/1.1\r\n${auth}\r\n`],
    ['an upgrade', `GET ${ALL}/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`],
  ])('%s is not answered with 200', async (_, bytes) => {
    const answer = await raw(bytes).catch(() => '');
    expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
  });

  test('a sender that leaves in the middle of its body', async () => {
    await new Promise<void>((resolve) => {
      const request = httpRequest(url + ALL, { method: 'POST', headers: { 'content-length': 1000 } });
      request.on('error', () => resolve());
      request.write('{"tag":');
      setTimeout(() => request.destroy(), 50);
    });
    expect(cortex.requests).toEqual([]);
  });
});

describe('faults on real sockets', () => {
  const secrets = () => createSecretsClient({ apiKey: cortex.apiKey, baseUrl: url, retry: false, timeoutMs: 400 });
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
    [{ status: 503, retryAfter: 7 }, false, { name: 'ApiError', retryAfterMs: 7000 }],
  ];
  test.each(faults.map(([fault, processed, error]) => ({ fault, processed, error, name: JSON.stringify(fault) })))(
    '$name',
    async ({ fault, processed, error }) => {
      cortex.fail('create', fault);
      if (error) expect(await failureOf(secrets().create(mine))).toMatchObject(error);
      else expect(await secrets().create(mine)).toMatchObject({ tag: 'my-secret' });
      expect(cortex.valueOf('my-secret')).toBe(processed ? 'the value' : undefined);
    },
  );

  test('an empty body that is cut off is no success', async () => {
    cortex.fail('delete', 'truncated body');
    expect(await failureOf(secrets().delete('here'))).toMatchObject({ name: 'ConnectionError', outcome: 'unknown' });
    expect(cortex.valueOf('here')).toBeUndefined();
    cortex.reset();
  });
});

describe('--cors', () => {
  test('a page of any origin may ask, with its key, and may read Retry-After', async () => {
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
    const { headers } = await ask(ALL);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe('retry-after');
  });
});
