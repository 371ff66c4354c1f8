/** The control port: the token, taking back faults, the snapshot and the seed. */
import { afterEach, describe, expect, test } from 'vitest';
import { type ControlOptions, createControlHandler, MAX_CONTROL_BODY_BYTES } from '../../src/mock/control-server.js';
import { listen } from '../../src/mock/http-server.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';
import { ALL, mine, startMock } from './support.js';

let mock: Awaited<ReturnType<typeof startMock>>;
let control: { url: string; close(): Promise<void> };

async function start(options: ControlOptions = {}, fakeOptions: FakeCortexOptions = {}) {
  mock = await startMock({}, fakeOptions);
  const maxBodyBytes = MAX_CONTROL_BODY_BYTES;
  control = await listen(createControlHandler(mock, options), { port: 0, host: '127.0.0.1', maxBodyBytes });
}
afterEach(() => Promise.all([mock.close(), control.close()]));

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(control.url + path, { method, headers, ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}
const list = async () => {
  const response = await fetch(mock.url + ALL, { headers: { authorization: 'Bearer fake-api-key' } });
  return { status: response.status, tags: (await response.json()).secrets?.map(({ tag }: { tag: string }) => tag) };
};

describe('with a token', () => {
  const token = 'a-token';

  test.each([
    ['no header', {}],
    ['another token', { authorization: 'Bearer another' }],
    ['the beginning of the token', { authorization: 'Bearer a-toke' }],
    ['more than the token', { authorization: 'Bearer a-token2' }],
    ['another scheme', { authorization: 'Basic a-token' }],
    ['the token alone', { authorization: 'a-token' }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('%s gets 401, and nothing is done', async (_, headers) => {
    await start({ token });
    for (const [method, path, body] of [
      ['GET', '/state'],
      ['GET', '/values/my-secret'],
      ['POST', '/fail', { operation: 'list', fault: { status: 503 } }],
      ['PUT', '/state', []],
      ['GET', '/nowhere'],
    ] as const) {
      const response = await send(method, path, body, headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(JSON.stringify(response.body)).not.toContain(token);
    }
    expect(await list()).toEqual({ status: 200, tags: ['my-secret'] });
  });

  test('the token is accepted, with any name of the host', async () => {
    await start({ token });
    const headers = { authorization: `Bearer ${token}` };
    expect((await send('GET', '/values/my-secret', undefined, headers)).body).toEqual({ value: 'the value' });
    const { port } = new URL(control.url);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/state', headers: { ...headers, host: 'cortex-mock:4021' } };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('a web page is still rejected without cors, and /health needs no token', async () => {
    await start({ token });
    const headers = { authorization: `Bearer ${token}`, origin: 'https://a.page' };
    expect((await send('GET', '/state', undefined, headers)).status).toBe(403);
    expect((await send('GET', '/health')).body).toEqual({ status: 'ok' });
  });
});

describe('faults', () => {
  test('GET /faults lists those that are still to come, with what is left of them', async () => {
    await start();
    const first = await send('POST', '/fail', { operation: 'list', fault: { status: 503 }, times: 3 });
    await send('POST', '/fail', { operation: 'any', fault: 'not JSON', times: 'all' });
    await list();
    expect(first.headers.get('location')).toBe(`/faults/${first.body.id}`);
    expect((await send('GET', '/faults')).body).toEqual([
      { id: 1, operation: 'list', fault: { status: 503 }, times: 2 },
      { id: 2, operation: 'any', fault: 'not JSON', times: 'all' },
    ]);
  });

  test('DELETE /faults/ID takes back one fault, and leaves the others', async () => {
    await start();
    const { body } = await send('POST', '/fail', { operation: 'list', fault: { status: 503 }, times: 'all' });
    await send('POST', '/fail', { operation: 'list', fault: { status: 502 }, times: 'all' });
    expect((await list()).status).toBe(503);
    expect((await send('DELETE', `/faults/${body.id}`)).status).toBe(204);
    expect((await list()).status).toBe(502);
    expect((await list()).status).toBe(502);
  });

  test('DELETE of a fault that is used up or gone is 204, of one that never was 404', async () => {
    await start();
    const { body } = await send('POST', '/fail', { operation: 'list', fault: { status: 503 } });
    await list();
    expect((await send('DELETE', `/faults/${body.id}`)).status).toBe(204);
    expect((await send('DELETE', `/faults/${body.id}`)).status).toBe(204);
    await send('POST', '/reset');
    expect((await send('DELETE', `/faults/${body.id}`)).status).toBe(204);
    for (const id of ['0', '2', 'x', '1.0', '-1', '', '1e9'])
      expect((await send('DELETE', `/faults/${id}`)).status).toBe(404);
  });

  test('DELETE /faults takes back all faults, and keeps the secrets and the requests', async () => {
    await start();
    await send('PUT', '/state', [{ tag: 'other', secret: 'v' }]);
    await send('POST', '/fail', { operation: 'any', fault: { status: 503 }, times: 'all' });
    expect((await send('DELETE', '/faults')).status).toBe(204);
    expect(await list()).toEqual({ status: 200, tags: ['other'] });
    expect((await send('GET', '/requests')).body).toHaveLength(1);
  });

  test("'connection refused' is rejected, since a port can't apply it", async () => {
    await start();
    const { status, body } = await send('POST', '/fail', { operation: 'list', fault: 'connection refused' });
    expect(status).toBe(400);
    expect(body.message).toMatch(/^fail: 'connection refused' .*use 'reset before processing'/);
    expect((await list()).status).toBe(200);
  });

  test.each([
    ['a message that is an object', { status: 503, message: {} }],
    ['a type that is a number', { status: 503, type: 5 }],
    ['a type that is null', { status: 503, type: null }],
    ['a processed that is a string', { status: 503, processed: 'false' }],
    ['a delay that is a string', { delayMs: '5' }],
    ['a delay with a status', { delayMs: 5, status: 503 }],
  ])('rejects %s', async (_, fault) => {
    await start();
    const { status, body } = await send('POST', '/fail', { operation: 'list', fault });
    expect([status, body.message]).toEqual([400, expect.stringMatching(/^fail: /)]);
    expect((await send('GET', '/faults')).body).toEqual([]);
  });

  test('a delay over the control port', async () => {
    await start();
    await send('POST', '/fail', { operation: 'list', fault: { delayMs: 100 } });
    const before = performance.now();
    expect((await list()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(90);
  });
});

describe('state', () => {
  const other = { tag: 'other', name: 'Other', secret: 'a "value" \u00fc', id: 'se0000000000000002' };

  test('GET /state has all secrets with values, and PUT /state restores them', async () => {
    await start();
    const before = (await send('GET', '/state')).body;
    expect(before).toEqual([{ ...mine, id: expect.stringMatching(/^se[0-9a-f]{16}$/) }]);
    expect((await send('PUT', '/state', [other, { tag: 'nameless', secret: 'v' }])).status).toBe(204);
    expect(await list()).toEqual({ status: 200, tags: ['nameless', 'other'] });
    expect((await send('GET', '/values/other')).body).toEqual({ value: other.secret });
    expect((await send('GET', '/state')).body[1]).toEqual(other);
    await send('PUT', '/state', before);
    expect((await send('GET', '/state')).body).toEqual(before);
  });

  test('PUT /state keeps faults, requests and the rate limit; POST /reset restores the seed of the start', async () => {
    await start({}, { rateLimit: { requests: 2, perMs: 600_000 } });
    await list();
    await send('POST', '/fail', { operation: 'get', fault: { status: 503 } });
    await send('PUT', '/state', []);
    expect(await list()).toEqual({ status: 200, tags: [] });
    expect((await list()).status).toBe(429);
    expect((await send('GET', '/faults')).body).toHaveLength(1);
    expect((await send('GET', '/requests')).body).toHaveLength(3);
    await send('POST', '/reset');
    expect(await list()).toEqual({ status: 200, tags: ['my-secret'] });
  });

  test.each([
    ['malformed JSON', '[{"secret":"c4nary"', 'state: the body is not JSON; expected [{ "tag", "name", "secret" }]'],
    ['an object', { tag: 't', secret: 'c4nary' }, 'state: must be an array of { tag, name, secret }'],
    ['a missing value', [other, { tag: 't' }], 'state[1]: '],
    ['a misspelt field', [{ tag: 't', secert: 'c4nary' }], 'state[0]: unknown option "secert"'],
    ['equal tags', [other, other], 'state[1]: another seed has the same tag or id'],
  ])('PUT /state rejects %s, quotes no value, and changes nothing', async (_, body, message) => {
    await start();
    const response = await send('PUT', '/state', body);
    expect(response.status).toBe(400);
    expect(response.body.message).toContain(message);
    expect(response.body.message).not.toContain('c4nary');
    expect(await list()).toEqual({ status: 200, tags: ['my-secret'] });
  });

  test('a state may be larger than a body of the API', async () => {
    await start();
    const big = [{ tag: 'big', secret: 'x'.repeat(3_000_000) }];
    expect((await send('PUT', '/state', big)).status).toBe(204);
    expect((await send('GET', '/state')).body[0].secret).toHaveLength(3_000_000);
  });

  test('a body that is not UTF-8 is rejected', async () => {
    await start();
    const body = Buffer.from('[{"tag":"t","secret":"p\u00e4ss"}]', 'latin1');
    expect((await fetch(`${control.url}/state`, { method: 'PUT', body })).status).toBe(400);
    expect(await list()).toEqual({ status: 200, tags: ['my-secret'] });
  });
});

test('GET /requests has the newest requests, up to requestLogLimit', async () => {
  await start({}, { requestLogLimit: 2 });
  for (const tag of ['a', 'b', 'c']) await fetch(`${mock.url}${ALL}/${tag}`);
  const { body } = await send('GET', '/requests');
  expect(body.map(({ tagOrId }: { tagOrId: string }) => tagOrId)).toEqual(['b', 'c']);
});
