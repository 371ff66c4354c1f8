/** `npx cortex-secrets mock` as a program: its words, its options, its end. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSecretsClient } from 'cortex-secrets';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

// What `npm test` has built before.
const cli = fileURLToPath(new URL('../../dist/mock/cli.js', import.meta.url));
const VALUE = 'a value in a file';
let folder: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-mock-'));
  await writeFile(
    join(folder, 'seed.json'),
    `\uFEFF${JSON.stringify([{ tag: 'seeded', name: 'Seeded', secret: VALUE }])}`,
  );
  await writeFile(join(folder, 'broken.json'), `[{ "tag": "t", "secret": "${VALUE}`);
  await writeFile(join(folder, 'wrong.json'), JSON.stringify([{ tag: 't', secert: VALUE }]));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  running?.kill('SIGKILL');
});

/** Starts it, and gives the first that it prints. */
async function start(...args: string[]): Promise<string> {
  running = spawn(process.execPath, [cli, 'mock', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = await once(running.stdout as NodeJS.ReadableStream, 'data');
  return String(printed);
}
const startJson = async (...args: string[]) => JSON.parse(await start('--json', ...args));

/** Runs it to its end. */
const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { timeout: 10_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });

test('it prints the address, the key and a curl line that works', async () => {
  const printed = await start('--api-key', "it's");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
  expect(printed).toContain(`CORTEX_BASE_URL=${url}`);
  const line = /^ *(curl .*)$/m.exec(printed)?.[1] as string;
  const answer = await new Promise((resolve) =>
    execFile('sh', ['-c', `${line} --silent`], (error, stdout) => resolve(error ? String(error) : stdout)),
  );
  // Where there is no curl there is nothing to see.
  if (!/not found/.test(String(answer)))
    expect(JSON.parse(String(answer))).toEqual({ page: 0, secrets: [], total: 0, totalPages: 0 });
});

test('--json, --seed, --api-key: a client works with it', async () => {
  const told = await startJson('--seed', join(folder, 'seed.json'), '--api-key', 'key-of-mine');
  expect(told).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    apiKey: 'key-of-mine',
    apiKeyWithoutPermission: expect.any(String),
  });
  const secrets = createSecretsClient({ apiKey: told.apiKey, baseUrl: told.url });
  expect(await secrets.get('seeded')).toMatchObject({ name: 'Seeded' });
  await secrets.set('more', { name: 'n', secret: 'v' });
  expect((await secrets.list()).total).toBe(2);
  const denied = createSecretsClient({ apiKey: told.apiKeyWithoutPermission, baseUrl: told.url });
  await expect(denied.list()).rejects.toMatchObject({ status: 403 });
});

test('--rate-limit and --latency', async () => {
  const { url, apiKey } = await startJson('--rate-limit', '2/60', '--latency', '150');
  const secrets = createSecretsClient({ apiKey, baseUrl: url, retry: false });
  const begin = performance.now();
  await secrets.list();
  expect(performance.now() - begin).toBeGreaterThan(140);
  await secrets.list();
  await expect(secrets.list()).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 });
});

test('--control: a second port for faults, and for what was asked', async () => {
  const { url, apiKey, controlUrl } = await startJson('--control', '0', '--cors');
  const secrets = createSecretsClient({ apiKey, baseUrl: url, retry: false });
  const body = JSON.stringify({ operation: 'create', fault: 'reset after processing' });
  expect((await fetch(`${controlUrl}/fail`, { method: 'POST', body })).status).toBe(204);
  const created = secrets.create({ tag: 'a', name: 'A', secret: VALUE });
  await expect(created).rejects.toMatchObject({ name: 'ConnectionError', outcome: 'unknown' });
  expect(await (await fetch(`${controlUrl}/values/a`)).json()).toEqual({ value: VALUE });
  const seen = await fetch(`${controlUrl}/requests`);
  expect(await seen.json()).toEqual([
    expect.objectContaining({ operation: 'create', fault: 'reset after processing' }),
  ]);
  expect(seen.headers.get('access-control-allow-origin')).toBe('*');
});

