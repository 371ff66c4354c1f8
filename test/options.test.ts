/** The options of the client and of one call. */
import { readFileSync } from 'node:fs';
import { type ClientOptions, createSecretsClient, VERSION } from 'cortex-secrets';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { json, KEY, rejectionOf, secret, testClient } from './support/helpers.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const build = (options: unknown) => () => createSecretsClient(options as ClientOptions);

describe('defaults', () => {
  test('the key and the base URL are read from the environment', async () => {
    vi.stubEnv('CORTEX_API_KEY', 'key-of-the-environment');
    vi.stubEnv('CORTEX_BASE_URL', 'https://self.managed.test/cortex/');
    const sent: [string, string | undefined][] = [];
    const secrets = createSecretsClient({
      fetch: async (url, { headers }) => {
        sent.push([url, headers.authorization]);
        return json(200, { ...secret(1), tag: 'a' });
      },
    });
    await secrets.get('a');
    expect(sent).toEqual([['https://self.managed.test/cortex/api/v1/secrets/a', 'Bearer key-of-the-environment']]);
  });

  test('options override the environment', async () => {
    vi.stubEnv('CORTEX_API_KEY', 'key-of-the-environment');
    vi.stubEnv('CORTEX_BASE_URL', 'https://self.managed.test');
    const secrets = testClient([json(200, secret(1))]);
    await secrets.get('a');
    expect(secrets.sent[0]).toMatchObject({
      url: 'https://cortex.test/api/v1/secrets/a',
      headers: { authorization: `Bearer ${KEY}` },
    });
  });

  test('without a base URL requests go to Cortex Cloud', async () => {
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      return json(200, { ...secret(1), tag: 'a' });
    };
    await createSecretsClient({ apiKey: KEY, fetch }).get('a');
    expect(urls).toEqual(['https://api.getcortexapp.com/api/v1/secrets/a']);
  });

  test('a missing key is a TypeError, and so is an empty variable', () => {
    expect(build({})).toThrow(new TypeError('apiKey: missing; pass it, or set CORTEX_API_KEY'));
    vi.stubEnv('CORTEX_API_KEY', '');
    expect(build(undefined)).toThrow(TypeError);
  });

  test('the User-Agent names the package and its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(version);
    const secrets = testClient([json(200, secret(1))]);
    await secrets.get('a');
    expect(secrets.sent[0]?.headers['user-agent']).toBe(`cortex-secrets/${version}`);
    const named = testClient([json(200, secret(1))], { userAgent: 'deploy-bot/2 (team platform)' });
    await named.get('a');
    expect(named.sent[0]?.headers['user-agent']).toBe('deploy-bot/2 (team platform)');
  });

  test.each([
    [
      'Chromium, its workers too',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36',
      false,
    ],
    ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', false],
    ['jsdom', 'Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/20.0.3', false],
    ['Node 22', 'Node.js/22', true],
    ['Bun', 'Bun/1.4.5', true],
    ['Deno', 'Deno/2.9.6', true],
    ['workerd', 'Cloudflare-Workers', true],
    ['React Native', undefined, true],
  ])('%s: browsers send a User-Agent of their own, and no other runtime does', async (_, userAgent, isSent) => {
    vi.stubGlobal('navigator', { userAgent });
    const secrets = testClient([json(200, secret(1))]);
    await secrets.get('a');
    expect('user-agent' in (secrets.sent[0]?.headers ?? {})).toBe(isSent);
  });

  test('globalThis.fetch is looked up at each call, so a later patch is used', async () => {
    const secrets = createSecretsClient({ apiKey: KEY, baseUrl: 'https://cortex.test' });
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => json(200, { id: 'patched', tag: 'a' }));
    expect(await secrets.get('a')).toEqual({ id: 'patched', tag: 'a' });
  });
});

