/** `npm run mock` and `npm run mock:proxy`: Prism's own command line, and what is left of it after a signal. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const KEY = 'c4nary-of-a-key';
const VALUE = 'c4nary-of-a-value';

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const running: ChildProcess[] = [];
afterEach(() => {
  // Each is the leader of a process group.
  for (const { pid, exitCode, signalCode } of running.splice(0))
    if (exitCode === null && signalCode === null) process.kill(-Number(pid), 'SIGKILL');
});

/** Starts a command, and waits until it names its address. */
async function start(...command: string[]) {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
  });
  running.push(child);
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const [, found] = /Prism is listening on (http:\S+)/.exec(printed) ?? [];
      if (found) resolve(found);
    });
    child.once('close', () => reject(new Error(printed)));
  });
  return { child, url, printed: () => printed };
}

const create = (url: string, body: object): Promise<Response> =>
  fetch(`${url}/api/v1/secrets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Ends it by SIGTERM, as a script would, and waits until its port is free again and its process group is gone. */
async function terminate({ child, url }: Awaited<ReturnType<typeof start>>) {
  child.kill('SIGTERM');
  await once(child, 'close');
  await expect.poll(() => fetch(url).then(Boolean, () => false), { timeout: 30_000 }).toBe(false);
  const group = () => {
    try {
      return process.kill(-Number(child.pid), 0);
    } catch {
      return false;
    }
  };
  await expect.poll(group, { timeout: 30_000 }).toBe(false);
}

test('npm run mock responds with an example, refuses a wrong body, and ends as a whole after SIGTERM', async () => {
  const mock = await start('npm', 'run', 'mock', '--', '--port', '0');
  const created = await create(mock.url, { tag: 'a', name: 'A', secret: VALUE });
  expect([created.status, await created.json()]).toEqual([200, expect.objectContaining({ id: expect.any(String) })]);
  const refused = await create(mock.url, { tag: 'a', name: 'A' });
  expect(refused.status).toBe(400);
  expect(refused.headers.get('sl-violations')).toContain("must have required property 'secret'");
  await terminate(mock);
  expect(mock.printed()).toContain("must have required property 'secret'");
  expect(mock.printed()).not.toContain('c4nary');
});

// Without npm, which takes as long as the test: the one above shows what it adds.
test('npm run mock:proxy forwards to a server, reports what breaks the contract, and ends after SIGTERM', async () => {
  const { cortex, handleRequest } = createFake({ apiKey: KEY });
  const server = await listen(handleRequest, { port: 0, host: '127.0.0.1' });
  const proxy = await start(...scripts['mock:proxy'].split(' '), server.url, '--port', '0');
  const created = await create(proxy.url, { tag: 'a', name: 'A', secret: VALUE });
  expect([created.status, created.headers.get('sl-violations')]).toEqual([200, null]);
  expect(cortex.storedValue('a')).toBe(VALUE);
  const refused = await create(proxy.url, { tag: 'b', name: 'B' });
  expect(refused.headers.get('sl-violations')).toContain("must have required property 'secret'");
  cortex.fail('get', 'wrong shape');
  const invalid = await fetch(`${proxy.url}/api/v1/secrets/a`, { headers: { authorization: `Bearer ${KEY}` } });
  expect(invalid.headers.get('sl-violations')).toContain('"location":["response"');
  await terminate(proxy);
  expect(proxy.printed()).not.toContain('c4nary');
  await server.close();
});

describe('a wrong start', () => {
  const run = (...args: string[]): Promise<{ code: unknown; stderr: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, ['scripts/contract/mock.js', ...args], { cwd: root }, (error, _, stderr) =>
        resolve({ code: error?.code ?? 0, stderr }),
      );
    });

  test('says that the port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stderr } = await run('mock', '--port', String(port));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${port} of 127.0.0.1 is in use. Stop what listens there, or choose another: --port 0 takes a free one.\n`,
    });
    other.close();
  });

  test.each([
    ['no integer as port', ['mock', '--port', 'x'], '--port: must be an integer'],
    ['an unknown option', ['mock', '--prot', '1'], '--prot'],
    ['a URL for the mock', ['mock', 'http://127.0.0.1:1'], 'the mock takes no URL'],
    ['no URL for the proxy', ['proxy'], 'URL: must be the http or https address'],
    ['a file as URL', ['proxy', 'file:///etc'], 'URL: must be the http or https address'],
  ])('exits with 2 for %s', async (_, args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run mock:proxy -- URL');
  });
});
