/** Which proxy the environment names for an address. The table has what curl and Go do. */
import { describe, expect, test } from 'vitest';
import { proxyFor } from '../../src/cli/network/proxy.js';

const HTTPS = 'https://api.cortex.example';
const P = 'http://p.example:3128';
const shown = (address: string, env: Record<string, string>) => proxyFor(address, env).proxy?.shown;

describe('the variable', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['no variable', {}, undefined],
    ['HTTPS_PROXY', { HTTPS_PROXY: P }, 'p.example:3128'],
    ['https_proxy', { https_proxy: P }, 'p.example:3128'],
    ['the lower-case one first', { https_proxy: 'http://low:1', HTTPS_PROXY: P }, 'low:1'],
    ['an empty lower-case one hides nothing', { https_proxy: '', HTTPS_PROXY: P }, 'p.example:3128'],
    ['a blank one', { https_proxy: '  ' }, undefined],
    ['HTTP_PROXY is not for https', { HTTP_PROXY: P }, undefined],
    ['without a scheme', { HTTPS_PROXY: 'p.example:3128' }, 'p.example:3128'],
    ['without a port', { HTTPS_PROXY: 'http://p.example' }, 'p.example:80'],
    ['an https proxy', { HTTPS_PROXY: 'https://p.example' }, 'p.example:443'],
    ['an IPv6 proxy', { HTTPS_PROXY: 'http://[2001:db8::1]:3128' }, '[2001:db8::1]:3128'],
    ['with user and password', { HTTPS_PROXY: 'http://u:c4nary@p.example:3128' }, 'p.example:3128'],
    ['white space around it', { HTTPS_PROXY: ` ${P}\n` }, 'p.example:3128'],
  ])('%s', (_, env, expected) => {
    expect(shown(HTTPS, env)).toBe(expected);
  });

  test('HTTP_PROXY is for http', () => {
    expect(shown('http://cortex.example', { HTTP_PROXY: P, HTTPS_PROXY: 'http://other:1' })).toBe('p.example:3128');
  });

  test.each([
    ['http://u:p@x', 'u:p'],
    ['http://u%40d:p%3a%2F@x', 'u@d:p:/'],
    ['http://u:100%@x', 'u:100%'],
    ['http://u@x', 'u:'],
    ['http://:p@x', ':p'],
  ])('%s has the credentials %s', (url, credentials) => {
    const { proxy } = proxyFor(HTTPS, { HTTPS_PROXY: url });
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from(credentials).toString('base64')}`);
    expect(proxy?.url).toBe('http://x');
  });

  test.each(['http://', 'http://u:c4nary@', 'socks5://u:c4nary@p:1080', 'http://c4nary@p:port', '::c4nary'])(
    'is rejected without being quoted: %s',
    (url) => {
      expect(() => proxyFor(HTTPS, { HTTPS_PROXY: url })).toThrow(/^HTTPS_PROXY: must be/);
      expect(() => proxyFor(HTTPS, { https_proxy: url })).toThrow(/^https_proxy: (?!.*c4nary)/);
    },
  );
});

describe('no proxy', () => {
  test.each(['http://localhost:4020', 'https://127.0.0.1', 'http://127.1.2.3:80', 'http://[::1]:1'])(
    'for the loopback host %s',
    (address) => {
      expect(proxyFor(address, { HTTP_PROXY: P, HTTPS_PROXY: P })).toEqual({ bypass: 'a loopback host' });
    },
  );

  test.each<[string, string]>([
    [HTTPS, '*'],
    [HTTPS, 'x, *'],
    [HTTPS, 'api.cortex.example'],
    [HTTPS, 'API.Cortex.Example'],
    [HTTPS, 'cortex.example'],
    [HTTPS, '.cortex.example'],
    [HTTPS, '*.cortex.example'],
    [HTTPS, 'other,cortex.example'],
    [HTTPS, 'other cortex.example'],
    [HTTPS, 'api.cortex.example:443'],
    [HTTPS, 'api.cortex.example.'],
    ['https://api.cortex.example:8443', 'cortex.example:8443'],
    ['https://10.1.2.3', '10.1.2.3'],
    ['https://10.1.2.3', '10.0.0.0/8'],
    ['https://[2001:db8::1]', '2001:db8::1'],
    ['https://[2001:db8::1]', '[2001:db8::1]:443'],
    ['https://[2001:db8::1]', '2001:db8::/32'],
  ])('for %s with NO_PROXY=%s', (address, list) => {
    expect(proxyFor(address, { HTTPS_PROXY: P, NO_PROXY: list })).toEqual({ bypass: 'NO_PROXY' });
    expect(proxyFor(address, { HTTPS_PROXY: P, no_proxy: list, NO_PROXY: 'x' })).toEqual({ bypass: 'no_proxy' });
  });

  test.each<[string, string]>([
    [HTTPS, ''],
    [HTTPS, 'example.com'],
    [HTTPS, 'ortex.example'],
    [HTTPS, 'api.cortex.example:8443'],
    [HTTPS, 'v2.api.cortex.example'],
    ['https://10.1.2.3', '3'],
    ['https://110.1.2.3', '10.0.0.0/8'],
    ['https://10.1.2.3', '10.0.0.0/99'],
    ['https://10.1.2.3', '10.0.0.0/'],
    ['https://[2001:db8::1]', '10.0.0.0/8'],
  ])('a proxy for %s with NO_PROXY=%s', (address, list) => {
    expect(shown(address, { HTTPS_PROXY: P, NO_PROXY: list })).toBe('p.example:3128');
  });
});
