/**
 * Sends the contract tests, and random sequences of valid and invalid requests, through Prism's validating proxy to the
 * in-memory Cortex. The proxy must find no violation in a response, and must agree with the Cortex on which requests are
 * invalid. The judge checks the same responses, since the proxy ignores undeclared properties and undeclared bodies.
 */
import { type Arbitrary, array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPrism } from '../../scripts/lib/contract/prism.js';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { runSuite } from '../contract-tests/run-suite.js';
import { runsOr, seedOf } from '../support/seed.js';
import { operations } from './document.js';
import { judge } from './judge.js';

interface RandomRequest {
  method: string;
  path: string;
  body?: string;
  key: string;
  type: string;
  /** Prism accepts the query, the contract does not: `0x10` and an empty string as numbers. */
  lenient?: boolean;
}

const ALL = '/api/v1/secrets';
const RATE = { requests: 15, perMs: 60_000 };
const tags = constantFrom('a', 'b', 'c', 'my-secret', 'cli_test_secret');
const texts = constantFrom('', 'v', 'ünïcødé 🔑', '"quoted"\n', 'x'.repeat(2000));
const key = oneof(
  { weight: 8, arbitrary: constantFrom('Bearer fake-api-key') },
  constantFrom('Bearer other', 'Bearer fake-api-key-403', 'Basic eDp5', ''),
);
const type = oneof(
  { weight: 8, arbitrary: constantFrom('application/json') },
  constantFrom('application/json; charset=utf-8', 'text/plain', 'application/yaml'),
);
const invalidBodies = constantFrom(
  '{}',
  '[]',
  'null',
  '5',
  '"text"',
  '{"tag":5,"name":"n","secret":"v"}',
  '{"tag":"a","name":"n"}',
  '{"tag":"a b","name":"n","secret":"v"}',
  '{"tag":"a","name":null,"secret":"v"}',
  '{"tag":"a","name":"n","secret":"v","more":1}',
  '{"name":5}',
  '{"secret":null}',
  '{"tag":"a"}',
  '',
);

const requestTo = (method: string, path: Arbitrary<string>, body: Arbitrary<string | undefined>) =>
  record({ method: constantFrom(method), path, body, key, type }) as Arbitrary<RandomRequest>;
const none = constantFrom(undefined);
const one = oneof(tags, constantFrom('nowhere', 'a%2Fb', '%F0%9F%94%91', '..%2fa')).map((tag) => `${ALL}/${tag}`);
const query = oneof(
  record({ page: integer({ min: -1, max: 3 }), pageSize: integer({ min: 0, max: 4 }) }).map(
    ({ page, pageSize }) => `?page=${page}&pageSize=${pageSize}`,
  ),
  constantFrom(
    '',
    '?page=2',
    '?pageSize=1000',
    '?pageSize=1001',
    '?page=many',
    '?pageSize=1.5',
    '?page=2147483648',
    '?more=1',
  ),
);
const requests: Arbitrary<RandomRequest> = oneof(
  {
    weight: 4,
    arbitrary: requestTo(
      'GET',
      query.map((text) => ALL + text),
      none,
    ),
  },
  {
    weight: 1,
    arbitrary: requestTo('GET', constantFrom(`${ALL}?pageSize=0x10`, `${ALL}?page=`), none).map((one) => ({
      ...one,
      lenient: true,
    })),
  },
  {
    weight: 6,
    arbitrary: requestTo(
      'POST',
      constantFrom(ALL),
      record({ tag: tags, name: texts, secret: texts }).map((body) => JSON.stringify(body)),
    ),
  },
  { weight: 2, arbitrary: requestTo('POST', constantFrom(ALL), invalidBodies) },
  { weight: 3, arbitrary: requestTo('GET', one, none) },
  {
    weight: 3,
    arbitrary: requestTo(
      'PUT',
      one,
      record({ name: texts, secret: texts }, { requiredKeys: [] }).map((body) => JSON.stringify(body)),
    ),
  },
  { weight: 2, arbitrary: requestTo('PUT', one, invalidBodies) },
  { weight: 3, arbitrary: requestTo('DELETE', one, constantFrom(undefined, '{}')) },
);

const OPERATIONS: Record<string, string> = {
  'GET all': 'listSecrets',
  'POST all': 'createSecret',
  'GET one': 'getSecret',
  'PUT one': 'updateSecret',
  'DELETE one': 'deleteSecret',
};

let fake: ReturnType<typeof createFake>;
let problems: string[] = [];
let stop: () => Promise<void>;
let url: string;
let upstreamUrl: string;
beforeAll(async () => {
  // The judge sees the responses between the two.
  const upstream = await listen(
    async (request) => {
      const result = await fake.handleRequest(request);
      if (result.kind === 'response') {
        const of = `${request.method} ${/^\/api\/v1\/secrets(\?|$)/.test(request.target) ? 'all' : 'one'}`;
        for (const problem of judge(OPERATIONS[of] ?? of, result.response)) problems.push(`${of}: ${problem}`);
      }
      return result;
    },
    { port: 0, host: '127.0.0.1' },
  );
  upstreamUrl = upstream.url;
  const proxy = await startPrism({ upstream: upstream.url });
  url = proxy.url;
  stop = async () => {
    await proxy.close();
    await upstream.close();
  };
});
afterAll(() => stop());

