/** docs/mock.md: its tables name every option, route and fault, and its code blocks run. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { createControlHandler, ROUTE_NAMES } from '../../src/mock/control-server.js';
import { listen } from '../../src/mock/http-server.js';
import { NAMED_FAULTS, OBJECT_FAULTS } from '../../src/testing/faults.js';
import { CLI, unavailable } from '../mock/process.js';
import { mockCommand, parseMock, startMock } from '../mock/support.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const docs = await readFile(join(root, 'docs', 'mock.md'), 'utf8');
const blocksOf = (language: string) =>
  [...docs.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code]) => code as string);
const block = (language: string, words: string) => {
  const found = blocksOf(language).filter((code) => code.includes(words));
  expect(found, words).toHaveLength(1);
  return found[0] as string;
};
/** The code in the first cells of the rows of a table. */
const firstCells = docs.split('\n').flatMap((line) => /^\| (`.*?`) \|/.exec(line)?.[1] ?? []);
const codesOf = (cells: string[]) =>
  cells.flatMap((cell) => [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code as string));

const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-docs-'));
let mock: Awaited<ReturnType<typeof startMock>>;
let control: { url: string; close(): Promise<void> };
beforeAll(async () => {
  mock = await startMock();
  control = await listen(createControlHandler(mock), { port: 0, host: '127.0.0.1' });
});
afterEach(() => mock.cortex.reset());
afterAll(async () => {
  await Promise.all([mock.close(), control.close()]);
  await rm(folder, { recursive: true });
});

const run = (program: string, args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const given = {
      PATH: process.env.PATH ?? '',
      NO_PROXY: '*',
      CONTROL: control.url,
      CORTEX_BASE_URL: mock.url,
      CORTEX_API_KEY: mock.cortex.apiKey,
      ...env,
    };
    execFile(program, args, { env: given, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    );
  });

test('its tables have every option, and no other', () => {
  const options = codesOf(firstCells).flatMap((code) => /^--[a-z-]+/.exec(code)?.[0] ?? []);
  // `--debug` is an option of all commands.
  expect(options.filter((name) => name !== '--debug').sort()).toEqual(
    mockCommand()
      .options.map(({ long }) => String(long))
      .sort(),
  );
});

