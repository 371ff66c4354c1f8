/** The way to Cortex: through a real proxy with CONNECT and TLS, and what is said if it does not lead there. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { createCertificate } from '../mock/certificate.js';
import { cli, cliProcess, emptyFolder, file, folder, KEY, pathOf, value } from './support.js';

const PASSWORD = 'c4nary-of-a-proxy';
const files = createCertificate(folder);
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

/** A proxy that knows the host cortex.test, which no name server does. */
async function startProxy({ password, tls = false }: { password?: string; tls?: boolean } = {}) {
  const requests: string[] = [];
  const isAllowed = (header: string | undefined) =>
    password === undefined || header === `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const server: Server =
    tls && files
      ? createTlsServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) })
      : createHttpServer();
  server.on('request', (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!isAllowed(request.headers['proxy-authorization'])) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"page":0,"secrets":[],"total":0,"totalPages":0}');
  });
  server.on('connect', (request, socket, head) => {
    requests.push(`CONNECT ${request.url}`);
    socket.on('error', () => {});
    if (!isAllowed(request.headers['proxy-authorization'])) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n',
      );
      return;
    }
    const [host, port] = String(request.url).split(':');
    if (host !== 'cortex.test') {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const target = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { requests, port: portOf(server), close };
}

const secret = { tag: 'a', name: 'A', secret: value('a') };
const fake = createFake({ apiKey: KEY, seed: [secret] });
let target: Awaited<ReturnType<typeof listen>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let env: Record<string, string>;
beforeAll(async () => {
  const tls = files && { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
  target = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1', tls });
  proxy = await startProxy({ password: PASSWORD });
  env = {
    CORTEX_API_KEY: KEY,
    CORTEX_BASE_URL: `https://cortex.test:${new URL(target.url).port}`,
    HTTPS_PROXY: `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`,
    ...(files && { NODE_EXTRA_CA_CERTS: files.cert }),
  };
});
afterEach(() => {
  fake.cortex.reset();
  proxy.requests.length = 0;
});
afterAll(async () => {
  await target.close();
  proxy.close();
  await emptyFolder();
});

