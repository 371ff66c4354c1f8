/** `npx cortex-secrets mock` as a process: its output, options and signals. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { rejectionOf } from '../support/helpers.js';
import { parseMock } from './support.js';

// Built by `npm test` before the tests.
const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const VALUE = 'a value in a file';
const SEED = JSON.stringify([{ tag: 't', secret: VALUE }]);
let folder: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-mock-'));
  await writeFile(
    join(folder, 'seed.json'),
    `\uFEFF${JSON.stringify([{ tag: 'seeded', name: 'Seeded', secret: VALUE }])}`,
  );
  await writeFile(join(folder, 'broken.json'), `[{ "tag": "t", "secret": "${VALUE}`);
  await writeFile(join(folder, 'wrong-bytes.json'), Buffer.from(SEED.replace('file', 'f\u00efle'), 'latin1'));
  await writeFile(join(folder, 'wrong.json'), JSON.stringify([{ tag: 't', secert: VALUE }]));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  running?.kill('SIGKILL');
});

/** Starts the mock, and returns its first output. */
async function start(...args: string[]): Promise<string> {
  running = spawn(process.execPath, [cli, 'mock', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(running.stdout as NodeJS.ReadableStream, 'data');
  return String(printed);
}
const startJson = async (...args: string[]) => JSON.parse(await start('--json', ...args));

/** Runs the command until it exits. */
const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });

test('prints the address, the API key and a curl command that works', async () => {
  const printed = await start('--api-key', "it's");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
  expect(printed).toContain(`CORTEX_BASE_URL=${url}`);
  const line = /^ *(curl .*)$/m.exec(printed)?.[1] as string;
  const output = await new Promise((resolve) =>
    execFile('sh', ['-c', `${line} --silent`], (error, stdout) => resolve(error ? String(error) : stdout)),
  );
  // Without curl on this machine there is no output to check.
  if (!/not found/.test(String(output)))
    expect(JSON.parse(String(output))).toEqual({ page: 0, secrets: [], total: 0, totalPages: 0 });
});

test('--json prints the options of a client of the seeded mock', async () => {
  const printed = await startJson('--seed', join(folder, 'seed.json'), '--api-key', 'key-of-mine');
  expect(printed).toEqual({
    baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    apiKey: 'key-of-mine',
    apiKeyWithoutPermission: expect.any(String),
  });
  const secrets = createSecretsClient({ apiKey: printed.apiKey, baseUrl: printed.baseUrl });
  expect(await secrets.get('seeded')).toMatchObject({ name: 'Seeded' });
  await secrets.set('more', { name: 'n', secret: 'v' });
  expect((await secrets.list()).total).toBe(2);
  const denied = createSecretsClient({ apiKey: printed.apiKeyWithoutPermission, baseUrl: printed.baseUrl });
  await expect(denied.list()).rejects.toMatchObject({ status: 403 });
});

test('--rate-limit and --latency limit and delay the responses', async () => {
  const { baseUrl, apiKey } = await startJson('--rate-limit', '2/600', '--latency', '150');
  const secrets = createSecretsClient({ apiKey, baseUrl, retry: false });
  const start = performance.now();
  await secrets.list();
  expect(performance.now() - start).toBeGreaterThan(140);
  await secrets.list();
  const { status, retryAfterMs } = await rejectionOf(secrets.list());
  expect(status).toBe(429);
  // Less than the window by what the three requests have taken.
  expect(retryAfterMs).toBeLessThanOrEqual(600_000);
  expect(retryAfterMs).toBeGreaterThan(60_000);
});

test.each(['fixed', 'sliding'] as const)('--window %s is that of the rate limit', async (window) => {
  expect(await parseMock(['--rate-limit', '2/60', '--window', window])).toMatchObject({
    fakeOptions: { rateLimit: { requests: 2, perMs: 60_000, window } },
  });
});

test('--control takes faults and reports requests on a second port', async () => {
  const { baseUrl, apiKey, controlUrl } = await startJson('--control', '0', '--cors');
  const secrets = createSecretsClient({ apiKey, baseUrl, retry: false });
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

test('--control prints a curl command that works', async () => {
  const printed = await start('--control', '0');
  const line = /^ *(curl .*\/fail .*)$/m.exec(printed)?.[1] as string;
  const output = await new Promise((resolve) =>
    execFile('sh', ['-c', `${line} --silent`], (error, stdout, stderr) => resolve(error ? stderr : stdout)),
  );
  if (/not found/.test(String(output))) return; // no curl
  expect(output).toBe('{"id":1}');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
  const list = () => fetch(`${url}/api/v1/secrets`, { headers: { authorization: 'Bearer fake-api-key' } });
  expect([(await list()).status, (await list()).status, (await list()).status]).toEqual([503, 503, 200]);
});

test('--control listens on loopback, whatever --host is', async () => {
  const { baseUrl, controlUrl } = await startJson('--host', '0.0.0.0', '--control', '0');
  expect(baseUrl).toContain('0.0.0.0');
  expect(controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('without --control, prints no controlUrl', async () => {
  expect(await startJson()).not.toHaveProperty('controlUrl');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the mock with exit code 0, also while a request is in flight',
  async (signal) => {
    const latencyMs = 80_000;
    const { baseUrl, apiKey, controlUrl } = await startJson('--latency', String(latencyMs), '--control', '0');
    const pending = fetch(`${baseUrl}/api/v1/secrets`, { headers: { authorization: `Bearer ${apiKey}` } }).catch(
      () => {},
    );
    await expect.poll(async () => (await fetch(`${controlUrl}/requests`)).json()).toHaveLength(1);
    const start = performance.now();
    const child = running as ChildProcess;
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - start).toBeLessThan(latencyMs / 2);
    await pending;
  },
);

test.each(['--port', '--control'])('%s: exits with 1 and advice if the port is in use', async (option) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await run('mock', ...(option === '--port' ? [] : ['--port', '0']), option, String(port))).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: mock: port ${port} is in use; choose another one, or 0 for a free one\n`,
  });
  other.close();
});

test('--help lists every option, --version prints the version', async () => {
  const { code, stdout } = await run('mock', '--help');
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
  expect((await run('mock', '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
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
    const given = args.map((arg) => (/^(broken|wrong)/.test(arg) ? join(folder, arg) : arg));
    const { code, stdout, stderr } = await run(...given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n(Run "cortex-secrets mock --help"\.\n)?$/);
    expect(stderr).not.toContain(VALUE);
  });
});
