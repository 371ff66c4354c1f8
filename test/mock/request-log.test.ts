/** `--log`: what its lines have, and that nothing of a client's choice gets into them. */
import { afterEach, expect, test, vi } from 'vitest';
import { controlTemplate } from '../../src/mock/control-server.js';
import { apiTemplate, type LogRequest, requestLog } from '../../src/mock/request-log.js';
import { ALL, AUTHORIZED, openSocket, startMock } from './support.js';

let mock: Awaited<ReturnType<typeof startMock>>;
const lines: string[] = [];
const withoutTimes = () => lines.map((line) => line.replace(/^\S+ /, '').replace(/ \d+ ms$/, '')).sort();
const start = async () => {
  lines.length = 0;
  const logRequest: LogRequest = requestLog('api', apiTemplate, (line) => lines.push(line));
  mock = await startMock({ logRequest });
};
afterEach(() => mock.close());

/** Vitest's own limit is a second. */
const until = (isReached: () => boolean) => vi.waitUntil(isReached, { timeout: 60_000 });

const headers = { authorization: 'Bearer fake-api-key' };

test('a line has the time, the port, the method, the path of the contract, the status and the duration', async () => {
  await start();
  await (await fetch(mock.url + ALL, { headers })).text();
  await (await fetch(`${mock.url}${ALL}/my-secret?a=b`, { headers })).text();
  await (await fetch(`${mock.url}${ALL}/%6Dy-secret`, { method: 'DELETE', headers })).text();
  await (await fetch(`${mock.url}/nowhere`)).text();
  await until(() => lines.length === 4);
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z api [ -~]+ \d+ ms$/);
  expect(withoutTimes()).toEqual([
    'api DELETE /api/v1/secrets/{tagOrId} 200',
    'api GET (unknown path) 404',
    'api GET /api/v1/secrets 200',
    'api GET /api/v1/secrets/{tagOrId} 200',
  ]);
});

test('a response that is missing or incomplete is called so', async () => {
  await start();
  for (const fault of ['reset after processing', 'truncated body'] as const) {
    mock.cortex.fail('list', fault);
    await fetch(mock.url + ALL, { headers })
      .then((response) => response.text())
      .catch(() => {});
  }
  mock.cortex.fail('list', 'hang before processing');
  const controller = new AbortController();
  const hanging = fetch(mock.url + ALL, { headers, signal: controller.signal }).catch(() => {});
  await until(() => mock.cortex.requests.length === 3);
  controller.abort();
  await hanging;
  await until(() => lines.length === 3);
  expect(withoutTimes()).toEqual([
    'api GET /api/v1/secrets 200 incomplete',
    'api GET /api/v1/secrets no response',
    'api GET /api/v1/secrets no response',
  ]);
});

test('nothing of a key, a tag, a value, a header or a control character gets into a line', async () => {
  await start();
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ tag: 'c4nary-tag', name: 'c4nary-name', secret: 'c4nary-value' });
  await fetch(mock.url + ALL, { method: 'POST', headers: { ...headers, ...json }, body });
  await fetch(`${mock.url}${ALL}/c4nary-tag?c4nary=1`, { headers: { authorization: 'Bearer c4nary-key' } });
  await fetch(`${mock.url}/c4nary%0a%1b[31m`, { headers: { 'user-agent': 'c4nary' } });
  const raw = openSocket(mock.port);
  raw.send(`GET ${ALL}/c4nary\u0001\u001b[31m HTTP/1.1\r\n${AUTHORIZED}\r\n`);
  await raw.closed;
  await until(() => lines.length === 4);
  expect(lines.join('\n')).not.toContain('c4nary');
  for (const line of lines) expect(line).toMatch(/^[ -~]+$/);
  expect(withoutTimes()).toContain('api - (not HTTP/1.1) 400');
});

test('health checks are not logged', async () => {
  await start();
  await fetch(`${mock.url}/health`);
  await fetch(mock.url + ALL);
  await until(() => lines.length === 1);
  expect(withoutTimes()).toEqual(['api GET /api/v1/secrets 401']);
});

test('control requests have the path of their route', () => {
  const paths = ['/fail', '/faults/7', '/faults', '/values/c4nary%2F?x', '/values/%zz', '/c4nary', '/state?c4nary'];
  expect(paths.map(controlTemplate)).toEqual([
    '/fail',
    '/faults/ID',
    '/faults',
    '/values/TAG',
    '(unknown path)',
    '(unknown path)',
    '/state',
  ]);
});
