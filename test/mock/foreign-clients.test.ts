/** The mock under curl, Python and Java: each is skipped, with a printed reason, where it is missing. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPython, unavailable } from './process.js';
import { ALL, startMock } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-foreign-'));
afterAll(() => rm(folder, { recursive: true }));
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

let mock: Awaited<ReturnType<typeof startMock>>;
let proxy: Server;
let connections: number;
let env: Record<string, string>;
beforeEach(async () => {
  mock = await startMock();
  // Counts the connections of a client.
  connections = 0;
  proxy = createServer((socket) => {
    connections++;
    const upstream = connect(mock.port, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const one of [socket, upstream]) one.on('error', () => {}).on('close', () => [socket, upstream].map(destroy));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { port: number };
  env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    CORTEX_BASE_URL: `http://127.0.0.1:${port}`,
    CORTEX_API_KEY: 'fake-api-key',
    NO_PROXY: '*',
  };
});
const destroy = (socket: { destroy(): unknown }) => socket.destroy();
afterEach(async () => {
  await mock.close();
  proxy.close();
});

const run = (program: string, ...args: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(program, args, { env, cwd: folder, timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    );
  });

const noCurl = await unavailable('curl', '--version');
describe.skipIf(noCurl)('curl', () => {
  const curl = (...args: string[]) =>
    run(
      'curl',
      '--silent',
      '--show-error',
      '--max-time',
      '60',
      '--header',
      'Authorization: Bearer fake-api-key',
      ...args,
    );
  const statusOf = async (...args: string[]) =>
    (await curl('--output', '/dev/null', '--write-out', '%{http_code} %{http_version}', ...args)).stdout;
  const url = () => env.CORTEX_BASE_URL + ALL;

  test('--http2-prior-knowledge fails at once and names HTTP/2', async () => {
    const { stdout } = await run('curl', '--version');
    if (!stdout.includes('HTTP2')) return console.log('skipped: this curl has no HTTP/2');
    const { code, stderr } = await curl('--http2-prior-knowledge', url());
    expect(code).not.toBe(0);
    expect(code).not.toBe(28); // the time limit
    expect(stderr).toMatch(/HTTP\/?2|HTTP_1_1_REQUIRED/i);
  });

  test('--http2, an upgrade to h2c, gets HTTP/1.1', async () => {
    expect(await statusOf('--http2', url())).toBe('200 1.1');
  });

  test('a body in ISO 8859-1 or compressed is refused, one in UTF-8 is stored', async () => {
    const text = JSON.stringify({ tag: 'new', name: 'N', secret: 'p\u00e4ss' });
    await writeFile(join(folder, 'latin1'), text, 'latin1');
    await writeFile(join(folder, 'utf8'), text);
    const json = ['--header', 'Content-Type: application/json', url(), '--data-binary'];
    expect(await statusOf(...json, '@latin1')).toBe('400 1.1');
    expect(await statusOf('--header', 'Content-Encoding: gzip', ...json, '@utf8')).toBe('415 1.1');
    expect(mock.cortex.storedValue('new')).toBeUndefined();
    expect(await statusOf(...json, '@utf8')).toBe('200 1.1');
    expect(mock.cortex.storedValue('new')).toBe('p\u00e4ss');
  });

  test('a slow response without a body, and the next request on the same connection', async () => {
    mock.cortex.fail('delete', { slowBodyMs: 50 });
    const one = `${url()}/my-secret`;
    const next = ['--next', '--silent', '--max-time', '60', '--write-out', '%{http_code}\n', '--output', '/dev/null'];
    const args = ['--request', 'DELETE', '--write-out', '%{http_code}\n', one, ...next, one];
    expect((await curl(...args)).stdout).toBe('200\n401\n'); // --next drops the key
    expect(connections).toBe(1);
  });
});

const python = await findPython();
test.skipIf(!python)('Python: urllib, http.client and requests', async () => {
  const { stdout, stderr, code } = await run(String(python), here('./foreign.py'));
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const results = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string, string])
      .map(([name, ...rest]) => [name, rest.join(' ').trim()]),
  );
  expect(Object.fromEntries(results)).toMatchObject({
    'urllib-utf8': '200',
    'urllib-latin1': '400',
    'urllib-wrong-key': '401 Bearer',
    'urllib-surrogate': '400',
    'http-str': '400',
    'http-bytes': '200',
  });
  const stored = ['urllib-utf8', 'http-bytes'];
  if (results.has('requests')) console.log('skipped: requests is not installed for python3');
  else {
    expect(results.get('requests-json')).toBe('200');
    expect(results.get('requests-str')).toMatch(/^(200|400)$/);
    stored.push('requests-json', ...(results.get('requests-str') === '200' ? ['requests-str'] : []));
  }
  const state = mock.control.snapshot().filter(({ tag }) => tag !== 'my-secret');
  expect(state.map(({ tag }) => tag)).toEqual(stored.sort());
  for (const { secret } of state) expect(secret).toBe('p\u00e4ss');
});

const noJava = await unavailable('java', '-version');
test.skipIf(noJava)(
  'Java: HttpClient takes a 401, keeps its connection, and its wrong bytes are refused',
  async () => {
    const docs = await readFile(here('../../docs/mock.md'), 'utf8');
    const example = /```java\n([\s\S]*?)```/.exec(docs)?.[1] ?? '';
    const withoutImports = example.replace(/^import .*\n/gm, '').replace('public class', 'class');
    expect(withoutImports).toContain('class Rotate');
    const source = join(folder, 'Foreign.java');
    await writeFile(source, `${await readFile(here('./Foreign.java'), 'utf8')}\n${withoutImports}`);
    const { stdout, stderr, code } = await run('java', source);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.split('\n')).toEqual([
      'list 200 HTTP_1_1',
      'wrong-key 401 HTTP_1_1',
      'no-key 401 HTTP_1_1',
      'latin1 400 HTTP_1_1',
      'utf8 200 HTTP_1_1',
      expect.stringMatching(/^200 \{"id":"se\w{16}","tag":"my-secret","name":"My secret"\}$/),
      '',
    ]);
    expect(mock.cortex.storedValue('utf8')).toBe('p\u00e4ss');
    expect(mock.cortex.storedValue('latin1')).toBeUndefined();
    expect(mock.cortex.storedValue('my-secret')).toBe('another value');
    expect(connections).toBe(3); // one for each of the three clients
  },
  120_000,
);
