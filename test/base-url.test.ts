/** The address of Cortex: which are refused, and what is left of it. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isLoopback, type Runtime, validBaseUrl } from '../src/base-url.js';
import { createSecretsClient } from '../src/index.js';

const PROXY = 'http://proxy.test:3128';
const NODE24: Runtime = { versions: { node: '24.9.0' }, env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: PROXY } };
const BUN: Runtime = { versions: { node: '24.3.0', bun: '1.4.5' }, env: { HTTP_PROXY: PROXY } };
const DENO: Runtime = { versions: { node: '24.2.0', deno: '2.9.6' }, env: { HTTP_PROXY: PROXY } };
const RUNTIMES = { 'Node 24': NODE24, Bun: BUN, Deno: DENO };

const withEnv = (runtime: Runtime, env: Runtime['env']): Runtime => ({ ...runtime, env: { ...runtime.env, ...env } });
const goesToProxy = (runtime: Runtime, url = 'http://127.0.0.1:4020') => {
  try {
    return validBaseUrl(url, 'baseUrl', false, runtime) === '';
  } catch (error) {
    expect((error as Error).message).toMatch(/^baseUrl: http to .* would go to the proxy/);
    return true;
  }
};

afterEach(() => void vi.unstubAllGlobals());

describe('http to loopback, if the runtime sends it to a proxy', () => {
  test('is a TypeError that says what to do, and quotes no proxy, which may have a password', () => {
    expect(() => validBaseUrl('http://localhost:4020', 'CORTEX_BASE_URL', false, NODE24)).toThrow(
      new TypeError(
        'CORTEX_BASE_URL: http to localhost would go to the proxy of HTTP_PROXY, with keys and values unencrypted; add localhost to NO_PROXY, or pass allowInsecureConnection: true',
      ),
    );
  });

  test('createSecretsClient refuses it, with a custom fetch too', () => {
    vi.stubGlobal('process', BUN);
    const options = { apiKey: 'k', baseUrl: 'http://127.0.0.1:4020', fetch: async () => new Response() };
    expect(() => createSecretsClient(options)).toThrow(/^baseUrl: http to 127\.0\.0\.1 would go to the proxy/);
    expect(() => createSecretsClient({ ...options, allowInsecureConnection: true })).not.toThrow();
    vi.stubGlobal('process', withEnv(BUN, { CORTEX_BASE_URL: 'http://[::1]' }));
    expect(() => createSecretsClient({ apiKey: 'k' })).toThrow(/^CORTEX_BASE_URL: http to \[::1\] would go/);
  });

  test.each(Object.entries(RUNTIMES))('%s: is refused for each loopback host; https is not', (_, runtime) => {
    for (const url of ['http://127.0.0.1', 'http://localhost:8080/x', 'http://[::1]:1', 'http://127.1'])
      expect([url, goesToProxy(runtime, url)]).toEqual([url, true]);
    expect(validBaseUrl('https://localhost', 'baseUrl', false, runtime)).toBe('https://localhost');
    expect(validBaseUrl('http://localhost', 'baseUrl', true, runtime)).toBe('http://localhost');
  });

  // What each runtime does was seen with a real proxy.
  const NONE = { HTTP_PROXY: undefined };
  test.each<[env: Runtime['env'], node: boolean, bun: boolean, deno: boolean]>([
    [{ ...NONE, http_proxy: PROXY }, true, true, true],
    [{ ...NONE, ALL_PROXY: PROXY }, false, true, true],
    [{ ...NONE, all_proxy: PROXY }, false, true, true],
    [{ ...NONE, HTTPS_PROXY: PROXY }, false, false, false],
    [{ http_proxy: '' }, false, true, true],
    [{ HTTP_PROXY: '', http_proxy: PROXY }, true, true, true],
    [{ NO_PROXY: '127.0.0.1' }, false, false, false],
    [{ no_proxy: '127.0.0.1' }, false, false, false],
    [{ NO_PROXY: 'a.test, 127.0.0.1 ' }, false, false, false],
    [{ NO_PROXY: 'a.test 127.0.0.1' }, false, false, true],
    [{ NO_PROXY: '*' }, false, false, true],
    [{ NO_PROXY: '127.0.0.1:4020' }, false, false, true],
    [{ NO_PROXY: '127.0.0.1:1' }, true, true, true],
    [{ NO_PROXY: '127.0.0.0/8' }, true, true, false],
    [{ NO_PROXY: '127.' }, true, true, true],
    [{ NO_PROXY: 'a127.0.0.1' }, true, true, true],
    [{ NO_PROXY: '' }, true, true, true],
    [{ NO_PROXY: '127.0.0.1', no_proxy: '' }, true, false, false],
    [{ NO_PROXY: '127.0.0.1', no_proxy: 'a.test' }, true, true, true],
    [{ NO_PROXY: 'a.test', no_proxy: '127.0.0.1' }, true, true, true],
  ])('%j: Node %s, Bun %s, Deno %s', (env, ...expected) => {
    expect([NODE24, BUN, DENO].map((runtime) => goesToProxy(withEnv(runtime, env)))).toEqual(expected);
  });

  test.each<[list: string, node: boolean, bun: boolean, deno: boolean]>([
    ['::1', true, false, false],
    ['[::1]', false, false, true],
  ])('NO_PROXY=%s for an IPv6 address: Node %s, Bun %s, Deno %s', (NO_PROXY, ...expected) => {
    const uses = (runtime: Runtime) => goesToProxy(withEnv(runtime, { NO_PROXY }), 'http://[::1]:4020');
    expect([NODE24, BUN, DENO].map(uses)).toEqual(expected);
  });

  test('a name in capitals covers localhost, but not in Deno', () => {
    const uses = (runtime: Runtime) => goesToProxy(withEnv(runtime, { NO_PROXY: 'LOCALHOST' }), 'http://localhost');
    expect([NODE24, BUN, DENO].map(uses)).toEqual([false, false, true]);
  });

  const env = { HTTP_PROXY: PROXY };
  const asked = { ...env, NODE_USE_ENV_PROXY: '1' };
  test.each<[Runtime, boolean]>([
    [{ versions: { node: '24.9.0' }, env }, false],
    [{ versions: { node: '24.9.0' }, env: { ...env, NODE_USE_ENV_PROXY: '0' } }, false],
    [{ versions: { node: '24.9.0' }, env, execArgv: ['--use-env-proxy'] }, true],
    [{ versions: { node: '24.9.0' }, env: { ...env, NODE_OPTIONS: '--no-warnings --use-env-proxy' } }, true],
    [{ versions: { node: '22.21.0' }, env: asked }, true],
    [{ versions: { node: '22.20.0' }, env: asked }, false],
    [{ versions: { node: '20.20.2' }, env: asked }, false],
    [{ versions: { node: '26.0.0' }, env: asked }, true],
    [{ env: asked }, false],
    [{}, false],
  ])('Node reads the variables only if it can, and is told to: %j: %s', (runtime, expected) => {
    expect(goesToProxy(runtime)).toBe(expected);
  });

  test('Deno: a variable that the program may not read is not read, since Deno would ask the user', () => {
    const read: string[] = [];
    const env = new Proxy({}, { get: (_, name) => void read.push(String(name)) });
    vi.stubGlobal('Deno', { permissions: { querySync: () => ({ state: 'prompt' }) } });
    expect(goesToProxy({ ...DENO, env })).toBe(false);
    expect(read).toEqual([]);
    vi.stubGlobal('Deno', { permissions: { querySync: () => ({ state: 'granted' }) } });
    expect(goesToProxy(DENO)).toBe(true);
  });

  test('a browser has no variables', () => {
    vi.stubGlobal('process', undefined);
    expect(validBaseUrl('http://localhost', 'baseUrl', false)).toBe('http://localhost');
  });
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.3', true],
  ['::1', true],
  ['[::1]', true],
  ['127.evil.test', false],
  ['localhost.evil.test', false],
  ['[::1', false],
  ['0.0.0.0', false],
  ['', false],
])('isLoopback(%j): %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