test('--control prints a curl line that works', async () => {
  const printed = await start('--control', '0');
  const line = /^ *(curl .*\/fail .*)$/m.exec(printed)?.[1] as string;
  const answer = await new Promise((resolve) =>
    execFile('sh', ['-c', `${line} --silent`], (error, stdout, stderr) => resolve(error ? stderr : stdout)),
  );
  if (/not found/.test(String(answer))) return; // no curl
  expect(answer).toBe('');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
  const list = () => fetch(`${url}/api/v1/secrets`, { headers: { authorization: 'Bearer fake-api-key' } });
  expect([(await list()).status, (await list()).status, (await list()).status]).toEqual([503, 503, 200]);
});

test('the second port is for this machine, whatever --host says', async () => {
  const { url, controlUrl } = await startJson('--host', '0.0.0.0', '--control', '0');
  expect(url).toContain('0.0.0.0');
  expect(controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('without --control there is no second port', async () => {
  expect(await startJson()).not.toHaveProperty('controlUrl');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it at once and cleanly, with a connection open and a request under way',
  async (signal) => {
    const { url, apiKey } = await startJson('--latency', '60000', '--control', '0');
    const pending = fetch(`${url}/api/v1/secrets`, { headers: { authorization: `Bearer ${apiKey}` } }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    const begin = performance.now();
    const child = running as ChildProcess;
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - begin).toBeLessThan(5000);
    await pending;
  },
);

test.each(['--port', '--control'])('%s: a port that is taken: what to do about it', async (option) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await run('mock', ...(option === '--port' ? [] : ['--port', '0']), option, String(port))).toEqual({
    code: 1,
    stdout: '',
    stderr: `The port ${port} is taken. Try another one, or 0 for any that is free.\n`,
  });
  other.close();
});

test('--help and --version', async () => {
  for (const args of [['--help'], ['mock', '--help']]) {
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    for (const name of [
      '--port',
      '--host',
      '--seed',
      '--rate-limit',
      '--latency',
      '--api-key',
      '--cors',
      '--control',
      '--json',
    ])
      expect(stdout).toContain(name);
  }
  expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('a mistake is told in one line, with exit code 2', () => {
  const mistakes: [string, string[], string][] = [
    ['no command', [], 'Give a command: mock'],
    ['another command', ['serve'], 'There is one command: mock'],
    ['an unknown option', ['mock', '--prot', '1'], "Unknown option '--prot'"],
    ['an empty host', ['mock', '--host', ''], '--host takes'],
    ['a port that is none', ['mock', '--port', '70000'], '--port takes'],
    ['a second port that is none', ['mock', '--control', 'x'], '--control takes'],
    ['a limit in another form', ['mock', '--rate-limit', '1000'], '--rate-limit takes requests/seconds'],
    ['a limit in no time', ['mock', '--rate-limit', '5/0'], '--rate-limit takes'],
    ['a latency that is none', ['mock', '--latency', 'long'], '--latency takes'],
    ['an empty key', ['mock', '--api-key', ''], '--api-key: '],
    ['no file', ['mock', '--seed', 'nowhere.json'], "--seed: can't read nowhere.json (ENOENT)"],
    ['a file that is not JSON', ['mock', '--seed', 'broken.json'], 'is not JSON'],
    ['a seed with a misspelt field', ['mock', '--seed', 'wrong.json'], '--seed[0]: there is no "secert"'],
  ];
  test.each(mistakes)('%s', async (_, args, words) => {
    const given = args.map((arg) => (/^(broken|wrong)/.test(arg) ? join(folder, arg) : arg));
    const { code, stdout, stderr } = await run(...given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).toContain('cortex-secrets --help');
    expect(stderr).not.toContain(VALUE);
    expect(stderr).not.toMatch(/\n +at /);
  });
});