describe.skipIf(!files)('through a proxy with CONNECT and TLS', () => {
  test('list goes there', async () => {
    const { code, stdout, stderr } = await cli(['list'], { env });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expect.stringMatching(/^a\tA\t/), stderr: '' });
    expect(proxy.requests[0]).toBe(`CONNECT cortex.test:${new URL(target.url).port}`);
  });

  test('import stores there, and the values are in no log of the proxy', async () => {
    await file('two.json', JSON.stringify({ b: value('b'), c: value('c') }));
    expect(await cli(['import', 'two.json'], { env })).toMatchObject({ code: 0, stderr: 'import: 2 created\n' });
    expect(fake.cortex.storedValue('b')).toBe(value('b'));
    expect(proxy.requests.join()).not.toContain('c4nary');
  });

  test('verify goes there, with both of its clients', async () => {
    fake.cortex.fail('create', { status: 403 }, { times: 99 });
    expect(await cli(['verify'], { env })).toMatchObject({ code: 4 });
    expect(fake.cortex.requests.map(({ operation }) => operation)).toEqual(expect.arrayContaining(['list', 'create']));
  });

  test('check names the proxy, and not its password', async () => {
    const { code, stdout } = await cli(['check'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain(`proxy\tok\t127.0.0.1:${proxy.port} (HTTPS_PROXY), with user and password\n`);
    expect(stdout).toContain('TLS\tok\tthe certificate is accepted, NODE_EXTRA_CA_CERTS is set\n');
    expect(stdout).toContain('list\tok\t1 secret\n');
  });

  test.each<[string, Record<string, string>]>([
    ['NO_PROXY', { NO_PROXY: 'cortex.test' }],
    ['an empty variable', { HTTPS_PROXY: '' }],
  ])('%s: the host is looked up, and is not known', async (_, more) => {
    const { code, stderr } = await cli(['get', 'a'], { env: { ...env, ...more } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/no connection.*(ENOTFOUND|EAI_AGAIN)/);
    expect(stderr).toMatch(
      /There is no such host, or the name server can not be reached\.\nCheck the address: https:\/\/cortex/,
    );
    expect(proxy.requests).toEqual([]);
  });

  test('a loopback host is never asked for through it', async () => {
    const local = { ...env, CORTEX_BASE_URL: target.url };
    expect(await cli(['list'], { env: local })).toMatchObject({ code: 0 });
    expect(proxy.requests).toEqual([]);
    expect((await cli(['check'], { env: local })).stdout).toContain('proxy\tok\tnone, because of a loopback host\n');
  });

  test('a loopback host is not asked for through it either if Node would do so', async () => {
    const plain = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1' });
    for (const [url, more] of [
      [plain.url, { HTTP_PROXY: String(env.HTTPS_PROXY) }],
      [target.url, {}],
    ] as const) {
      const node = { ...env, ...more, CORTEX_BASE_URL: url, NODE_USE_ENV_PROXY: '1' };
      expect(await cliProcess(['list'], { env: node })).toMatchObject({ code: 0, stderr: '' });
    }
    expect(proxy.requests).toEqual([]);
    await plain.close();
  });

  test.each([
    ['a wrong password', 'user:c4nary-wrong@'],
    ['no password', ''],
  ])('%s: 407 says what to set', async (_, credentials) => {
    const HTTPS_PROXY = `http://${credentials}127.0.0.1:${proxy.port}`;
    const { code, stderr } = await cli(['list'], { env: { ...env, HTTPS_PROXY } });
    expect(code).toBe(1);
    expect(stderr).toContain(`The connection goes through the proxy 127.0.0.1:${proxy.port} (HTTPS_PROXY).`);
    expect(stderr).toContain(
      'The proxy asks for a user and a password: set HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
    );
    expect(proxy.requests).toHaveLength(1);
  });

  test('a proxy that can not be reached', async () => {
    const { code, stderr } = await cli(['list'], { env: { ...env, https_proxy: 'http://127.0.0.1:2' } });
    expect(code).toBe(1);
    expect(stderr).toContain('The connection goes through the proxy 127.0.0.1:2 (https_proxy).');
    expect(stderr).toContain("The proxy can't be reached: check https_proxy, or name cortex.test in NO_PROXY.");
  });

  test('a proxy that allows no connection to the host', async () => {
    const other = { ...env, CORTEX_BASE_URL: 'https://other.test' };
    const { code, stderr } = await cli(['list'], { env: other });
    expect(code).toBe(1);
    expect(stderr).toContain('the proxy responded to CONNECT with 403');
    expect(stderr).toContain(`the proxy 127.0.0.1:${proxy.port} (HTTPS_PROXY)`);
  });

  test('a variable that is no URL is rejected, and not quoted', async () => {
    const { code, stderr } = await cli(['list'], { env: { ...env, HTTPS_PROXY: 'http://c4nary:c4nary@' } });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('error: HTTPS_PROXY: must be a URL') });
    const { stdout } = await cli(['check'], { env: { ...env, HTTPS_PROXY: 'http://c4nary:c4nary@' } });
    expect(stdout).toContain('proxy\tfailed\tHTTPS_PROXY: must be a URL');
  });

  test.each([
    ['closes the connection', ''],
    ['closes it in the middle of its status', 'HTTP/1.1 20'],
    ['closes it after the status', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['speaks another protocol', 'SSH-2.0-x\r\n'],
  ])('a proxy that %s after CONNECT gets four connections, and nothing was sent', async (_, response) => {
    let connections = 0;
    const closing = createServer((socket) => {
      connections += 1;
      // One that undici would open at once after each error.
      if (connections > 20) closing.close();
      socket.on('error', () => {}).once('data', () => socket.end(response));
    });
    closing.listen(0, '127.0.0.1');
    await once(closing, 'listening');
    const { code, stderr } = await cli(['create', 'b', '--name', 'B', '--output', 'json'], {
      env: { ...env, HTTPS_PROXY: `http://127.0.0.1:${portOf(closing)}` },
      stdin: value('b'),
    });
    closing.close();
    expect(code).not.toBe(0);
    expect(stderr).toContain('"outcome":"not-sent"');
    expect(connections).toBe(4);
  });

  test('an https proxy', async () => {
    const secure = await startProxy({ tls: true });
    const HTTPS_PROXY = `https://localhost:${secure.port}`;
    expect(await cli(['list'], { env: { ...env, HTTPS_PROXY } })).toMatchObject({ code: 0, stderr: '' });
    expect(secure.requests).toHaveLength(1);
    secure.close();
  });

  test('an interrupted tunnel leaves a create unknown', async () => {
    fake.cortex.fail('create', 'reset after processing');
    const { code, stderr } = await cli(['create', 'n'], { env, stdin: value('n') });
    expect(code).toBe(1);
    expect(stderr).toContain('The secret may have been created');
    expect(fake.cortex.storedValue('n')).toBe(value('n'));
  });
});

