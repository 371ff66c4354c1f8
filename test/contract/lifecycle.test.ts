/** The Arazzo workflow: it passes on the in-memory Cortex, and catches a server that lies. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createSecretsClient } from 'cortex-secrets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { respect } from '../../scripts/lib/respect.js';
import { listen } from '../../src/mock/http.js';
import { fakeCortex } from '../../src/testing/fake.js';
import type { Reply } from '../../src/testing/replies.js';
import type { Asked } from '../../src/testing/requests.js';

const VALUES = { value: 'the-first-value', rotated: 'the-second-value' };
const inputs = { apiKey: 'fake-api-key', tag: 'verified', ...VALUES };
const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the server says in place of the truth. */
type Lie = (asked: Asked, tell: () => Promise<Reply>) => Promise<Reply>;

let url: string;
let close: () => Promise<void>;
let lie: Lie;
let fake: ReturnType<typeof fakeCortex>;
beforeEach(async () => {
  lie = (_, tell) => tell();
  fake = fakeCortex({ seed: [{ tag: 'another', secret: 'v' }] });
  const handle = async (asked: Asked) => {
    const tell = async () => {
      const outcome = await fake.handle(asked);
      if (outcome.kind !== 'answer') throw new Error('There is no answer');
      return outcome.reply;
    };
    return { kind: 'answer', reply: await lie(asked, tell) } as const;
  };
  ({ url, close } = await listen(handle, { port: 0, host: '127.0.0.1' }));
});
afterEach(() => close());

const edited =
  (method: string, status: number, edit: (body: Record<string, unknown>, asked: Asked) => object): Lie =>
  async (asked, tell) => {
    const reply = await tell();
    if (asked.method !== method || reply.status !== status) return reply;
    return { ...reply, body: JSON.stringify(edit(JSON.parse(reply.body), asked)) };
  };
const untold =
  (method: string, reply: Reply): Lie =>
  (asked, tell) =>
    asked.method === method ? Promise.resolve(reply) : tell();
const isList = ({ secrets }: Record<string, unknown>) => secrets !== undefined;

test('an honest server passes, each step is run, and nothing is left', async () => {
  const { passed, steps, notRun } = await respect({ server: url, ...inputs });
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
  expect(fake.cortex.valueOf('verified')).toBeUndefined();
  expect(fake.cortex.valueOf('another')).toBe('v');
});

describe('a server that lies is caught, where it lies', () => {
  const lies: [string, string, Lie][] = [
    ['a delete that does nothing', 'getDeleted', untold('DELETE', { status: 200, headers: {}, body: '' })],
    [
      'a page without total',
      'listOne',
      edited('GET', 200, ({ total, ...rest }) => (isList(rest) ? rest : { ...rest })),
    ],
    [
      'a secret that echoes its value',
      'create',
      edited('POST', 200, (body, asked) => ({ ...body, secret: JSON.parse(asked.body ?? '').secret })),
    ],
    [
      'an update that is forgotten',
      'getUpdated',
      (() => {
        const told: Lie = async (asked, tell) => {
          if (asked.method !== 'PUT' || asked.body === '{}') return tell();
          const { body } = await tell();
          await fake.handle({ ...asked, body: '{"name":"Made to verify the contract"}' });
          return { status: 200, headers: { 'content-type': 'application/json' }, body };
        };
        return told;
      })(),
    ],
    [
      'a clash that is let pass',
      'clash',
      async (_, tell) => {
        const reply = await tell();
        return reply.status === 409 ? { ...reply, status: 200, body: '{"id":"se1","tag":"verified"}' } : reply;
      },
    ],
    [
      'a list that leaves the secret out',
      'listAll',
      edited('GET', 200, (body) =>
        isList(body) && Number((body.secrets as unknown[]).length) > 1
          ? { ...body, secrets: (body.secrets as { tag: string }[]).filter(({ tag }) => tag !== 'verified') }
          : body,
      ),
    ],
    [
      'no key is needed',
      'withoutKey',
      (asked, tell) =>
        asked.header('authorization') === 'Bearer not-a-key' ? fakeReply({ id: 'se1', tag: 'verified' }) : tell(),
    ],
  ];
  test.each(lies)('%s: %s', async (_, step, told) => {
    lie = told;
    const { passed, steps } = await respect({ server: url, ...inputs });
    expect(passed).toBe(false);
    const caught = steps.filter(({ differs }) => differs.length > 0);
    expect(caught.map(({ step }) => step)).toEqual([step]);
    for (const secret of [inputs.apiKey, ...Object.values(VALUES)]) expect(JSON.stringify(steps)).not.toContain(secret);
  });
});

