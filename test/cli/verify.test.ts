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
    const { env, tagsLeft, close } = await startWith(async (_, respond) => {
      const response = await respond();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return response;
    });
    // In a process group, as in a terminal: its children get the signal too.
    const options = { cwd: root, env: { ...process.env, ...env }, detached: true, stdio: 'ignore' } as const;
    const child = spawn(process.execPath, [CLI, 'verify'], options);
    await expect.poll(tagsLeft, { timeout: 60_000 }).toHaveLength(2);
    process.kill(-Number(child.pid), 'SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(await tagsLeft()).toEqual(['another']);
    await close();
  });
});

test('stops after the first step with a wrong API key, and has nothing to remove', async () => {
  const { cortex, close, env } = await startCortex();
  const { code, stdout, stderr } = await cli(['verify'], {
    env: { ...env, CORTEX_API_KEY: `${KEY}-wrong` },
    cwd: root,
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^failed\tcreate\t/);
  expect(stderr).toMatch(/error: create: POST http.* responded with 401\n/);
  expect(stderr).not.toContain('could not remove');
  expect(cortex.requests.map(({ operation }) => operation)).toEqual(['create']);
  await close();
});
