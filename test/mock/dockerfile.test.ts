/**
 * The instructions of examples/mock.Dockerfile. Docker is missing on many machines: RUN, ENTRYPOINT and HEALTHCHECK are run
 * as they stand in an empty folder, with the packed package in place of the published one.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MockProcess, startProcess, unavailable } from './process.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const dockerfile = await readFile(join(root, 'examples', 'mock.Dockerfile'), 'utf8');
const argumentOf = (instruction: string) =>
  (new RegExp(`^${instruction} (.*)$`, 'm').exec(dockerfile)?.[1] ?? '') as string;

let folder: string;
let mock: MockProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-docker-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename }] = JSON.parse(stdout);
  const install = argumentOf('RUN');
  expect(install).toContain(' cortex-secrets@$VERSION');
  // Without one, npm looks for a project in the folders above, which a container does not have.
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await run('sh', ['-c', install.replace('cortex-secrets@$VERSION', `./${filename}`)], {
    cwd: folder,
    env: { ...process.env, npm_config_prefer_offline: 'true' },
  });
  const command = JSON.parse(argumentOf('ENTRYPOINT'));
  const env = { CORTEX_MOCK_CONTROL_TOKEN: 'a-token' };
  mock = await startProcess(['--control', '0', '--control-host', '0.0.0.0'], { command, cwd: folder, env });
});
afterAll(async () => {
  mock?.child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

test('the entry point is the process itself, and listens for other containers', () => {
  expect(mock.addresses.baseUrl).toMatch(/^http:\/\/0\.0\.0\.0:/);
  expect(mock.addresses.controlUrl).toMatch(/^http:\/\/0\.0\.0\.0:/);
  expect(JSON.parse(argumentOf('ENTRYPOINT'))[0]).toBe('node'); // no shell and no npx: both keep signals to themselves
});

test('the health check succeeds while the mock runs, and fails after a signal has ended it', async () => {
  const check = /CMD (.*)$/.exec(argumentOf('HEALTHCHECK'))?.[1] ?? '';
  expect(check).toContain('127.0.0.1:4020/health');
  const command = check.replace('4020', new URL(mock.addresses.baseUrl).port);
  const hasWget = !(await unavailable('wget', '--version'));
  if (hasWget) await run('sh', ['-c', command]);
  expect(await mock.stop('SIGTERM')).toBe(0);
  if (hasWget) await expect(run('sh', ['-c', command])).rejects.toThrow();
});