const fakeReply = async (value: object): Promise<Reply> => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

describe('npm run verify', () => {
  // The script uses what `npm test` has built before.
  const verify = (key: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, CORTEX_API_KEY: key };
      execFile(process.execPath, ['scripts/verify.js', ...args], { cwd: root, env }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  const rest = async () => {
    const { apiKey } = fake.cortex;
    return (await createSecretsClient({ apiKey, baseUrl: url }).list()).secrets.map(({ tag }) => tag);
  };

  test('an honest server', async () => {
    const { code, stdout } = await verify('fake-api-key', '--server', `${url}/`);
    expect(stdout).toContain('The server keeps the contract.');
    expect(code).toBe(0);
    expect(await rest()).toEqual(['another']);
  });

  test('a server that lies in the middle: what differs is told, and the secret is gone', async () => {
    lie = edited('PUT', 200, (body, asked) => ({ ...body, secret: JSON.parse(asked.body ?? '').secret }));
    const { code, stdout, stderr } = await verify('fake-api-key', '--server', url);
    expect(code).toBe(1);
    expect(stdout).toMatch(/DIFFERS +update: .*\n +PUT http.* got 200\n.*"secret"/);
    expect(stdout).toContain('not run: getUpdated,');
    expect(stdout + stderr).not.toContain('fake-api-key');
    expect(await rest()).toEqual(['another']);
  });

  test('a delete that does nothing: what is left behind is told', async () => {
    lie = untold('DELETE', { status: 200, headers: {}, body: '' });
    const { code, stderr } = await verify('fake-api-key', '--server', url);
    expect(code).toBe(1);
    const [, left] = await rest();
    expect(stderr).toContain(`Delete ${left} by hand.`);
  });

  test('Ctrl+C in the middle: the secret goes first', async () => {
    lie = async (_, tell) => {
      const reply = await tell();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return reply;
    };
    const env = { ...process.env, CORTEX_API_KEY: 'fake-api-key' };
    const args = ['scripts/verify.js', '--server', url];
    // A group of its own, as a terminal gives it: the signal reaches its children too.
    const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: 'ignore' });
    await expect.poll(rest, { timeout: 10_000 }).toHaveLength(2);
    process.kill(-Number(child.pid), 'SIGINT');
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await rest()).toEqual(['another']);
  });

  test('a wrong key: one step, and nothing to clean up', async () => {
    const { code, stdout, stderr } = await verify('wrong-key-0123', '--server', url);
    expect(code).toBe(1);
    expect(stdout).toMatch(/DIFFERS +create: .*\n +POST http.* got 401/);
    expect(stdout + stderr).not.toContain('wrong-key-0123');
    expect(stderr).toBe('');
  });

  test.each([
    ['no server', 'k', [], '--server'],
    ['no key', '', ['--server', 'https://cortex.test'], 'CORTEX_API_KEY'],
    ['http to a host that is not this one', 'k', ['--server', 'http://cortex.test'], 'https'],
    ['an unknown option', 'k', ['--servr', 'x'], '--servr'],
  ])('%s: exit code 2', async (_, key, args, words) => {
    const { code, stderr } = await verify(key, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
