/** The options of the control port and of TLS. No message quotes a token or a file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/cli/exit.js';
import { createIo } from '../../../src/cli/io.js';
import { checkMockOptions, type MockOptions } from '../../../src/cli/mock/options.js';
import { createCertificate } from '../../mock/certificate.js';

const parse = (options: MockOptions, environment: NodeJS.ProcessEnv = {}) =>
  checkMockOptions(options, createIo({}), environment);
const control = async (options: MockOptions, environment?: NodeJS.ProcessEnv) =>
  (await parse(options, environment)).control;
const readTls = async (options: MockOptions) => (await parse(options)).listenOptions.tls;
const messageOf = async (result: Promise<unknown>) => {
  const error = await result.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
};

describe('the control port', () => {
  test('listens on loopback without a token', async () => {
    expect(await control({ control: '4021' })).toEqual({ port: 4021, host: '127.0.0.1', token: undefined });
    for (const host of ['localhost', '127.0.0.2', '::1'])
      expect(await control({ control: '1', controlHost: host })).toEqual({ port: 1, host, token: undefined });
  });

  test.each(['0.0.0.0', '::', '192.168.0.1', 'cortex-mock', 'localhost.evil.example'])(
    'needs a token on %s, from the variable or the option',
    async (host) => {
      expect(await messageOf(control({ control: '1', controlHost: host }))).toBe(
        '--control-host: other machines can connect, so a token is needed; set CORTEX_MOCK_CONTROL_TOKEN',
      );
      const variable = { CORTEX_MOCK_CONTROL_TOKEN: 'from-variable' };
      expect(await control({ control: '1', controlHost: host }, variable)).toMatchObject({ token: 'from-variable' });
      const given = { control: '1', controlHost: host, controlToken: 'from-option' };
      expect(await control(given, variable)).toMatchObject({ host, token: 'from-option' });
    },
  );

  test('takes a token on loopback too', async () => {
    expect(await control({ control: '1' }, { CORTEX_MOCK_CONTROL_TOKEN: 't' })).toMatchObject({ token: 't' });
  });

  test.each(['', 'c4nary token', 'c4nary\n', 'c4n\u00e4ry'])(
    'rejects the token %j without quoting it',
    async (token) => {
      const fromVariable = await messageOf(control({ control: '1' }, { CORTEX_MOCK_CONTROL_TOKEN: token }));
      const fromOption = await messageOf(control({ control: '1', controlToken: token }));
      expect(fromVariable).toBe(
        'CORTEX_MOCK_CONTROL_TOKEN: must be a string of visible ASCII characters, and not empty',
      );
      expect(fromOption).toBe('--control-token: must be a string of visible ASCII characters, and not empty');
    },
  );

  test('its options without --control are a mistake; its variable is not', async () => {
    expect(await messageOf(control({ controlHost: '::1' }))).toBe('--control-host: needs --control PORT');
    expect(await messageOf(control({ controlToken: 'c4nary' }))).toBe('--control-token: needs --control PORT');
    expect(await control({}, { CORTEX_MOCK_CONTROL_TOKEN: 't' })).toBeUndefined();
    expect(await messageOf(control({ control: '1', controlHost: '' }))).toContain('--control-host: must be');
  });
});

test.each(['fixed', 'sliding'] as const)('--window %s is that of the rate limit', async (window) => {
  expect(await parse({ rateLimit: '2/60', window })).toMatchObject({
    fakeOptions: { rateLimit: { requests: 2, perMs: 60_000, window } },
  });
});

const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-pem-'));
afterAll(() => rm(folder, { recursive: true }));
const files = createCertificate(folder);

describe('TLS', () => {
  const broken = join(folder, 'c4nary.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nc4nary\n');

  test('needs both files, or none', async () => {
    expect(await readTls({})).toBeUndefined();
    for (const one of [{ tlsCert: broken }, { tlsKey: broken }])
      expect(await messageOf(readTls(one))).toBe('--tls-cert and --tls-key: give both, or neither');
  });

  test('names the option, the path and the reason of a file that it cannot read', async () => {
    const missing = join(folder, 'c4nary-missing');
    expect(await messageOf(readTls({ tlsCert: broken, tlsKey: missing }))).toBe(
      `--tls-key: can't read ${missing}: there is no such file or directory`,
    );
    const message = await messageOf(readTls({ tlsCert: broken, tlsKey: broken }));
    expect(message).toMatch(
      /^--tls-cert, --tls-key: not a certificate and its key in PEM, without a passphrase \(\w+\)$/,
    );
    expect(message).not.toContain('c4nary');
  });

  test.skipIf(!files)('rejects a key of another certificate', async () => {
    const other = createCertificate(mkdtempSync(join(folder, 'other-')));
    const message = await messageOf(readTls({ tlsCert: files?.cert, tlsKey: other?.key }));
    expect(message).toContain('ERR_OSSL_X509_KEY_VALUES_MISMATCH');
    const rsa = createCertificate(mkdtempSync(join(folder, 'rsa-')), 'rsa');
    expect(await messageOf(readTls({ tlsCert: files?.cert, tlsKey: rsa?.key }))).toBe(
      '--tls-key: not the key of the first certificate in --tls-cert',
    );
    expect((await readTls({ tlsCert: files?.cert, tlsKey: files?.key }))?.cert).toContain('BEGIN CERTIFICATE');
  });
});