test('a request to http is forwarded by the proxy, without a tunnel', async () => {
  const plain = { ...env, CORTEX_BASE_URL: 'http://cortex.test', http_proxy: String(env.HTTPS_PROXY) };
  const result = await cli(['list', '--allow-insecure-connection'], { env: plain });
  expect(result).toMatchObject({ code: 0, stdout: '' });
  expect(proxy.requests).toEqual([expect.stringMatching(/^GET http:\/\/cortex\.test\/api\/v1\/secrets\?/)]);
  const wrong = { ...plain, http_proxy: `http://127.0.0.1:${proxy.port}` };
  const { code, stderr } = await cli(['list', '--allow-insecure-connection'], { env: wrong });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('asks for a user and a password: set http_proxy='),
  });
});

describe('what went wrong leads to the next step', () => {
  const run = (baseUrl: string, more: Record<string, string> = {}) =>
    cli(['list'], { env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: baseUrl, ...more } });

  test.skipIf(!files)('a certificate of an unknown authority', async () => {
    const { code, stderr } = await run(target.url);
    expect(code).toBe(1);
    expect(stderr).toContain('self-signed certificate');
    expect(stderr).toContain('set NODE_EXTRA_CA_CERTS to the path of its certificate (PEM).');
    const other = createCertificate(mkdtempSync(pathOf('other-')), 'rsa');
    const more = { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: target.url, NODE_EXTRA_CA_CERTS: String(other?.cert) };
    const { stderr: text } = await cliProcess(['list'], { env: more });
    expect(text).toContain('is not in the file of NODE_EXTRA_CA_CERTS: add it there.');
  });

  test('https to an http port', async () => {
    const plain = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1' });
    const { code, stderr } = await run(plain.url.replace('http:', 'https:'));
    expect(code).toBe(1);
    expect(stderr).toContain(
      'At this port the server speaks no TLS that fits; it may be one for http.\nCheck the address:',
    );
    expect(stderr).not.toMatch(/[0-9A-F]{8,}:error|openssl/);
    await plain.close();
  });

  test('a port on which nothing listens', async () => {
    const { stderr } = await run('http://127.0.0.1:2');
    expect(stderr).toMatch(/Check the address: http:\/\/127\.0\.0\.1:2 \(CORTEX_BASE_URL\)\n/);
  });

  test.each([
    ['an HTML page with 200', 200, 'text/html', '<title>Log in</title>'],
    ['an HTML page with 404', 404, 'text/html', '<title>Not found</title>'],
    ['JSON of something else', 200, 'application/json', '{"hello":"world"}'],
    ["a 404 in Cortex's shape", 404, 'application/json', '{"message":"Not found","type":"NOT_FOUND"}'],
  ])('%s', async (_, status, type, body) => {
    const other = createHttpServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { code, stderr } = await run(`http://127.0.0.1:${portOf(other)}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nCheck the address: http:\/\/127\.0\.0\.1:\d+ \(CORTEX_BASE_URL\)\n/);
    other.close();
  });

  test.each(['/api', '/api/', '/api/v1/secrets', '/api/v1/secrets/', '/cortex/api'])(
    'an address that ends with %s is refused before anything is sent',
    async (path) => {
      const result = await run(`${target.url}${path}`);
      expect(result).toEqual({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^error: CORTEX_BASE_URL: ends with \/api(\/v1\/secrets)?; leave that out/),
      });
      expect(fake.cortex.requests).toEqual([]);
    },
  );

  test.skipIf(!files).each(['', '/', '/api/v1', '/api/v1/'])(
    'an address that ends with "%s" is right',
    async (path) => {
      expect(await run(`${target.url}${path}`, { NODE_EXTRA_CA_CERTS: String(env.NODE_EXTRA_CA_CERTS) })).toMatchObject(
        { code: 0 },
      );
    },
  );

  test('a server that hangs is named after a while', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { stderr } = await cli(['list'], {
      env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: `http://127.0.0.1:${portOf(silent)}` },
      showsWaits: true,
      onStart: (child) => child.stderr?.once('data', () => child.kill()),
    });
    expect(stderr).toBe(`waiting for 127.0.0.1:${portOf(silent)} to respond\n`);
    silent.close();
  });

  test('a wait for the rate limit is said', async () => {
    const plain = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1' });
    fake.cortex.fail('list', { status: 429, retryAfter: 40 });
    const { stderr } = await cli(['list'], {
      env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: plain.url },
      onStart: (child) => child.stderr?.once('data', () => child.kill()),
    });
    expect(stderr).toBe('429: trying again in 40 s\n');
    await plain.close();
  });
});

