/** The example behind a real proxy on loopback that does what Backstage's does: checks its user, and adds the key. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFakeCortex } from 'cortex-secrets/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cortexBehindBackstage } from '../../examples/backstage-proxy.js';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { rejectionOf } from '../support/helpers.js';

const TOKEN = 'token-of-a-backstage-user';
const { cortex, handleRequest } = createFake({ apiKey: 'canary-of-the-key' });
/** The key that the proxy adds; a test may take it away. */
let added: string | undefined;
/** The headers of each request that reached the proxy. */
const received: IncomingMessage['headers'][] = [];
let mock: Awaited<ReturnType<typeof listen>>;

const proxy = createServer(async (request, response) => {
  received.push(request.headers);
  if (request.headers['backstage-token'] !== TOKEN) return response.writeHead(401).end();
  const path = request.url?.replace(/^\/api\/proxy\/cortex/, '');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const upstream = await fetch(`${mock.url}${path}`, {
    method: request.method ?? 'GET',
    headers: {
      'content-type': request.headers['content-type'] ?? 'text/plain',
      ...(added && { authorization: `Bearer ${added}` }),
    },
    body: chunks.length > 0 ? Buffer.concat(chunks) : null,
  });
  response.writeHead(upstream.status, Object.fromEntries(upstream.headers));
  response.end(Buffer.from(await upstream.arrayBuffer()));
});

let apis: Parameters<typeof cortexBehindBackstage>[0];
beforeAll(async () => {
  mock = await listen(handleRequest, { port: 0, host: '127.0.0.1' });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', () => done()));
  const { port } = proxy.address() as AddressInfo;
  apis = {
    discoveryApi: { getBaseUrl: async (pluginId) => `http://127.0.0.1:${port}/api/${pluginId}` },
    fetchApi: {
      fetch: (input, init = {}) => {
        const headers = new Headers(init.headers);
        headers.set('backstage-token', TOKEN);
        return fetch(input, { ...init, headers });
      },
    },
  };
});
beforeEach(() => {
  cortex.reset();
  received.length = 0;
  added = cortex.apiKey;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await mock.close();
});

test('all operations work, and the key is never in a request of the browser', async () => {
  const secrets = await cortexBehindBackstage(apis);
  await secrets.create({ tag: 'a', name: 'A', secret: 'a value' });
  await secrets.set('a', { name: 'A', secret: 'another value' });
  await secrets.update('a', { name: 'New' });
  const tags: string[] = [];
  for await (const { tag } of secrets.listAll()) tags.push(tag);
  expect(tags).toEqual(['a']);
  expect(cortex.storedValue('a')).toBe('another value');
  await secrets.delete('a');
  expect(received.length).toBeGreaterThan(4);
  for (const headers of received) expect(headers.authorization).toBeUndefined();
  expect(JSON.stringify(received)).not.toContain('canary');
});

test('a proxy without the key: one request, and an error that says who should have added it', async () => {
  added = undefined;
  const error = await rejectionOf((await cortexBehindBackstage(apis)).get('a'));
  expect(error).toMatchObject({ status: 401, outcome: 'rejected', attempts: 1 });
  expect(error.message).toMatch(/apiKey: null\): the proxy, gateway or .* must add a valid one$/);
});

test('a key of the environment is not sent', async () => {
  process.env.CORTEX_API_KEY = 'canary-of-the-environment';
  try {
    await (await cortexBehindBackstage(apis)).list();
  } finally {
    delete process.env.CORTEX_API_KEY;
  }
  expect(received[0]?.authorization).toBeUndefined();
});

test('works on the in-memory Cortex too', async () => {
  const { fetch, apiKey } = createFakeCortex();
  const withKey: typeof globalThis.fetch = (input, init) =>
    fetch(String(input).replace('https://backstage.test/api/proxy/cortex', 'https://cortex.test'), {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${apiKey}` },
    });
  const secrets = await cortexBehindBackstage({
    discoveryApi: { getBaseUrl: async () => 'https://backstage.test/api/proxy' },
    fetchApi: { fetch: withKey },
  });
  expect(await secrets.set('a', { name: 'A', secret: 'v' })).toMatchObject({ tag: 'a' });
});
