/** What a failure shows, and what a run leaves. */
import { describe, expect, test, vi } from 'vitest';
import { contractTests } from '../../src/contract-tests/index.js';
import { edited, tamperedFetch } from '../support/tampered-cortex.js';
import { runSuite } from './run-suite.js';
import { WRONG_SERVERS } from './wrong-servers/index.js';

test('says what was sent, what the contract says, what came, and how to see it again', async () => {
  const wrong = WRONG_SERVERS.find(({ fault }) => fault === 'names are trimmed');
  const { failures } = await runSuite(tamperedFetch(wrong?.make() ?? (() => Promise.reject())));
  const error = failures.find(({ id }) => id === 'create-name-spaces')?.error;
  expect(error).toMatchObject({
    name: 'ContractTestError',
    expected: 'name: "  two  spaces, at both ends  "',
    rule: '#/components/schemas/NewSecret/properties/name',
    sent: expect.stringMatching(
      /^POST \/api\/v1\/secrets \{"tag":"verify-\w{8}-\d+","name":" {2}two {2}spaces, at both ends {2}","secret":"\*{8}"\}$/,
    ),
    received: expect.stringMatching(
      /^200 content-type: application\/json; \{.*"name":"two {2}spaces, at both ends"\}$/,
    ),
    curl: [expect.stringMatching(/^curl -i -X POST '.*' -H "Authorization: Bearer \$CORTEX_API_KEY" -H/)],
  });
});

test('a run that ends at any of 20 moments leaves nothing', async () => {
  for (let moment = 1; moment <= 20; moment += 1) {
    const server = tamperedFetch((_, respond) => respond(), { seed: [{ tag: 'other', secret: 'v' }] });
    const suite = contractTests({ baseUrl: server.baseUrl, apiKey: server.apiKey, fetch: server.fetch });
    for (const { run } of suite.tests.slice(0, moment * 4)) await run();
    await suite.cleanUp();
    expect(server.snapshot().map(({ tag }) => tag)).toEqual(['other']);
  }
});

test('the clean-up waits for a server that comes back', async () => {
  let isDown = false;
  const server = tamperedFetch(async (_, respond) => {
    if (isDown) throw new TypeError('fetch failed');
    return respond();
  });
  const suite = contractTests({ baseUrl: server.baseUrl, apiKey: server.apiKey, fetch: server.fetch });
  for (const { run } of suite.tests.slice(0, 3)) await run();
  expect(server.snapshot().length).toBeGreaterThan(0);
  isDown = true;
  setTimeout(() => {
    isDown = false;
  }, 500);
  await suite.cleanUp();
  expect(server.snapshot()).toEqual([]);
});

describe('secrets of others', () => {
  const others = [{ id: 'se00', tag: 'of-others', name: 'Of others', secret: 'their value' }];
  const asOthers = ({ id, tag, ...rest }: Record<string, unknown>, which: string) => ({
    ...rest,
    id: which === 'tag' ? id : others[0]?.id,
    tag: which === 'id' ? tag : others[0]?.tag,
  });

  test.each(
    ['POST', 'GET', 'PUT'].flatMap((method) => ['id', 'tag', 'id and tag'].map((which) => [which, method] as const)),
  )('stay as they are if a server gives their %s in responses to %s', async (which, method) => {
    const wrong = edited(method, 200, (body) =>
      Array.isArray(body.secrets)
        ? { ...body, secrets: body.secrets.map((each) => asOthers(each, which)) }
        : asOthers(body, which),
    );
    const server = tamperedFetch(wrong, { seed: others });
    const { suite } = await runSuite(server, { thorough: true });
    // It tries for 30 s.
    vi.useFakeTimers();
    const cleanedUp = suite.cleanUp().catch(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    await cleanedUp;
    expect(server.snapshot().filter(({ tag }) => tag === 'of-others')).toEqual(others);
  });
});

describe('the clean-up removes', () => {
  const empty = { status: 200, headers: { 'content-type': 'application/json' } };
  const isListRequest = ({ method, target }: { method: string; target: string }) =>
    method === 'GET' && target.includes('?');
  test.each<[string, Parameters<typeof tamperedFetch>[0]]>([
    [
      'what is in no list, also after a second create with a 409',
      async (request, respond) =>
        isListRequest(request) ? { ...empty, body: '{"page":0,"secrets":[],"total":0,"totalPages":0}' } : respond(),
    ],
    [
      'what was stored in spite of a 400, if the key may not list',
      async (request, respond) => {
        if (isListRequest(request)) return { status: 403, headers: {}, body: '' };
        const response = await respond();
        return request.method === 'POST' ? { ...response, status: 400 } : response;
      },
    ],
    [
      'what was stored with a tag in capitals',
      async (request, respond) => {
        if (request.method !== 'POST' || typeof request.body !== 'string') return respond();
        return respond({ ...request, body: request.body.replace(/"verify-\w+-\d+/, (tag) => tag.toUpperCase()) });
      },
    ],
  ])('%s', async (_, wrong) => {
    const server = tamperedFetch(wrong);
    const { suite } = await runSuite(server);
    await suite.cleanUp();
    expect(server.snapshot()).toEqual([]);
  });
});

test.each([
  [{}, /apiKey/],
  [{ apiKey: 'a b' }, /apiKey: must be a string of visible ASCII/],
  [{ apiKey: 'key', baseUrl: 'http://example.com' }, /baseUrl: must be an https URL/],
  [{ apiKey: 'key', baseUrl: 'https://cortex.test', fetch: 1 }, /fetch: must be a function/],
  [{ apiKey: 'key', baseUrl: 'https://cortex.test', timeout: 1 }, /unknown option "timeout"/],
])('%j: a TypeError', (options, message) => {
  expect(() => contractTests(options as never)).toThrow(message);
});
