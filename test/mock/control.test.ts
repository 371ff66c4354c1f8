/** `npx cortex-secrets mock --control`: injects faults and reports requests, for programs in any language. */
import { get } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createControlHandler } from '../../src/mock/control-server.js';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';

const VALUE = 'canary of a "value" ü';
const fake = createFake({
  apiKey: 'canary-of-a-key',
  seed: [{ tag: 'a/b', name: 'A', secret: VALUE }],
});
const { cortex, handleRequest } = fake;
const at = { port: 0, host: '127.0.0.1' };
let mock: { url: string; close: () => Promise<void> };
let controls: { url: string; close: () => Promise<void> };
beforeAll(async () => {
  mock = await listen(handleRequest, at);
  controls = await listen(createControlHandler(fake), at);
});
afterAll(() => Promise.all([mock.close(), controls.close()]));
beforeEach(() => cortex.reset());

const send = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text) };
};
const post = (path: string, body?: unknown) =>
  send(`${controls.url}${path}`, { method: 'POST', ...(body !== undefined && { body: JSON.stringify(body) }) });
const headers = { authorization: `Bearer ${cortex.apiKey}` };
const list = () => fetch(`${mock.url}/api/v1/secrets`, { headers });

test('POST /fail injects a fault, and responds with 201 and its id', async () => {
  expect(await post('/fail', { operation: 'list', fault: { status: 503 }, times: 2 })).toEqual({
    status: 201,
    body: { id: expect.any(Number) },
  });
  expect((await list()).status).toBe(503);
  expect((await list()).status).toBe(503);
  expect((await list()).status).toBe(200);
});

test('POST /fail injects a response of a proxy', async () => {
  await post('/fail', { operation: 'list', fault: 'ingress 404' });
  await post('/fail', { operation: 'list', fault: { redirectTo: '/login', status: 302 } });
  const statuses = [];
  for (let i = 0; i < 3; i++)
    statuses.push((await fetch(`${mock.url}/api/v1/secrets`, { headers, redirect: 'manual' })).status);
  expect(statuses).toEqual([404, 302, 200]);
});

test('POST /fail injects a fault of the connection', async () => {
  await post('/fail', { operation: 'any', fault: 'reset after processing' });
  await expect(list()).rejects.toThrow('fetch failed');
  expect((await list()).status).toBe(200);
});

test('GET /requests lists the requests in order, without API key and value', async () => {
  await post('/fail', { operation: 'create', fault: 'not JSON' });
  await list();
  const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ tag: 't', name: 'n', secret: VALUE });
  await fetch(`${mock.url}/api/v1/secrets`, { method: 'POST', headers, body });
  const { status, body: requests } = await send(`${controls.url}/requests`);
  expect(status).toBe(200);
  expect(requests).toMatchObject([
    { operation: 'list', method: 'GET', path: '/api/v1/secrets', page: 0, pageSize: 250, status: 200 },
    { operation: 'create', tag: 't', name: 'n', fault: 'not JSON', status: 200 },
  ]);
  expect(JSON.stringify(requests)).not.toContain('canary');
});

test('GET /values/TAG responds with the stored value', async () => {
  expect(await send(`${controls.url}/values/a%2Fb`)).toEqual({ status: 200, body: { value: VALUE } });
  expect(await send(`${controls.url}/values/none`)).toMatchObject({ status: 404 });
});

test('POST /reset restores the seed, and clears faults and requests', async () => {
  await list();
  await post('/fail', { operation: 'list', fault: { status: 500 } });
  expect(await post('/reset')).toEqual({ status: 204, body: '' });
  expect((await send(`${controls.url}/requests`)).body).toEqual([]);
  expect((await list()).status).toBe(200);
});

test('rejects web pages: an Origin header, or a Host that is not loopback', async () => {
  const { port } = new URL(controls.url);
  const statusFor = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/values/a%2Fb', headers };
      get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
  expect(await statusFor({})).toBe(200);
  expect(await statusFor({ host: `localhost:${port}` })).toBe(200);
  expect(await statusFor({ origin: 'https://evil.example' })).toBe(403);
  expect(await statusFor({ host: 'evil.example' })).toBe(403);
});

describe('POST /fail responds with 400 and injects nothing for', () => {
  test.each([
    ['malformed JSON', '{'],
    ['a string', '"list"'],
    ['an empty body', ''],
    ['null', 'null'],
    ['an unknown operation', '{"operation":"lst","fault":{"status":500}}'],
    ['an unknown fault', '{"operation":"list","fault":"explode"}'],
    ['no fault', '{"operation":"list"}'],
    ['a misspelt option', '{"operation":"list","fault":{"status":500},"time":2}'],
    ['a predicate, which JSON cannot have', '{"operation":"list","fault":{"status":500},"when":"x"}'],
    ['0 times', '{"operation":"list","fault":{"status":500},"times":0}'],
  ])('%s', async (_, body) => {
    const { status, body: error } = await send(`${controls.url}/fail`, { method: 'POST', body });
    expect(status).toBe(400);
    expect(error.message).toMatch(/^fail: /);
    expect((await list()).status).toBe(200);
  });
});

test.each([
  [{ fault: { status: 500 }, times: 0 }, 'fail: times must be an integer of at least 1, or "all"'],
  [{ fault: { delayMs: -1 } }, 'fail: delayMs must be a number of milliseconds, at least 0'],
  [{ fault: { slowBodyMs: -1 } }, 'fail: slowBodyMs must be a number of milliseconds, at least 0'],
  [{ fault: 'explode' }, /^fail: unknown fault; expected one of 'reset before processing', (?!.*connection refused)/],
] as const)('POST /fail names only what JSON and a port can have: %j', async (given, message) => {
  const { status, body } = await post('/fail', { operation: 'list', ...given });
  expect(status).toBe(400);
  if (typeof message === 'string') expect(body.message).toBe(message);
  else expect(body.message).toMatch(message);
});

test.each([
  ['an empty value', '', 'state[0]: secret must not be empty'],
  ['a lone surrogate', '\udce4', 'state[0]: secret must not contain a lone surrogate'],
])('PUT /state rejects %s, and changes nothing', async (_, secret, message) => {
  const init = { method: 'PUT', body: JSON.stringify([{ tag: 'b', secret }]) };
  const { status, body } = await send(`${controls.url}/state`, init);
  expect(status).toBe(400);
  expect(body.message).toContain(message);
  expect(cortex.storedValue('a/b')).toBe(VALUE);
});

test('responds with 404 and the known paths to an unknown path or method', async () => {
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/fail'],
    ['POST', '/requests'],
    ['GET', '/values/'],
    ['GET', '/values/%zz'],
  ] as const) {
    const { status, body } = await send(`${controls.url}${path}`, { method });
    expect(status).toBe(404);
    expect(body.message).toContain('POST /fail');
  }
});
