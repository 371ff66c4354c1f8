/** `cortex-secrets verify`, with the project's @redocly/cli and without one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, describe, expect, test } from 'vitest';
import { edited, startTampered, type Tamper, unprocessed } from '../support/tampered-cortex.js';
import { CLI, cli, folder, KEY, pathOf, removeFolder, startCortex } from './support.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
afterAll(() => removeFolder());

test('passes on the in-memory Cortex, and leaves no secret', async () => {
  const { cortex, close, env } = await startCortex({ seed: [{ tag: 'other', secret: 'v' }] });
  const { code, stdout, stderr } = await cli(['verify'], { env, cwd: root });
  expect(stderr).toMatch(/^The contract against http:.*\nThe server does what the contract says\.\n$/);
  expect(code).toBe(0);
  expect(stdout.split('\n').filter((line) => !line.startsWith('passed\t'))).toEqual(['']);
  expect((await cli(['list'], { env })).stdout).toMatch(/^other\t[^\n]*\n$/);
  expect(cortex.requests.filter(({ operation }) => operation === 'create').length).toBeGreaterThan(0);
  await close();
});

test('fails on a server that breaks the contract, names the step, and removes its secret', async () => {
  const { cortex, close, env } = await startCortex();
  cortex.fail('update', { status: 500 });
  const { code, stdout, stderr } = await cli(['verify', '--output', 'json'], { env, cwd: root });
  expect(code).toBe(1);
  expect(stderr).toMatch(/error: update: PUT http.* responded with 500\n/);
  expect(JSON.parse(stdout).some(({ result }: { result: string }) => result === 'failed')).toBe(true);
  expect((await cli(['list'], { env })).stdout).toBe('');
  await close();
});

test('without @redocly/cli, says how to install it', async () => {
  // The package as npm installs it: nothing above the folder has @redocly/cli.
  await mkdir(pathOf('node_modules/cortex-secrets'), { recursive: true });
  for (const name of ['dist', 'package.json'])
    await cp(`${root}${name}`, pathOf(`node_modules/cortex-secrets/${name}`), { recursive: true });
  const { code, stderr } = await cli(['verify'], {
    cwd: folder,
    program: pathOf('node_modules/cortex-secrets/dist/cli/main.js'),
  });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'error: verify needs @redocly/cli; install it: npm install --save-dev @redocly/cli@2\n',
  });
});

describe('a server with a fault', () => {
  async function startWith(tamper: Tamper) {
    const server = await startTampered({ apiKey: KEY, seed: [{ tag: 'another', secret: 'v' }] });
    server.tamperWith(tamper);
    const secrets = createSecretsClient({ apiKey: KEY, baseUrl: server.url });
    const tagsLeft = async () => (await secrets.list()).secrets.map(({ tag }) => tag);
    const env = { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: `${server.url}/` };
    return { ...server, env, tagsLeft, verify: () => cli(['verify'], { env, cwd: root }) };
  }

  test('prints the difference and the steps that were not run, and deletes its secret', async () => {
    const withValue = edited('PUT', 200, (body, { body: sent }) => ({
      ...body,
      secret: JSON.parse(String(sent)).secret,
    }));
    const { verify, tagsLeft, close } = await startWith(withValue);
    const { code, stdout, stderr } = await verify();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failed\tupdate\t/m);
    expect(stdout).toMatch(/^not run\tgetUpdated\t/m);
    expect(stderr).toMatch(/error: update: PUT http.* responded with 200\n[\s\S]*"secret"/);
    expect(await tagsLeft()).toEqual(['another']);
    await close();
  });

  test('names the secret that it could not delete', async () => {
    const { verify, tagsLeft, close } = await startWith(unprocessed('DELETE', { status: 200, headers: {}, body: '' }));
    const { code, stderr } = await verify();
    expect(code).toBe(1);
    const [, left] = await tagsLeft();
    expect(left).toMatch(/^cortex-secrets-verify-/);
    expect(stderr).toContain(`could not remove the secret ${left}; delete it`);
    await close();
  });

  test('deletes its secret after Ctrl+C, and exits with 130', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isCreated = false;
    // The step after the create gets no response before the signal.
    const { cortex, env, tagsLeft, close } = await startWith(async ({ method }, respond) => {
      const response = await respond();
      if (isCreated) await released;
      isCreated ||= method === 'POST';
      return response;
    });
    // In a process group, as in a terminal: its children get the signal too.
    const options = { cwd: root, env: { ...process.env, ...env }, detached: true, stdio: 'ignore' } as const;
    const child = spawn(process.execPath, [CLI, 'verify'], options);
    const reached = () => isCreated && cortex.requests.at(-1)?.operation === 'get';
    const exited = once(child, 'exit');
    await expect
      .poll(reached, { timeout: 60_000 })
      .toBe(true)
      .catch((error) => {
        process.kill(-Number(child.pid), 'SIGKILL');
        throw error;
      });
    process.kill(-Number(child.pid), 'SIGINT');
    release();
    expect(await exited).toEqual([130, null]);
    expect(await tagsLeft()).toEqual(['another']);
    await close();
  });
});

describe('what says nothing about the contract', () => {
  const NO_VERDICT = /does not do what the contract says|could not remove/;

  test('a wrong API key: exits with 4 after one request', async () => {
    const { cortex, close, env } = await startCortex();
    const { code, stdout, stderr } = await cli(['verify'], {
      env: { ...env, CORTEX_API_KEY: `${KEY}-wrong` },
      cwd: root,
    });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^error: list: 401 /);
    expect(stderr).not.toMatch(NO_VERDICT);
    expect(cortex.requests.map(({ operation }) => operation)).toEqual(['list']);
    await close();
  });

  test.each([
    ['a missing permission', 'list', { status: 403 }, 4],
    ['a permission to read only', 'create', { status: 403 }, 4],
    ['a rate limit', 'list', { status: 429, retryAfter: 3600 }, 7],
    ['a rate limit that the workflow reaches', 'create', { status: 429, retryAfter: 3600 }, 7],
  ] as const)('%s (%s, %j): exits with %i', async (_, operation, fault, expected) => {
    const { cortex, close, env } = await startCortex();
    cortex.fail(operation, fault, { times: 99 });
    const { code, stderr } = await cli(['verify'], { env, cwd: root });
    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.not.stringMatching(NO_VERDICT) });
    await close();
  });

  test('no connection: exits with 1, and creates nothing', async () => {
    const env = { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: 'http://127.0.0.1:2' };
    const { code, stdout, stderr } = await cli(['verify'], { env, cwd: root });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: list: no connection/);
    expect(stderr).not.toMatch(NO_VERDICT);
  });
});