test('its tables have every route and every fault, and so has --help', async () => {
  const routes = codesOf(firstCells).filter((code) => /^(GET|PUT|POST|DELETE) \//.test(code));
  expect(routes.sort()).toEqual([...ROUTE_NAMES, 'GET /health'].sort());
  const faults = codesOf(firstCells).flatMap((code) => /^"[a-zA-Z0-9 -]+"$/.exec(code)?.[0].slice(1, -1) ?? []);
  const onPort = NAMED_FAULTS.filter((name) => name !== 'connection refused');
  expect(faults.sort()).toEqual([...onPort].sort());
  const objects = codesOf(firstCells).filter((code) => code.startsWith('{ '));
  expect(objects.map((code) => `{ ${Object.keys(JSON.parse(code))[0]} }`).sort()).toEqual([...OBJECT_FAULTS].sort());
  const help = (await run(process.execPath, [CLI, 'mock', '--help'])).stdout.replace(/\s+/g, ' ');
  for (const text of [...ROUTE_NAMES, ...onPort.map((name) => `"${name}"`), ...OBJECT_FAULTS])
    expect(help).toContain(text);
});

test('every fault of its table is one that POST /fail takes', async () => {
  const faults = codesOf(firstCells).filter((code) => /^(\{ "|"[a-zA-Z])/.test(code));
  for (const fault of faults) {
    const body = `{ "operation": "list", "fault": ${fault}, "times": "all" }`;
    const { status } = await fetch(`${control.url}/fail`, { method: 'POST', body });
    expect([fault, status]).toEqual([fault, 201]);
  }
});

test('its command lines have options that exist', async () => {
  writeFileSync(join(folder, 'secrets.json'), '[]');
  const lines = blocksOf('sh').flatMap(
    (code) => code.match(/^(npx|node_modules\/\.bin\/)\S* ?(cortex-secrets )?mock .*$/gm) ?? [],
  );
  expect(lines.length).toBeGreaterThan(3);
  process.env.CORTEX_MOCK_CONTROL_TOKEN = 'a-token';
  for (const line of lines) {
    const [, given = ''] = / mock (.*?)(?: > \S+)?(?: &)?$/.exec(line) ?? [];
    const args = given.split(' ').map((arg) => (arg === 'secrets.json' ? join(folder, arg) : arg));
    const withoutFiles = args.filter((arg) => !/^--tls|\.pem$/.test(arg));
    expect(await parseMock(withoutFiles)).toMatchObject({ json: withoutFiles.includes('--json') });
  }
  delete process.env.CORTEX_MOCK_CONTROL_TOKEN;
});

test('the compose file gives the mock options that exist, and tells the tests where it is', async () => {
  const { services } = parse(block('yaml', 'services:'));
  process.env.CORTEX_MOCK_CONTROL_TOKEN = 'a-token';
  expect(await parseMock(services['cortex-mock'].command)).toMatchObject({
    control: { port: 4021, host: '0.0.0.0', token: 'a-token' },
    log: true,
  });
  delete process.env.CORTEX_MOCK_CONTROL_TOKEN;
  expect(services.tests.environment.CORTEX_BASE_URL).toBe('http://cortex-mock:4020');
  expect(services['cortex-mock'].build.dockerfile).toBe('mock.Dockerfile');
});

const noCurl = await unavailable('curl', '--version');
test.skipIf(noCurl)('the commands for the control port work, in their order', async () => {
  const { code, stdout, stderr } = await run('sh', ['-e', '-c', block('sh', '"$CONTROL/fail"')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('"fault":{"status":429,"retryAfter":1},"times":"all"}]');
  expect(stdout).toContain('{"value":"the value"}');
});

test.skipIf(noCurl)('the create by curl works', async () => {
  await run('sh', [
    '-e',
    '-c',
    `curl --silent --request DELETE "$CORTEX_BASE_URL/api/v1/secrets/my-secret" --header "Authorization: Bearer $CORTEX_API_KEY"`,
  ]);
  const { code, stdout } = await run('sh', ['-e', '-c', block('sh', 'printf ')]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ tag: 'my-secret', name: 'My secret' });
});

test.skipIf(await unavailable('python3', '--version'))('the Python works', async () => {
  const { stdout, stderr } = await run('python3', ['-c', block('python', 'urllib')]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^\(200, \{'id': '.*'tag': 'my-secret'.*\}\)\n\(404, \{'message': 'Secret not found'.*\}\)\n$/,
  );
  expect(mock.cortex.storedValue('my-secret')).toBe('another value');
});

test.skipIf(await unavailable('openssl', 'version'))('openssl makes a certificate that the mock takes', async () => {
  const [command = ''] = block('sh', 'openssl req').split('npx ');
  expect((await run('sh', ['-e', '-c', command])).code).toBe(0);
  const { listenOptions } = await parseMock([
    '--tls-cert',
    join(folder, 'cert.pem'),
    '--tls-key',
    join(folder, 'key.pem'),
  ]);
  expect(listenOptions.tls).toBeDefined();
});

describe('the CI script', () => {
  const bin = join(folder, 'node_modules', '.bin');
  const withPrograms = (programs: Record<string, string>) => {
    mkdirSync(bin, { recursive: true });
    for (const [name, script] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return run('sh', ['-e', '-c', block('sh', 'until [')], { PATH: `${bin}:${process.env.PATH}` });
  };
  const real = `exec '${process.execPath}' '${CLI}' "$@"`;
  // What `npm test` runs in a user's project.
  const list = `curl --silent "$CORTEX_BASE_URL/api/v1/secrets" --header "Authorization: Bearer $CORTEX_API_KEY"`;

  test.skipIf(noCurl)(
    'runs the tests against its own mock, whatever listens on the default port, and ends it',
    async () => {
      const address = join(folder, 'address');
      const programs = { 'cortex-secrets': real, npm: `echo "$CORTEX_BASE_URL" > '${address}'; ${list}` };
      const { code, stdout } = await withPrograms(programs);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '{"page":0,"secrets":[],"total":0,"totalPages":0}' });
      const baseUrl = (await readFile(address, 'utf8')).trim();
      expect(new URL(baseUrl).port).not.toBe('4020');
      await vi.waitFor(() => expect(fetch(`${baseUrl}/health`)).rejects.toThrow(), 60_000);
    },
  );

  test('fails as the tests do', async () => {
    expect(await withPrograms({ 'cortex-secrets': real, npm: 'exit 7' })).toMatchObject({ code: 7 });
  });

  test('runs no test if the mock does not start', async () => {
    const { code, stdout } = await withPrograms({ 'cortex-secrets': 'exit 1', npm: 'echo tested' });
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
  });
});
