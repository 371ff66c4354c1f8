/** The contract tests pass on every correct server: no false alarm. */
import { expect, test } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';
import { runSuite } from './run-suite.js';

const OTHERS = Array.from({ length: 1200 }, (_, n) => ({
  tag: `other-${n}`,
  secret: 'v',
  ...(n % 2 && { name: 'n' }),
}));

test.each<[string, FakeCortexOptions]>([
  ['by function', { seed: OTHERS.slice(0, 1) }],
  ['with status 400 for a conflict', { conflictStatus: 400 }],
  ['with latency', { latencyMs: 5 }],
  ['with a rate limit', { rateLimit: { requests: 100, perMs: 1000 } }],
  ['with 1,200 other secrets', { seed: OTHERS }],
])('%s', async (_, options) => {
  const { cortex, control } = createFake(options);
  const { suite, failures } = await runSuite(cortex.clientOptions);
  expect(failures.map(({ error }) => error.message)).toEqual([]);
  await suite.cleanUp();
  expect(control.snapshot()).toHaveLength(options.seed?.length ?? 0);
  expect(suite.requestCount).toBeLessThanOrEqual(300);
});

test('on a port, behind a path prefix', async () => {
  const { cortex, handleRequest, control } = createFake({});
  const { url, close } = await listen(
    (request) => handleRequest({ ...request, target: request.target.replace(/^\/tools\/cortex/, '') }),
    { port: 0, host: '127.0.0.1' },
  );
  const { suite, failures } = await runSuite({ baseUrl: `${url}/tools/cortex/api/v1/`, apiKey: cortex.apiKey });
  expect(failures.map(({ error }) => error.message)).toEqual([]);
  await suite.cleanUp();
  expect(control.snapshot()).toEqual([]);
  await close();
});

test.each([0, 1200])('while others create, update and delete, on %i secrets', async (count) => {
  const { cortex, handleRequest } = createFake({ seed: OTHERS.slice(0, count) });
  const { url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' });
  const send = (method: string, path: string, body?: object) =>
    cortex.fetch(`${cortex.baseUrl}/api/v1/secrets${path}`, {
      method,
      headers: { authorization: `Bearer ${cortex.apiKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  let isRunning = true;
  let changes = 0;
  const others = (async () => {
    for (let n = 0; isRunning; n += 1, changes += 3) {
      // At both ends of the list, between two requests of the tests.
      const tag = `${n % 2 ? 'aaa' : 'zzz'}-${n % 7}`;
      await send('POST', '', { tag, name: 'n', secret: 'v' });
      await send('PUT', `/${tag}`, { name: `n${n}` });
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (n % 3) await send('DELETE', `/${tag}`);
    }
  })();
  const { failures, suite } = await runSuite({ baseUrl: url, apiKey: cortex.apiKey });
  await suite.cleanUp();
  isRunning = false;
  await others;
  await close();
  expect(changes).toBeGreaterThan(20);
  expect(failures.map(({ error }) => error.message)).toEqual([]);
});