interface Violation {
  location: string[];
  message: string;
}

const violationsIn = ({ headers }: Response): Violation[] => JSON.parse(headers.get('sl-violations') ?? '[]');

async function send(request: RandomRequest): Promise<{ status: number; violations: Violation[] }> {
  const { method, path, body, key, type } = request;
  const headers = { ...(key && { authorization: key }), 'content-type': type };
  const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
  await response.arrayBuffer();
  return { status: response.status, violations: violationsIn(response) };
}

const seen = new Set<string>();

test('the contract tests pass through the proxy, which agrees on which requests are invalid', async () => {
  fake = createFake({});
  problems = [];
  const differences: string[] = [];
  const isJson = (body = '{}') => /^[^{]|\}$/.test(body);
  const { failures, suite } = await runSuite({
    baseUrl: url,
    apiKey: fake.cortex.apiKey,
    fetch: async (address, init) => {
      // Prism itself responds to broken JSON, with an error of its own.
      const direct = !isJson(init.body);
      const response = await fetch(direct ? address.replace(url, upstreamUrl) : address, init);
      const { status } = response;
      const locations = violationsIn(response).map(({ location }) => location[0]);
      // Prism can't know which key is the right one.
      const isAgreed = direct || status === 401 || locations.length > 0 === (status === 400);
      if (!isAgreed || locations.some((at) => at !== 'request'))
        differences.push(`${init.method} ${address} ${init.body ?? ''}: ${status} ${locations}`);
      seen.add(`${init.method} ${status}`);
      return response;
    },
  });
  expect(failures.map(({ error }) => error.message)).toEqual([]);
  expect(differences).toEqual([]);
  await suite.cleanUp();
  expect(fake.control.snapshot()).toEqual([]);
  expect(problems).toEqual([]);
});

/** The first sequence: what the contract tests don't provoke, so that what the last test expects doesn't depend on chance. */
function otherStatuses(): RandomRequest[] {
  const json = { key: 'Bearer fake-api-key', type: 'application/json' };
  const body = '{"tag":"a","name":"n","secret":"v"}';
  return [
    { method: 'GET', path: ALL, ...json, key: 'Bearer fake-api-key-403' }, // 403
    { method: 'POST', path: ALL, body, ...json, type: 'text/plain' }, // 415
    { method: 'PUT', path: `${ALL}/my-secret`, body: '{"name":"m"}', ...json, type: 'text/plain' }, // 415
    // Over the rate limit, however many of the requests before have counted.
    ...Array.from({ length: RATE.requests }, () => ({ method: 'GET', path: ALL, ...json })), // 200, 429
  ];
}

test('random sequences give valid responses, and the proxy agrees on which requests are invalid', async () => {
  await assert(
    asyncProperty(array(requests, { maxLength: 40, size: 'max' }), async (sequence) => {
      fake = createFake({ rateLimit: RATE, seed: [{ tag: 'my-secret', secret: 'v' }] });
      for (const request of sequence) {
        problems = [];
        const { status, violations } = await send(request);
        expect(problems).toEqual([]);
        expect(violations.filter(({ location }) => location[0] !== 'request')).toEqual([]);
        // The contract has no body for DELETE, but existing clients send one, and the real server accepts it.
        const isInvalid = violations.length > 0 && request.method !== 'DELETE';
        if (isInvalid) expect([400, 401, 403, 415, 429]).toContain(status);
        if (status === 400 && !request.lenient) expect(violations).not.toEqual([]);
        seen.add(`${request.method} ${status}`);
      }
    }),
    { seed: seedOf(import.meta.url), numRuns: runsOr(20), examples: [[otherStatuses()]] },
  );
}, 600_000);

test('both have seen every status', () => {
  const expected = [
    'GET 200',
    'GET 400',
    'GET 401',
    'GET 403',
    'GET 404',
    'GET 429',
    'POST 200',
    'POST 400',
    'POST 401',
    'POST 409',
    'POST 415',
    'PUT 200',
    'PUT 400',
    'PUT 404',
    'PUT 415',
    'DELETE 200',
    'DELETE 404',
  ];
  expect(expected.filter((kind) => !seen.has(kind))).toEqual([]);
});

test('the proxy detects an invalid response, and the judge detects an undeclared property', async () => {
  expect(operations.size).toBe(Object.keys(OPERATIONS).length);
  const get = { method: 'GET', path: `${ALL}/a`, key: 'Bearer fake-api-key', type: '' };
  fake = createFake({ seed: [{ tag: 'a', secret: 'v' }] });
  problems = [];
  fake.cortex.fail('get', 'wrong shape');
  const { violations } = await send(get);
  expect(violations.map(({ location }) => location[0])).toContain('response');
  expect(problems.join()).toContain("required property 'id'");

  const { handleRequest } = fake;
  fake.handleRequest = async (request) => {
    const result = await handleRequest(request);
    if (result.kind !== 'response') return result;
    return { ...result, response: { ...result.response, body: result.response.body.replace('{', '{"secret":"v",') } };
  };
  problems = [];
  expect((await send(get)).violations).toEqual([]);
  expect(problems.join()).toContain('must NOT have additional properties');
});
