/** The Arazzo workflow passes on the in-memory Cortex, and fails on a server that breaks the contract. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { respectEach, type Verification } from '../../scripts/lib/respect.js';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { FakeHttpRequest } from '../../src/testing/parse-request.js';
import type { FakeHttpResponse } from '../../src/testing/responses.js';

const VALUES = { value: 'the-first-value', rotated: 'the-second-value' };
const inputs = { apiKey: 'fake-api-key', tag: 'verified', ...VALUES };
const root = fileURLToPath(new URL('../../', import.meta.url));

type Fake = ReturnType<typeof createFake>;
/** Replaces the response to a request; `respond` returns the correct one. */
type Tamper = (
  request: FakeHttpRequest,
  respond: () => Promise<FakeHttpResponse>,
  fake: Fake,
) => Promise<FakeHttpResponse>;

/** The in-memory Cortex on a port of its own, whose responses a test may replace. */
async function startServer(tamper: Tamper = (_, respond) => respond()) {
  const fake = createFake({ seed: [{ tag: 'another', secret: 'v' }] });
  const handleRequest = async (request: FakeHttpRequest) => {
    const respond = async () => {
      const result = await fake.handleRequest(request);
      if (result.kind !== 'response') throw new Error('No response');
      return result.response;
    };
    return { kind: 'response', response: await tamper(request, respond, fake) } as const;
  };
  const { url, close } = await listen(handleRequest, { port: 0, host: '127.0.0.1' });
  return { fake, url, close };
}

const edited =
  (method: string, status: number, edit: (body: Record<string, unknown>, request: FakeHttpRequest) => object): Tamper =>
  async (request, respond) => {
    const response = await respond();
    if (request.method !== method || response.status !== status) return response;
    return { ...response, body: JSON.stringify(edit(JSON.parse(response.body), request)) };
  };
const unprocessed =
  (method: string, response: FakeHttpResponse): Tamper =>
  (request, respond) =>
    request.method === method ? Promise.resolve(response) : respond();
const isList = ({ secrets }: Record<string, unknown>) => secrets !== undefined;

