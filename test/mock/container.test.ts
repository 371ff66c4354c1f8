/** `cortex-secrets mock` between containers: a control port for other machines, TLS, a log, and signals as process 1. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { createCertificate } from './certificate.js';
import { CLI, type MockProcess, startProcess, unavailable } from './process.js';
import { openSocket } from './support.js';

let mock: MockProcess | undefined;
afterEach(() => {
  mock?.child.kill('SIGKILL');
});
const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-container-'));
afterAll(() => rm(folder, { recursive: true }));

const TOKEN = 'c4nary-token';

test('--control-host listens for other machines, and takes the token from the environment; options of the fake reach it', async () => {
  const env = { CORTEX_MOCK_CONTROL_TOKEN: TOKEN };
  const ofFake = ['--conflict', '400', '--allow-empty-values', '--request-log-limit', '1'];
  mock = await startProcess(['--control', '0', '--control-host', '0.0.0.0', ...ofFake], { env });
  const { controlUrl, apiKey, baseUrl } = mock.addresses;
  expect(controlUrl).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  expect(JSON.stringify(mock.addresses)).not.toContain(TOKEN);
  const fail = (headers: Record<string, string>) =>
    fetch(`${controlUrl}/fail`, { method: 'POST', headers, body: '{"operation":"list","fault":{"status":500}}' });
  expect((await fail({})).status).toBe(401);
  expect((await fail({ authorization: `Bearer ${TOKEN}` })).status).toBe(201);
  const url = baseUrl.replace('0.0.0.0', '127.0.0.1');
  const secrets = createSecretsClient({ apiKey, baseUrl: url });
  await expect(secrets.list()).rejects.toMatchObject({ status: 500 });
  await secrets.create({ tag: 'a', name: 'A', secret: '' }, { allowEmptyValue: true });
  await expect(secrets.create({ tag: 'a', name: 'A', secret: 'v' })).rejects.toMatchObject({ status: 400 });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const reported = async (path: string) => (await fetch(`${controlUrl}${path}`, { headers })).json();
  expect(await reported('/values/a')).toEqual({ value: '' });
  expect(await reported('/requests')).toMatchObject([{ operation: 'create', status: 400 }]);
});

test('--log prints a line for each request of both ports to stderr', async () => {
  mock = await startProcess(['--log', '--control', '0']);
  const { baseUrl, apiKey, controlUrl } = mock.addresses;
  const secrets = createSecretsClient({ apiKey, baseUrl });
  await secrets.set('c4nary-tag', { name: 'c4nary', secret: 'c4nary' });
  await fetch(`${controlUrl}/values/c4nary-tag`);
  await vi.waitUntil(() => mock?.stderr().split('\n').length === 4, { timeout: 60_000 });
  expect(mock.stderr()).not.toContain('c4nary');
  expect(
    mock
      .stderr()
      .replace(/^\S+Z /gm, '')
      .replace(/ \d+ ms$/gm, ''),
  ).toBe('api PUT /api/v1/secrets/{tagOrId} 404\napi POST /api/v1/secrets 200\ncontrol GET /values/TAG 200\n');
});

test('goes on if nobody reads the log any more', async () => {
  mock = await startProcess(['--log']);
  mock.child.stderr?.destroy();
  for (let i = 0; i < 5; i++) expect((await fetch(`${mock.addresses.baseUrl}/x`)).status).toBe(404);
  expect(await mock.stop()).toBe(0);
});

const files = createCertificate(folder);

test.skipIf(!files)('--tls-cert and --tls-key serve https on both ports', async () => {
  const { cert = '', key = '' } = files ?? {};
  mock = await startProcess(['--tls-cert', cert, '--tls-key', key, '--control', '0']);
  const { baseUrl, controlUrl } = mock.addresses;
  const statusOf = (url: string) =>
    new Promise((resolve, reject) => {
      request(url, { ca: readFileSync(cert) }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  for (const url of [baseUrl, controlUrl]) expect(url).toMatch(/^https:/);
  expect([await statusOf(`${baseUrl}/api/v1/secrets`), await statusOf(`${controlUrl}/state`)]).toEqual([401, 200]);
});

// SIGINT has the same listener, and is in cli.test.ts.
describe('a signal ends the mock with exit code 0', () => {
  test('SIGTERM, whatever its connections do', async () => {
    mock = await startProcess(files ? ['--tls-cert', files.cert, '--tls-key', files.key] : []);
    const { socket, closed } = openSocket(Number(new URL(mock.addresses.baseUrl).port));
    await new Promise((resolve) => socket.once('ready', resolve));
    expect(await mock.stop()).toBe(0);
    await closed;
  });

  // In a PID namespace the first process ignores signals that it has no listener for, as in a container.
  const flags = ['--user', '--map-root-user', '--pid', '--fork', '--kill-child'];
  test('SIGTERM to process 1 of a container', async () => {
    if (await unavailable('unshare', ...flags, 'true')) return;
    if (!existsSync(`/proc/self/task/${process.pid}/children`)) return; // an option of the kernel
    const script = `import { spawn } from 'node:child_process';
      const child = spawn('unshare', [...${JSON.stringify(flags)}, process.execPath, '${CLI}', ...process.argv.slice(1)], { stdio: 'inherit' });
      child.on('exit', (code) => process.exit(code ?? 99));
      process.on('SIGTERM', async () => {
        // unshare forwards nothing: the child of the namespace gets the signal from outside, as from docker.
        const { readFileSync } = await import('node:fs');
        const [pid] = readFileSync('/proc/' + child.pid + '/task/' + child.pid + '/children', 'utf8').split(' ');
        process.kill(Number(pid), 'SIGTERM');
      });`;
    const command = [process.execPath, '--input-type=module', '--eval', script, '--', 'mock'];
    mock = await startProcess([], { command });
    expect(await mock.stop()).toBe(0);
  });
});