describe('an invalid option is an error that names it, and quotes neither a key nor a password', () => {
  const wrong: [string, unknown, ErrorConstructor, RegExp][] = [
    ['a string, not an object', 'key', TypeError, /^createSecretsClient: expected an object/],
    ['null', null, TypeError, /^createSecretsClient: expected an object/],
    ['an unknown name', { apikey: KEY }, TypeError, /unknown option "apikey"; expected one of apiKey, baseUrl/],
    ['a key that is empty', { apiKey: '' }, TypeError, /^apiKey: must be a string of visible ASCII/],
    ['a key with a space', { apiKey: 'ke y' }, TypeError, /^apiKey: /],
    ['a key with a line break at its end', { apiKey: 'key\n' }, TypeError, /^apiKey: /],
    ['a key outside ASCII', { apiKey: 'kéy' }, TypeError, /^apiKey: /],
    ['a key that is a number', { apiKey: 12345 }, TypeError, /^apiKey: /],
    ['a base URL without a scheme', { baseUrl: 'cortex.test' }, TypeError, /^baseUrl: must be an absolute URL/],
    ['a base URL with another scheme', { baseUrl: 'ftp://cortex.test' }, TypeError, /^baseUrl: must be an https URL/],
    ['http to another host', { baseUrl: 'http://cortex.test' }, TypeError, /^baseUrl: must be an https URL/],
    ['http to a name that only looks like loopback', { baseUrl: 'http://127.evil.test' }, TypeError, /^baseUrl: /],
    [
      'a base URL with user and password',
      { baseUrl: 'https://u:hunter2@cortex.test' },
      TypeError,
      /^baseUrl: must not contain user/,
    ],
    [
      'a base URL with a query',
      { baseUrl: 'https://cortex.test/?a=b' },
      TypeError,
      /^baseUrl: must not contain a query/,
    ],
    [
      'a base URL with a fragment',
      { baseUrl: 'https://cortex.test/#' },
      TypeError,
      /^baseUrl: must not contain a query/,
    ],
    [
      'a timeout of 0',
      { timeoutMs: 0 },
      RangeError,
      /^timeoutMs: must be a number of milliseconds from 1 to 2147483647/,
    ],
    ['a negative timeout', { timeoutMs: -1 }, RangeError, /^timeoutMs: /],
    ['a timeout above the maximum of setTimeout', { timeoutMs: 2 ** 31 }, RangeError, /^timeoutMs: /],
    ['a deadline of NaN', { deadlineMs: Number.NaN }, RangeError, /^deadlineMs: /],
    ['a deadline that is a string', { deadlineMs: '5' }, RangeError, /^deadlineMs: /],
    ['retry: true', { retry: true }, TypeError, /^retry: expected an object/],
    [
      'an unknown name in retry',
      { retry: { retries: 3 } },
      TypeError,
      /^retry: unknown option "retries"; expected one of limit/,
    ],
    ['a negative limit', { retry: { limit: -1 } }, RangeError, /^retry.limit: /],
    ['a limit that is not an integer', { retry: { limit: 1.5 } }, RangeError, /^retry.limit: /],
    ['a negative delay', { retry: { baseDelayMs: -1 } }, RangeError, /^retry.baseDelayMs: /],
    ['a delay of NaN', { retry: { maxDelayMs: Number.NaN } }, RangeError, /^retry.maxDelayMs: /],
    ['a negative Retry-After', { retry: { maxRetryAfterMs: -1 } }, RangeError, /^retry.maxRetryAfterMs: /],
    ['a concurrency of 0', { maxConcurrency: 0 }, RangeError, /^maxConcurrency: /],
    ['a concurrency that is not an integer', { maxConcurrency: 2.5 }, RangeError, /^maxConcurrency: /],
    ['a fetch that is not a function', { fetch: 'fetch' }, TypeError, /^fetch: must be a function/],
    ['an onAttempt that is not a function', { onAttempt: {} }, TypeError, /^onAttempt: must be a function/],
    ['a User-Agent with a line break', { userAgent: 'a\r\nb: c' }, TypeError, /^userAgent: /],
  ];

  test.each(wrong)('%s', (_, options, kind, message) => {
    const given = typeof options === 'object' && options !== null && !('apiKey' in options || 'apikey' in options);
    const error = (() => {
      try {
        build(given ? { apiKey: KEY, ...options } : options)();
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(error).toBeInstanceOf(kind);
    expect(error?.message).toMatch(message);
    expect(String(error?.stack)).not.toMatch(/hunter2|kéy|ke y|key-0123/);
  });

  test.each([
    ['http to localhost', { baseUrl: 'http://localhost:4010' }],
    ['http to 127.0.0.1', { baseUrl: 'http://127.0.0.1:4010/prefix/' }],
    ['http to [::1]', { baseUrl: 'http://[::1]:4010' }],
    ['a URL object', { baseUrl: new URL('https://cortex.test') }],
    ['times of Infinity', { timeoutMs: Number.POSITIVE_INFINITY, deadlineMs: Number.POSITIVE_INFINITY }],
    ['retry: false', { retry: false }],
    ['a concurrency of Infinity', { maxConcurrency: Number.POSITIVE_INFINITY }],
    ['options that are undefined', { apiKey: KEY, baseUrl: undefined, fetch: undefined, retry: undefined }],
  ])('accepts %s', (_, options) => {
    expect(build({ apiKey: KEY, ...options })).not.toThrow();
  });
});

describe('baseUrl', () => {
  const urlOf = async (baseUrl: string) => {
    const secrets = testClient([json(200, secret(1))], { baseUrl });
    await secrets.get('a');
    return secrets.sent[0]?.url;
  };

  test.each([
    ['https://cortex.test/api/v1', 'https://cortex.test/api/v1/secrets/a'],
    ['https://cortex.test/api/v1///', 'https://cortex.test/api/v1/secrets/a'],
    ['https://cortex.test//api//v1/', 'https://cortex.test/api/v1/secrets/a'],
    ['https://cortex.test///', 'https://cortex.test/api/v1/secrets/a'],
    ['https://cortex.test/prefix/api/v1', 'https://cortex.test/prefix/api/v1/secrets/a'],
    ['https://cortex.test/api/v1/prefix', 'https://cortex.test/api/v1/prefix/api/v1/secrets/a'],
    ['https://cortex.test/my-api/v1', 'https://cortex.test/my-api/v1/api/v1/secrets/a'],
    ['https://cortex.test/api/my-v1', 'https://cortex.test/api/my-v1/api/v1/secrets/a'],
    ['https://cortex.test/api', 'https://cortex.test/api/api/v1/secrets/a'],
    ['https://cortex.test/apiv1', 'https://cortex.test/apiv1/api/v1/secrets/a'],
  ])('%s: slashes and one /api/v1 are taken off its end', async (baseUrl, url) => {
    expect(await urlOf(baseUrl)).toBe(url);
  });

  test.each(['localhost', '127.0.0.1', '127.10.200.30', '[::1]'])('http is allowed to %s', async (host) => {
    expect(await urlOf(`http://${host}:4010`)).toBe(`http://${host}:4010/api/v1/secrets/a`);
  });

  test.each(['notlocalhost', 'localhost.test', '127.0.0.1.test', '[::2]', '[1::1]'])(
    'http is an error to %s',
    (host) => {
      expect(build({ apiKey: KEY, baseUrl: `http://${host}` })).toThrow(/^baseUrl: must be an https URL/);
    },
  );

  test.each(['ftp://localhost', 'ws://127.0.0.1'])('%s is an error: another scheme, to a loopback host', (baseUrl) => {
    expect(build({ apiKey: KEY, baseUrl })).toThrow(/^baseUrl: must be an https URL/);
  });

  test.each([
    ['', 'is empty; set it to a URL, or unset it'],
    ['cortex', 'must be an absolute URL, such as https://api.getcortexapp.com'],
    ['https://hunter2@cortex.test', 'must not contain user and password; the key goes into apiKey'],
    ['https://:hunter2@cortex.test', 'must not contain user and password; the key goes into apiKey'],
    ['https://cortex.test?', 'must not contain a query or a fragment'],
    ['https://cortex.test#', 'must not contain a query or a fragment'],
    ['https://cortex.test?a', 'must not contain a query or a fragment'],
    ['https://cortex.test#a', 'must not contain a query or a fragment'],
  ])('%j: the message says what is wrong with it', (baseUrl, problem) => {
    expect(build({ apiKey: KEY, baseUrl })).toThrow(new TypeError(`baseUrl: ${problem}`));
  });
});

describe('userAgent', () => {
  test.each(['x', 'a b', 'deploy-bot/2', '!~'])('%j is sent', async (userAgent) => {
    const secrets = testClient([json(200, secret(1))], { userAgent });
    await secrets.get('a');
    expect(secrets.sent[0]?.headers['user-agent']).toBe(userAgent);
  });

  test.each(['', ' ', ' a', 'a ', 'é', 'aé', 'éa', 'a\tb', 5, null])('%j is an error', (userAgent) => {
    expect(build({ apiKey: KEY, userAgent })).toThrow(
      new TypeError('userAgent: must be a string of visible ASCII characters'),
    );
  });
});

describe('where there is no environment', () => {
  test.each([
    ['no process', undefined],
    ['a process without env', {}],
  ])('%s: the key must be passed, and the base URL has its default', async (_, process) => {
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      return json(200, { ...secret(1), tag: 'a' });
    };
    vi.stubGlobal('process', process);
    try {
      expect(build({})).toThrow(new TypeError('apiKey: missing; pass it, or set CORTEX_API_KEY'));
      await createSecretsClient({ apiKey: KEY, fetch }).get('a');
    } finally {
      vi.unstubAllGlobals();
    }
    expect(urls).toEqual(['https://api.getcortexapp.com/api/v1/secrets/a']);
  });
});

describe('retry.statusCodes', () => {
  const wrong = new RangeError('retry.statusCodes: must be an array of statuses from 400 to 599');

  test('takes 400 and 599', () => {
    expect(build({ apiKey: KEY, retry: { statusCodes: [400, 599] } })).not.toThrow();
  });

  test.each([[[399]], [[600]], [[503, 200]], [[200, 503]], ['503'], [503], [null], [{}]])(
    '%j is an error',
    (statusCodes) => {
      expect(build({ apiKey: KEY, retry: { statusCodes } })).toThrow(wrong);
    },
  );
});

describe('an option of one call', () => {
  test('that is left out, or undefined, is that of the client', async () => {
    const secrets = testClient([json(503, {})], { retry: { limit: 2, baseDelayMs: 0 } });
    for (const options of [undefined, {}, { retry: undefined, timeoutMs: 5000 }, { retry: { limit: undefined } }]) {
      secrets.sent.length = 0;
      await rejectionOf(secrets.get('a', options));
      expect(secrets.sent).toHaveLength(3);
    }
  });

  test('retry: false leaves the time limits of the client as they are', async () => {
    const never = () => new Promise<Response>(() => {});
    for (const limits of [{ timeoutMs: 5 }, { deadlineMs: 5 }]) {
      const error = await rejectionOf(testClient([never], limits).get('a', { retry: false }));
      expect(error).toMatchObject({ name: 'ConnectionError', timedOut: true, attempts: 1 });
    }
  });

  test('a delay of 0 and a limit of 0 are allowed', async () => {
    const retry = { limit: 0, baseDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 };
    expect(
      await testClient([json(200, secret(1))]).get('a', { retry, timeoutMs: 1000, deadlineMs: 1000 }),
    ).toMatchObject({ id: 'se-1' });
  });
});

describe('an invalid option of one call', () => {
  test.each([
    ['a signal that is null', { signal: null }, /^signal: must be an AbortSignal$/],
    ['deadlineMs of 0', { deadlineMs: 0 }, /^deadlineMs: must be a number of milliseconds from 1 /],
    ['a list of options', [], /^options: expected an object with signal, timeoutMs, deadlineMs, retry$/],
    ['an unknown name', { timeout: 5 }, /unknown option "timeout"; expected one of signal, timeoutMs/],
    ['timeoutMs of 0', { timeoutMs: 0 }, /^timeoutMs: /],
    ['a signal that is not an AbortSignal', { signal: {} }, /^signal: must be an AbortSignal/],
    ['retry.limit of NaN', { retry: { limit: Number.NaN } }, /^retry.limit: /],
  ])('%s is rejected before anything is sent', async (_, options, message) => {
    const secrets = testClient([json(200, secret(1))]);
    expect((await rejectionOf(secrets.get('a', options as object))).message).toMatch(message);
    expect((await rejectionOf(secrets.list({}, options as object))).message).toMatch(message);
    expect((await rejectionOf(secrets.listAll(options as object).next())).message).toMatch(message);
    expect(secrets.sent).toEqual([]);
  });
});

const messageOf = (throwing: () => unknown): string => {
  try {
    throwing();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('environment variables', () => {
  test('an empty CORTEX_BASE_URL is an error, not the production API', () => {
    vi.stubEnv('CORTEX_BASE_URL', '');
    expect(() => createSecretsClient({ apiKey: KEY })).toThrow(TypeError);
    expect(messageOf(() => createSecretsClient({ apiKey: KEY }))).toBe(
      'CORTEX_BASE_URL: is empty; set it to a URL, or unset it',
    );
  });
  test('an invalid CORTEX_BASE_URL is named in the message', () => {
    vi.stubEnv('CORTEX_BASE_URL', 'cortex.internal');
    expect(messageOf(() => createSecretsClient({ apiKey: KEY }))).toMatch(/^CORTEX_BASE_URL: must be an absolute URL/);
  });
  test('a CORTEX_API_KEY with white space is named in the message, and not quoted', () => {
    vi.stubEnv('CORTEX_API_KEY', `${KEY}\n`);
    const message = messageOf(() => createSecretsClient());
    expect(message).toMatch(/^CORTEX_API_KEY: must be a string of visible ASCII/);
    expect(message).not.toContain(KEY);
  });
  test('an empty CORTEX_API_KEY is a missing key', () => {
    vi.stubEnv('CORTEX_API_KEY', '');
    expect(messageOf(() => createSecretsClient())).toBe('apiKey: missing; pass it, or set CORTEX_API_KEY');
  });
  test('an option overrides an invalid variable', () => {
    vi.stubEnv('CORTEX_BASE_URL', '');
    expect(() => createSecretsClient({ apiKey: KEY, baseUrl: 'https://cortex.test' })).not.toThrow();
  });
});

describe('an unknown name that may be a value', () => {
  const VALUE = 'hunter2-battery-staple';
  test.each<[string, (secrets: ReturnType<typeof testClient>) => Promise<unknown>]>([
    ['create', (secrets) => secrets.create({ [VALUE]: 'x', tag: 't', name: 'n', secret: 's' } as never)],
    ['update', (secrets) => secrets.update('a', { [VALUE]: 'x' } as never)],
    ['set', (secrets) => secrets.set('a', { [VALUE]: 'x' } as never)],
    ['a string in place of the object', (secrets) => secrets.create(VALUE as never)],
    ['the last argument', (secrets) => secrets.get('a', { [VALUE]: 1 } as never)],
    ['a string in place of the last argument', (secrets) => secrets.get('a', VALUE as never)],
    ['retry', (secrets) => secrets.get('a', { retry: { [VALUE]: 1 } } as never)],
    ['list', (secrets) => secrets.list({ [VALUE]: 1 } as never)],
  ])('%s: the TypeError does not quote it', async (_, call) => {
    const secrets = testClient([json(200, secret(1))]);
    const error = await rejectionOf(call(secrets));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).not.toContain(VALUE);
    expect(secrets.sent).toHaveLength(0);
  });
});

describe('allowInsecureConnection', () => {
  const good = () => json(200, secret(1));
  const insecure = ['http://cortex-mock:4020', 'http://10.1.2.3', 'http://127.0.0.1.evil.test', 'http://[fd00::1]/x'];

  test.each(insecure)('without it, %s is rejected, and the error names the option', (baseUrl) => {
    for (const allowInsecureConnection of [undefined, false])
      expect(() => createSecretsClient({ apiKey: KEY, baseUrl, allowInsecureConnection })).toThrow(
        /^baseUrl: must be an https URL; http is allowed only for loopback hosts, or with allowInsecureConnection: true/,
      );
  });

  test.each(insecure)('with it, %s is accepted', async (baseUrl) => {
    const secrets = testClient([good], { baseUrl, allowInsecureConnection: true });
    await secrets.get('a');
    expect(secrets.sent[0]?.url).toBe(`${new URL(baseUrl).href.replace(/\/$/, '')}/api/v1/secrets/a`);
  });

  test('it allows CORTEX_BASE_URL too, and no variable takes its place', async () => {
    vi.stubEnv('CORTEX_BASE_URL', 'http://cortex-mock:4020');
    vi.stubEnv('CORTEX_ALLOW_INSECURE_CONNECTION', '1');
    expect(() => createSecretsClient({ apiKey: KEY })).toThrow(/^CORTEX_BASE_URL: must be an https URL/);
    const secrets = testClient([good], { baseUrl: undefined, allowInsecureConnection: true });
    await secrets.get('a');
    expect(secrets.sent[0]?.url).toMatch(/^http:\/\/cortex-mock:4020\//);
  });

  test.each([
    'ftp://cortex.test',
    'ws://cortex.test',
    'file:///tmp/x',
    'http://user:pw@cortex.test',
    'http://c.test/?a',
  ])('it does not allow %s', (baseUrl) => {
    expect(() => createSecretsClient({ apiKey: KEY, baseUrl, allowInsecureConnection: true })).toThrow(TypeError);
  });

  test.each(['true', 'false', 1, 0, null, {}])('%j is a TypeError: no text may turn it on', (given) => {
    const options = { apiKey: KEY, baseUrl: 'http://cortex.test', allowInsecureConnection: given } as ClientOptions;
    expect(() => createSecretsClient(options)).toThrow('allowInsecureConnection: must be a boolean');
  });

  test('a redirect from https to http is not followed with it either', async () => {
    const secrets = testClient([new Response(null, { status: 307, headers: { location: 'http://cortex.test/' } })], {
      allowInsecureConnection: true,
    });
    expect(await rejectionOf(secrets.get('a'))).toMatchObject({ status: 307 });
    expect(secrets.sent).toHaveLength(1);
  });
});