const jsonResponse = async (value: object): Promise<FakeHttpResponse> => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** What a server does wrong, the step that must fail, and how the server does it. */
const broken: [string, string, Tamper][] = [
  ['a delete that does nothing', 'getDeleted', unprocessed('DELETE', { status: 200, headers: {}, body: '' })],
  ['a page without total', 'listOne', edited('GET', 200, ({ total, ...rest }) => (isList(rest) ? rest : { ...rest }))],
  [
    'a secret with its value',
    'create',
    edited('POST', 200, (body, { body: sent }) => ({ ...body, secret: JSON.parse(String(sent)).secret })),
  ],
  [
    'an update that does not change the value',
    'getUpdated',
    async (request, respond, fake) => {
      if (request.method !== 'PUT' || request.body === '{}') return respond();
      const response = await respond();
      await fake.handleRequest({ ...request, body: '{"name":"Made to verify the contract"}' });
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
      request.header('authorization') === 'Bearer not-a-key' ? jsonResponse({ id: 'se1', tag: 'verified' }) : respond(),
  ],
];

/** A correct server, and the broken ones in their order: one run of Redocly sends the workflow to all of them. */
const servers: Awaited<ReturnType<typeof startServer>>[] = [];
let verifications: Verification[];
beforeAll(async () => {
  servers.push(await startServer());
  for (const [, , tamper] of broken) servers.push(await startServer(tamper));
  verifications = await respectEach(
    servers.map(({ url }) => url),
    inputs,
  );
});
afterAll(() => Promise.all(servers.map(({ close }) => close())));

test('a correct server passes every step, and no secret is left', async () => {
  const { passed, steps, notRun } = verifications[0] as Verification;
  const { fake } = servers[0] as (typeof servers)[number];
  expect(steps.filter(({ differs }) => differs.length > 0)).toEqual([]);
  expect({ passed, notRun }).toEqual({ passed: true, notRun: [] });
  expect(fake.cortex.requests.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
    'create 200',
    'get 200',
    'get 200',
    'update 200',
    'get 200',
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
  expect(fake.cortex.storedValue('verified')).toBeUndefined();
  expect(fake.cortex.storedValue('another')).toBe('v');
});

test.each(broken.map(([what, step], i) => ({ what, step, verification: i + 1 })))(
  'the step fails that detects $what: $step',
  ({ step, verification }) => {
    const { passed, steps } = verifications[verification] as Verification;
    expect(passed).toBe(false);
    const failed = steps.filter(({ differs }) => differs.length > 0);
    expect(failed.map(({ step }) => step)).toEqual([step]);
    for (const secret of [inputs.apiKey, ...Object.values(VALUES)]) expect(JSON.stringify(steps)).not.toContain(secret);
  },
);

describe('npm run verify', () => {
  // The script uses the build that `npm test` makes before the tests.
  const verify = (key: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, CORTEX_API_KEY: key };
      execFile(process.execPath, ['scripts/verify.js', ...args], { cwd: root, env }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  let server: Awaited<ReturnType<typeof startServer>>;
  const start = async (tamper?: Tamper) => {
    server = await startServer(tamper);
    return server.url;
  };
  afterEach(() => server?.close());
  const tagsLeft = async () => {
    const secrets = createSecretsClient({ apiKey: server.fake.cortex.apiKey, baseUrl: server.url });
    return (await secrets.list()).secrets.map(({ tag }) => tag);
  };

  test('passes on a correct server', async () => {
    const { code, stdout } = await verify('fake-api-key', '--server', `${await start()}/`);
    expect(stdout).toContain('The server keeps the contract.');
    expect(code).toBe(0);
    expect(await tagsLeft()).toEqual(['another']);
  });

  test('prints a difference, and deletes its secret', async () => {
    const url = await start(
      edited('PUT', 200, (body, { body: sent }) => ({ ...body, secret: JSON.parse(String(sent)).secret })),
    );
    const { code, stdout, stderr } = await verify('fake-api-key', '--server', url);
    expect(code).toBe(1);
    expect(stdout).toMatch(/DIFFERS +update: .*\n +PUT http.* got 200\n.*"secret"/);
    expect(stdout).toContain('not run: getUpdated,');
    expect(stdout + stderr).not.toContain('fake-api-key');
    expect(await tagsLeft()).toEqual(['another']);
  });

  test('names the secret that it could not delete', async () => {
    const url = await start(unprocessed('DELETE', { status: 200, headers: {}, body: '' }));
    const { code, stderr } = await verify('fake-api-key', '--server', url);
    expect(code).toBe(1);
    const [, left] = await tagsLeft();
    expect(stderr).toContain(`Delete ${left} by hand.`);
  });

  test('deletes its secret after Ctrl+C', async () => {
    let interrupt = () => {};
    const url = await start(async (request, respond) => {
      // The first step after the create gets no response, so the workflow can't end before the signal.
      if (request.method !== 'GET' || interrupted) return respond();
      interrupted = true;
      interrupt();
      return new Promise(() => {});
    });
    let interrupted = false;
    const env = { ...process.env, CORTEX_API_KEY: 'fake-api-key' };
    const args = ['scripts/verify.js', '--server', url];
    // In a process group, as in a terminal: its children get the signal too.
    const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: 'ignore' });
    interrupt = () => process.kill(-Number(child.pid), 'SIGINT');
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(interrupted).toBe(true);
    expect(await tagsLeft()).toEqual(['another']);
  });

  test('stops after the first step with a wrong API key', async () => {
    const { code, stdout, stderr } = await verify('wrong-key-0123', '--server', await start());
    expect(code).toBe(1);
    expect(stdout).toMatch(/DIFFERS +create: .*\n +POST http.* got 401/);
    expect(stdout + stderr).not.toContain('wrong-key-0123');
    expect(stderr).toBe('');
  });

  test.each([
    ['no server', 'k', [], '--server'],
    ['no key', '', ['--server', 'https://cortex.test'], 'CORTEX_API_KEY'],
    ['http to a remote host', 'k', ['--server', 'http://cortex.test'], 'https'],
    ['an unknown option', 'k', ['--servr', 'x'], '--servr'],
  ])('exits with 2 for %s', async (_, key, args, message) => {
    const { code, stderr } = await verify(key, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
