/** The Arazzo workflow passes on the in-memory Cortex, and fails on a server that breaks the contract. */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRedocly, respect } from '../../src/cli/verify/respect.js';
import type { FakeHttpResponse } from '../../src/testing/responses.js';
import { edited, isList, startTampered, type Tamper, unprocessed } from '../support/tampered-cortex.js';

const VALUES = { value: 'the-first-value', rotated: 'the-second-value' };
const inputs = { apiKey: 'fake-api-key', tag: 'verified', ...VALUES };
const workflow = fileURLToPath(new URL('../../spec/lifecycle.arazzo.yaml', import.meta.url));

let server: Awaited<ReturnType<typeof startTampered>>;
beforeEach(async () => {
  server = await startTampered({ seed: [{ tag: 'another', secret: 'v' }] });
});
afterEach(() => server.close());

const run = () => respect({ redocly: findRedocly(), workflow, server: server.url }, inputs);

test('a correct server passes every step, and no secret is left', async () => {
  const { passed, steps, notRun } = await run();
  expect(steps.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect({ passed, notRun }).toEqual({ passed: true, notRun: [] });
  expect(server.cortex.requests.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
    'create 200',
    'get 200',
    'get 200',
    'update 200',
    'get 200',
    'update 400',
    'update 400',
    'list 200',
    'list 200',
    'list 200',
    'list 400',
    'create 409',
    'get 200',
    'get 401',
    'delete 200',
    'get 404',
    'get 404',
    'delete 404',
  ]);
  expect(server.cortex.storedValue('verified')).toBeUndefined();
  expect(server.cortex.storedValue('another')).toBe('v');
});

describe('the step fails that detects', () => {
  const crash: FakeHttpResponse = { status: 500, headers: { 'content-type': 'text/html' }, body: '<h1>Error</h1>' };
  const broken: [string, string, Tamper][] = [
    [
      'a crash on an update without a field',
      'updateNothing',
      async ({ body }, respond) => (body === '{}' ? crash : respond()),
    ],
    [
      'a crash on an update without a body',
      'updateWithoutBody',
      async ({ method, body }, respond) => (method === 'PUT' && body === '' ? crash : respond()),
    ],
    [
      'a page size without a limit',
      'pageTooLarge',
      (request, respond) =>
        respond({
          ...request,

          target: request.target.replace('pageSize=1001', 'pageSize=1000'),
        }),
    ],
    ['a delete that does nothing', 'getDeleted', unprocessed('DELETE', { status: 200, headers: {}, body: '' })],
    [
      'a page without total',
      'listOne',
      edited('GET', 200, ({ total, ...rest }) => (isList(rest) ? rest : { ...rest })),
    ],
    [
      'a secret with its value',
      'create',
      edited('POST', 200, (body, { body: sent }) => ({ ...body, secret: JSON.parse(String(sent)).secret })),
    ],
    [
      'an update that does not change the value',
      'getUpdated',
      async (request, respond) => {
        if (request.method !== 'PUT' || request.body === '{}') return respond();
        const response = await respond();
        await respond({ ...request, body: '{"name":"Made to verify the contract"}' });
        return response;
      },
    ],
    [
      'a create that ignores an existing tag',
      'clash',
      async (_, respond) => {
        const response = await respond();
        return response.status === 409 ? { ...response, status: 200, body: '{"id":"se1","tag":"verified"}' } : response;
      },
    ],
    [
      'a list without the secret',
      'listAll',
      edited('GET', 200, (body) =>
        isList(body) && Number((body.secrets as unknown[]).length) > 1
          ? { ...body, secrets: (body.secrets as { tag: string }[]).filter(({ tag }) => tag !== 'verified') }
          : body,
      ),
    ],
    [
      'an API key that is not checked',
      'withoutKey',
      (request, respond) =>
        request.header('authorization') === 'Bearer not-a-key'
          ? jsonResponse({ id: 'se1', tag: 'verified' })
          : respond(),
    ],
  ];
  test.each(broken)('%s: %s', async (_, step, tamper) => {
    server.tamperWith(tamper);
    const { passed, steps } = await run();
    expect(passed).toBe(false);
    const failed = steps.filter(({ differences }) => differences.length > 0);
    expect(failed.map(({ step }) => step)).toEqual([step]);
    for (const secret of [inputs.apiKey, ...Object.values(VALUES)]) expect(JSON.stringify(steps)).not.toContain(secret);
  });
});

const jsonResponse = async (value: object): Promise<FakeHttpResponse> => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
