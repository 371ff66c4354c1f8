/** `npx cortex-secrets mock` as a process: its output, options and signals. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cli, emptyFolder, file, pathOf } from '../cli/support.js';
import { rejectionOf } from '../support/helpers.js';
import { CLI, type MockProcess, startProcess } from './process.js';

const VALUE = 'a value in a file';
const SEED = JSON.stringify([{ tag: 't', secret: VALUE }]);
let mock: MockProcess | undefined;

beforeAll(async () => {
  await file('seed.json', `\uFEFF${JSON.stringify([{ tag: 'seeded', name: 'Seeded', secret: VALUE }])}`);
  await file('broken.json', `[{ "tag": "t", "secret": "${VALUE}`);
  await file('wrong-bytes.json', Buffer.from(SEED.replace('file', 'f\u00efle'), 'latin1'));
  await file('wrong.json', JSON.stringify([{ tag: 't', secert: VALUE }]));
});
afterAll(emptyFolder);
afterEach(() => {
  mock?.child.kill('SIGKILL');
});
const startJson = async (...args: string[]) => {
  mock = await startProcess(args);
  return mock.addresses;
};

test('prints the address, the API key and curl commands that work', async () => {
  const child = execFile(process.execPath, [CLI, 'mock', '--port', '0', '--api-key', "it's", '--control', '0']);
  const [printed] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
  expect(printed).toContain(`CORTEX_BASE_URL=${url}`);
  const outputOf = (line = '') =>
    new Promise<string>((resolve) =>
      execFile('sh', ['-c', `${line} --silent`], (error, stdout, stderr) => resolve(error ? stderr : stdout)),
    );
  const [list, fail] = [...printed.matchAll(/^ *(curl .*)$/gm)].map(([, line]) => line);
  expect([list, fail]).toEqual([expect.any(String), expect.stringContaining('/fail ')]);
  const output = await outputOf(list);
  // Without curl on this machine there is no output to check.
  if (!/not found/.test(output)) {
    expect(JSON.parse(output)).toEqual({ page: 0, secrets: [], total: 0, totalPages: 0 });
    expect(await outputOf(fail)).toBe('{"id":1}');
    const statusOfList = async () =>
      (await fetch(`${url}/api/v1/secrets`, { headers: { authorization: "Bearer it's" } })).status;
    expect([await statusOfList(), await statusOfList(), await statusOfList()]).toEqual([503, 503, 200]);
  }
  child.kill('SIGKILL');
});

test('--json prints the options of a client of the seeded mock, which --rate-limit and --latency limit and delay', async () => {
  const options = [
    '--seed',
    pathOf('seed.json'),
    '--api-key',
    'key-of-mine',
    '--rate-limit',
    '4/600',
    '--latency',
    '150',
  ];
  const printed = await startJson(...options);
  expect(printed).toEqual({
    baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    apiKey: 'key-of-mine',
    apiKeyWithoutPermission: expect.any(String),
  });
  const { apiKey, baseUrl } = printed;
  const secrets = createSecretsClient({ apiKey, baseUrl, retry: false });
  const start = performance.now();
  expect(await secrets.get('seeded')).toMatchObject({ name: 'Seeded' });
  expect(performance.now() - start).toBeGreaterThan(140);
  await secrets.create({ tag: 'more', name: 'n', secret: 'v' });
  expect((await secrets.list()).total).toBe(2);
  const denied = createSecretsClient({ apiKey: printed.apiKeyWithoutPermission, baseUrl });
  await expect(denied.list()).rejects.toMatchObject({ status: 403 });
  await secrets.list();
  const { status, retryAfterMs } = await rejectionOf(secrets.list());
  expect(status).toBe(429);
  // Less than the window by what the requests have taken.
  expect(retryAfterMs).toBeLessThanOrEqual(600_000);
  expect(retryAfterMs).toBeGreaterThan(60_000);
});

test('--control takes faults and reports requests on a second port, on loopback whatever --host is', async () => {
  const { baseUrl, apiKey, controlUrl } = await startJson('--host', '0.0.0.0', '--control', '0', '--cors');
  expect(baseUrl).toContain('0.0.0.0');
  expect(controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const secrets = createSecretsClient({
    apiKey,
    baseUrl: baseUrl.replace('0.0.0.0', '127.0.0.1'),
    retry: false,
  });
  const body = JSON.stringify({ operation: 'create', fault: 'reset after processing' });
  expect((await fetch(`${controlUrl}/fail`, { method: 'POST', body })).status).toBe(201);
  const created = secrets.create({ tag: 'a', name: 'A', secret: VALUE });
  await expect(created).rejects.toMatchObject({ name: 'ConnectionError', outcome: 'unknown' });
  expect(await (await fetch(`${controlUrl}/values/a`)).json()).toEqual({ value: VALUE });
  const requests = await fetch(`${controlUrl}/requests`);
  expect(await requests.json()).toEqual([
    expect.objectContaining({ operation: 'create', fault: 'reset after processing' }),
  ]);
  expect(requests.headers.get('access-control-allow-origin')).toBe('*');
});

// The same for SIGTERM is in container.test.ts.
test('SIGINT ends the mock with exit code 0, also while a request is in flight', async () => {
  const latencyMs = 80_000;
  const { baseUrl, apiKey, controlUrl } = await startJson('--latency', String(latencyMs), '--control', '0');
  const pending = fetch(`${baseUrl}/api/v1/secrets`, { headers: { authorization: `Bearer ${apiKey}` } }).catch(
    () => {},
  );
  await expect.poll(async () => (await fetch(`${controlUrl}/requests`)).json()).toHaveLength(1);
  const start = performance.now();
  expect(await mock?.stop('SIGINT')).toBe(0);
  expect(performance.now() - start).toBeLessThan(latencyMs / 2);
  await pending;
});

test.each(['--port', '--control'])('%s: exits with 1 and advice if the port is in use', async (option) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await cli(['mock', ...(option === '--port' ? [] : ['--port', '0']), option, String(port)])).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: mock: port ${port} is in use; choose another one, or 0 for a free one\n`,
  });
  other.close();
});

test('--help lists every option, --version prints the version', async () => {
  const { code, stdout } = await cli(['mock', '--help']);
  expect(code).toBe(0);
  for (const name of [
    '--port',
    '--host',
    '--seed',
    '--rate-limit',
    '--window',
    '--latency',
    '--api-key',
    '--cors',
    '--control',
    '--json',
  ])
    expect(stdout).toContain(name);
  expect((await cli(['mock', '--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('exits with 2 and a message in the form of all commands for', () => {
  const mistakes: [string, string[], string][] = [
    ['an argument', ['mock', VALUE], 'mock: takes no arguments'],
    ['an unknown option', ['mock', '--prot', '1'], 'mock: unknown option --prot; did you mean --port?'],
    ['an empty host', ['mock', '--host', ''], '--host: must be'],
    ['a port out of range', ['mock', '--port', '70000'], '--port: must be'],
    ['a control port that is no number', ['mock', '--control', 'x'], '--control: must be'],
    ['a rate limit without seconds', ['mock', '--rate-limit', '1000'], '--rate-limit: must be requests/seconds'],
    ['a rate limit of 0 seconds', ['mock', '--rate-limit', '5/0'], '--rate-limit: must be'],
    [
      'a window of another kind',
      ['mock', '--rate-limit', '5/1', '--window', 'x'],
      '--window: must be fixed or sliding',
    ],
    ['a window without a limit', ['mock', '--window', 'fixed'], '--window: needs --rate-limit'],
    ['a latency that is no number', ['mock', '--latency', 'long'], '--latency: must be'],
    ['an empty key', ['mock', '--api-key', ''], '--api-key: must be'],
    ['a missing file', ['mock', '--seed', 'nowhere.json'], "--seed: can't read nowhere.json: there is no such file"],
    ['a folder', ['mock', '--seed', '/'], "--seed: can't read /: it is a directory"],
    ['JSON in place of a file name', ['mock', '--seed', SEED], "--seed: can't read the file: there is no such file"],
    [
      'long JSON in place of a file name',
      ['mock', '--seed', SEED.repeat(99)],
      "--seed: can't read the file: the path is too long",
    ],
    ['a file that is not UTF-8', ['mock', '--seed', 'wrong-bytes.json'], '--seed: is not UTF-8'],
    ['a file that is not JSON', ['mock', '--seed', 'broken.json'], 'is not JSON'],
    ['a seed with a misspelt field', ['mock', '--seed', 'wrong.json'], '--seed[0]: unknown option "secert"'],
  ];
  test.each(mistakes)('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n(Run "cortex-secrets mock --help"\.\n)?$/);
    expect(stderr).not.toContain(VALUE);
  });
});