describe('check', () => {
  const rowsOf = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2).join(' '));

  test('shows where the settings come from, and the end of a long key at most', async () => {
    const plain = await listen(createFake({ apiKey: 'c4nary-of-a-long-key-1234' }).handleRequest, {
      port: 0,
      host: '127.0.0.1',
    });
    const CORTEX_CONFIG = await file(
      'config',
      `[default]\napi_key = c4nary-of-a-long-key-1234\nbase_url = ${plain.url}\n`,
    );
    const { code, stdout, stderr } = await cli(['check'], { env: { CORTEX_CONFIG } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `address\tok\t${plain.url} (base_url in the file of CORTEX_CONFIG)\n` +
        'key\tok\tapi_key in the file of CORTEX_CONFIG, ends with 1234\n' +
        'proxy\tok\tnone\nTLS\tok\tnone: a loopback host\nlist\tok\t0 secrets\n',
    );
    const short = await cli(['check'], { env: { CORTEX_API_KEY: 'c4nary-of-a-key', CORTEX_BASE_URL: plain.url } });
    expect(short).toMatchObject({ code: 4, stdout: expect.stringContaining('key\tok\tCORTEX_API_KEY\n') });
    await plain.close();
  });

  test.each<[string, Record<string, string>, number, string[]]>([
    ['no key', { CORTEX_API_KEY: '' }, 4, ['settings failed']],
    [
      'a wrong key',
      { CORTEX_API_KEY: 'c4nary-other' },
      4,
      ['address ok', 'key ok', 'proxy ok', 'TLS ok', 'list failed'],
    ],
    ['http to another host', { CORTEX_BASE_URL: 'http://cortex.test' }, 2, ['address failed']],
    [
      'no connection',
      { CORTEX_BASE_URL: 'https://127.0.0.1:2' },
      1,
      ['address ok', 'key ok', 'proxy ok', 'TLS not checked', 'list failed'],
    ],
  ])('%s', async (_, more, expected, rows) => {
    const plain = await listen(fake.handleRequest, { port: 0, host: '127.0.0.1' });
    const { code, stdout, stderr } = await cli(['check'], {
      env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: plain.url, ...more },
    });
    expect({ code, rows: rowsOf(stdout) }).toEqual({ code: expected, rows });
    expect(stderr).toMatch(/^error: /);
    await plain.close();
  });

  test.skipIf(!files)('a certificate of an unknown authority', async () => {
    const { code, stdout, stderr } = await cli(['check'], {
      env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: target.url },
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^TLS\tfailed\t\w*SELF_SIGNED\w*$/m);
    expect(stderr).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('its answer is JSON, and so is its error', async () => {
    const { code, stdout, stderr } = await cli(['check', '--output', 'json'], {
      env: { CORTEX_API_KEY: KEY, CORTEX_BASE_URL: 'http://127.0.0.1:2' },
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).at(-1)).toMatchObject({ check: 'list', result: 'failed' });
    expect(JSON.parse(stderr)).toMatchObject({
      exitCode: 1,
      kind: 'network',
      outcome: 'not-sent',
      operation: 'secrets.list',
    });
  });
});
