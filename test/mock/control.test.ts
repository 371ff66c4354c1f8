/** `npx cortex-secrets mock --control`: faults, and what was seen, for programs in any language. */
import { get } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { control } from '../../src/mock/control.js';
import { listen } from '../../src/mock/http.js';
import { fakeCortex } from '../../src/testing/fake.js';

const VALUE = 'canary of a "value" ü';
const { cortex, handle } = fakeCortex({ apiKey: 'canary-of-a-key', seed: [{ tag: 'a/b', name: 'A', secret: VALUE }] });
const at = { port: 0, host: '127.0.0.1' };
let mock: { url: string; close: () => Promise<void> };
let controls: { url: string; close: () => Promise<void> };
beforeAll(async () => {
  mock = await listen(handle, at);
  controls = await listen(control(cortex, false), at);
});
afterAll(() => Promise.all([mock.close(), controls.close()]));
beforeEach(() => cortex.reset());

/** What another language does: requests, and JSON. */
const ask = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
};
const tell = (path: string, body?: unknown) =>
  ask(`${controls.url}${path}`, { method: 'POST', ...(body !== undefined && { body: JSON.stringify(body) }) });
const list = () => fetch(`${mock.url}/api/v1/secrets`, { headers: { authorization: `Bearer ${cortex.apiKey}` } });

test('POST /fail plans a fault, and says 204', async () => {
  expect(await tell('/fail', { operation: 'list', fault: { status: 503 }, times: 2 })).toEqual({
    status: 204,
    body: '',
  });
  expect((await list()).status).toBe(503);
  expect((await list()).status).toBe(503);
  expect((await list()).status).toBe(200);
});

test('a fault on the wire', async () => {
  await tell('/fail', { operation: 'any', fault: 'reset after processing' });
  await expect(list()).rejects.toThrow('fetch failed');
  expect((await list()).status).toBe(200);
});

test('GET /requests tells what was asked, in order, without key and value', async () => {
  await tell('/fail', { operation: 'create', fault: 'not JSON' });
  await list();
  const headers = { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ tag: 't', name: 'n', secret: VALUE });
  await fetch(`${mock.url}/api/v1/secrets`, { method: 'POST', headers, body });
  const { status, body: seen } = await ask(`${controls.url}/requests`);
  expect(status).toBe(200);
  expect(seen).toMatchObject([
    { operation: 'list', method: 'GET', path: '/api/v1/secrets', page: 0, pageSize: 250, status: 200 },
    { operation: 'create', tag: 't', name: 'n', fault: 'not JSON', status: 200 },
  ]);
  expect(JSON.stringify(seen)).not.toContain('canary');
});

test('GET /values/TAG gives the value that is kept', async () => {
  expect(await ask(`${controls.url}/values/a%2Fb`)).toEqual({ status: 200, body: { value: VALUE } });
  expect(await ask(`${controls.url}/values/none`)).toMatchObject({ status: 404 });
});

test('POST /reset: back to the seed, no fault, no request', async () => {
  await list();
  await tell('/fail', { operation: 'list', fault: { status: 500 } });
  expect(await tell('/reset')).toEqual({ status: 204, body: '' });
  expect((await ask(`${controls.url}/requests`)).body).toEqual([]);
  expect((await list()).status).toBe(200);
});

test('a web page may not ask: neither by its origin, nor by a name that leads here', async () => {
  const { port } = new URL(controls.url);
  const asked = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: '/values/a%2Fb', headers };
      get(options, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    });
  expect(await asked({})).toBe(200);
  expect(await asked({ host: `localhost:${port}` })).toBe(200);
  expect(await asked({ origin: 'https://evil.example' })).toBe(403);
  expect(await asked({ host: 'evil.example' })).toBe(403);
});

describe('what is wrong is said, and plans nothing', () => {
  test.each([
    ['no JSON', '{'],
    ['no object', '"list"'],
    ['nothing', ''],
    ['null', 'null'],
    ['no such operation', '{"operation":"lst","fault":{"status":500}}'],
    ['no such fault', '{"operation":"list","fault":"explode"}'],
    ['no fault', '{"operation":"list"}'],
    ['a misspelt name', '{"operation":"list","fault":{"status":500},"time":2}'],
    ['a function is not JSON', '{"operation":"list","fault":{"status":500},"while":"x"}'],
    ['no number', '{"operation":"list","fault":{"status":500},"times":0}'],
  ])('%s', async (_, body) => {
    const { status, body: told } = await ask(`${controls.url}/fail`, { method: 'POST', body });
    expect(status).toBe(400);
    expect(told.message).toMatch(/^fail: /);
    expect((await list()).status).toBe(200);
  });

  test('another path, another method: 404, and what there is', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/fail'],
      ['POST', '/requests'],
      ['GET', '/values/'],
      ['GET', '/values/%zz'],
    ] as const) {
      const { status, body } = await ask(`${controls.url}${path}`, { method });
      expect(status).toBe(404);
      expect(body.message).toContain('POST /fail');
    }
  });
});
