/**
 * Prism's validating proxy in front of the in-memory Cortex, and random sequences of right and wrong requests through
 * it. Nothing that it says of an answer is let pass; what it says of a request must be what the Cortex says. The judge
 * looks at the same answers, since the proxy sees neither undeclared properties nor undeclared bodies.
 */
import { type Arbitrary, array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPrism } from '../../scripts/lib/prism.js';
import { listen } from '../../src/mock/http.js';
import { fakeCortex } from '../../src/testing/fake.js';
import { operations } from './document.js';
import { judge } from './judge.js';

interface Asked {
  method: string;
  path: string;
  body?: string;
  key: string;
  type: string;
  /** Prism has other eyes than the contract here: it takes `0x10` and an empty text for numbers. */
  lenient?: boolean;
}

const ALL = '/api/v1/secrets';
const RATE = { requests: 15, perMs: 60_000 };
const tags = constantFrom('a', 'b', 'c', 'my-secret', 'cli_test_secret');
const texts = constantFrom('', 'v', 'ünïcødé 🔑', '"quoted"\n', 'x'.repeat(2000));
const key = oneof(
  { weight: 8, arbitrary: constantFrom('Bearer fake-api-key') },
  constantFrom('Bearer other', 'Bearer fake-api-key-without-permission', 'Basic eDp5', ''),
);
const type = oneof(
  { weight: 8, arbitrary: constantFrom('application/json') },
  constantFrom('application/json; charset=utf-8', 'text/plain', 'application/yaml'),
);
const wrongBodies = constantFrom(
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

const ask = (method: string, path: Arbitrary<string>, body: Arbitrary<string | undefined>) =>
  record({ method: constantFrom(method), path, body, key, type }) as Arbitrary<Asked>;
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
const asked: Arbitrary<Asked> = oneof(
  {
    weight: 4,
    arbitrary: ask(
      'GET',
      query.map((text) => ALL + text),
      none,
    ),
  },
  {
    weight: 1,
    arbitrary: ask('GET', constantFrom(`${ALL}?pageSize=0x10`, `${ALL}?page=`), none).map((one) => ({
      ...one,
      lenient: true,
    })),
  },
  {
    weight: 6,
    arbitrary: ask(
      'POST',
      constantFrom(ALL),
      record({ tag: tags, name: texts, secret: texts }).map((body) => JSON.stringify(body)),
    ),
  },
  { weight: 2, arbitrary: ask('POST', constantFrom(ALL), wrongBodies) },
  { weight: 3, arbitrary: ask('GET', one, none) },
  {
    weight: 3,
    arbitrary: ask(
      'PUT',
      one,
      record({ name: texts, secret: texts }, { requiredKeys: [] }).map((body) => JSON.stringify(body)),
    ),
  },
  { weight: 2, arbitrary: ask('PUT', one, wrongBodies) },
  { weight: 3, arbitrary: ask('DELETE', one, constantFrom(undefined, '{}')) },
);

const OPERATIONS: Record<string, string> = {
  'GET all': 'listSecrets',
  'POST all': 'createSecret',
  'GET one': 'getSecret',
  'PUT one': 'updateSecret',
  'DELETE one': 'deleteSecret',
};

let fake: ReturnType<typeof fakeCortex>;
let wrong: string[] = [];
let stop: () => Promise<void>;
let url: string;
beforeAll(async () => {
  // Between the two, the judge.
  const upstream = await listen(
    async (request) => {
      const outcome = await fake.handle(request);
      if (outcome.kind === 'answer') {
        const of = `${request.method} ${/^\/api\/v1\/secrets(\?|$)/.test(request.target) ? 'all' : 'one'}`;
        for (const problem of judge(OPERATIONS[of] ?? of, outcome.reply)) wrong.push(`${of}: ${problem}`);
      }
      return outcome;
    },
    { port: 0, host: '127.0.0.1' },
  );
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

async function send({ method, path, body, key, type }: Asked): Promise<{ status: number; violations: Violation[] }> {
  const headers = { ...(key && { authorization: key }), 'content-type': type };
  const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
  await response.arrayBuffer();
  return { status: response.status, violations: JSON.parse(response.headers.get('sl-violations') ?? '[]') };
}

const seen = new Set<string>();

test('random sequences: the proxy and the judge find nothing, and the proxy agrees on what a wrong request is', async () => {
  const runs = Number(process.env.CORTEX_SECRETS_RUNS ?? 60);
  await assert(
    asyncProperty(array(asked, { maxLength: 40, size: 'max' }), async (sequence) => {
      fake = fakeCortex({ rateLimit: RATE, seed: [{ tag: 'my-secret', secret: 'v' }] });
      for (const request of sequence) {
        wrong = [];
        const { status, violations } = await send(request);
        expect(wrong).toEqual([]);
        expect(violations.filter(({ location }) => location[0] !== 'request')).toEqual([]);
        // A DELETE with a body is no request of the contract; clients in the field send it, and the real server takes it.
        const isWrong = violations.length > 0 && request.method !== 'DELETE';
        if (isWrong) expect([400, 401, 403, 415, 429]).toContain(status);
        if (status === 400 && !request.lenient) expect(violations).not.toEqual([]);
        seen.add(`${request.method} ${status}`);
      }
    }),
    { numRuns: runs },
  );
}, 600_000);

test('the sequences have met every kind of answer', () => {
  const wanted = [
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
  expect(wanted.filter((kind) => !seen.has(kind))).toEqual([]);
});

test('the proxy sees an answer that is wrong, and the judge sees what the proxy does not', async () => {
  expect(operations.size).toBe(Object.keys(OPERATIONS).length);
  const get = { method: 'GET', path: `${ALL}/a`, key: 'Bearer fake-api-key', type: '' };
  fake = fakeCortex({ seed: [{ tag: 'a', secret: 'v' }] });
  wrong = [];
  fake.cortex.fail('get', 'wrong shape');
  const { violations } = await send(get);
  expect(violations.map(({ location }) => location[0])).toContain('response');
  expect(wrong.join()).toContain("required property 'id'");

  const { handle } = fake;
  fake.handle = async (request) => {
    const outcome = await handle(request);
    if (outcome.kind !== 'answer') return outcome;
    return { ...outcome, reply: { ...outcome.reply, body: outcome.reply.body.replace('{', '{"secret":"v",') } };
  };
  wrong = [];
  expect((await send(get)).violations).toEqual([]);
  expect(wrong.join()).toContain('must NOT have additional properties');
});
