/** `cortex-secrets verify`, with the project's @redocly/cli and without one. */
import { cp, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { cli, folder, pathOf, removeFolder, startCortex } from './support.js';

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
