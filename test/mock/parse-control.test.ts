/** The options of the control port and of TLS. No message quotes a token or a file. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseControl, readTls } from '../../src/mock/parse-control.js';
import { UsageError } from '../../src/mock/usage-error.js';
import { createCertificate } from './certificate.js';

const parse = (values: Record<string, string>, environment: NodeJS.ProcessEnv = {}) =>
  parseControl(values, (_, text) => Number(text), environment);
const messageOf = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('no error');
};

describe('the control port', () => {
  test('listens on loopback without a token', () => {
    expect(parse({ control: '4021' })).toEqual({ port: 4021, host: '127.0.0.1', token: undefined });
    for (const host of ['localhost', '127.0.0.2', '::1'])
      expect(parse({ control: '1', 'control-host': host })).toEqual({ port: 1, host, token: undefined });
  });

  test.each(['0.0.0.0', '::', '192.168.0.1', 'cortex-mock', 'localhost.evil.example'])(
    'needs a token on %s, from the variable or the option',
    (host) => {
      expect(messageOf(() => parse({ control: '1', 'control-host': host }))).toBe(
        '--control-host: other machines can connect, so a token is needed; set CORTEX_MOCK_CONTROL_TOKEN',
      );
      const variable = { CORTEX_MOCK_CONTROL_TOKEN: 'from-variable' };
      expect(parse({ control: '1', 'control-host': host }, variable)).toMatchObject({ token: 'from-variable' });
      const given = { control: '1', 'control-host': host, 'control-token': 'from-option' };
      expect(parse(given, variable)).toMatchObject({ host, token: 'from-option' });
    },
  );

  test('takes a token on loopback too', () => {
    expect(parse({ control: '1' }, { CORTEX_MOCK_CONTROL_TOKEN: 't' })).toMatchObject({ token: 't' });
  });

  test.each(['', 'c4nary token', 'c4nary\n', 'c4n\u00e4ry'])('rejects the token %j without quoting it', (token) => {
    const fromVariable = messageOf(() => parse({ control: '1' }, { CORTEX_MOCK_CONTROL_TOKEN: token }));
    const fromOption = messageOf(() => parse({ control: '1', 'control-token': token }));
    expect(fromVariable).toBe('CORTEX_MOCK_CONTROL_TOKEN: must be a string of visible ASCII characters, and not empty');
    expect(fromOption).toBe('--control-token: must be a string of visible ASCII characters, and not empty');
  });

  test('its options without --control are a mistake; its variable is not', () => {
    expect(messageOf(() => parse({ 'control-host': '::1' }))).toBe('--control-host: needs --control PORT');
    expect(messageOf(() => parse({ 'control-token': 'c4nary' }))).toBe('--control-token: needs --control PORT');
    expect(parse({}, { CORTEX_MOCK_CONTROL_TOKEN: 't' })).toBeUndefined();
    expect(messageOf(() => parse({ control: '1', 'control-host': '' }))).toContain('--control-host: must be');
  });
});

const folder = mkdtempSync(join(tmpdir(), 'cortex-secrets-pem-'));
afterAll(() => rm(folder, { recursive: true }));
const files = createCertificate(folder);

describe('TLS', () => {
  const broken = join(folder, 'c4nary.pem');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nc4nary\n');

  test('needs both files, or none', () => {
    expect(readTls({})).toBeUndefined();
    for (const one of [{ 'tls-cert': broken }, { 'tls-key': broken }])
      expect(messageOf(() => readTls(one))).toBe('--tls-cert and --tls-key: give both, or neither');
  });

  test('names the option and the code of a file that it cannot read, and not the file', () => {
    const missing = join(folder, 'c4nary-missing');
    expect(messageOf(() => readTls({ 'tls-cert': broken, 'tls-key': missing }))).toBe(
      "--tls-key: can't read the file (ENOENT)",
    );
    const message = messageOf(() => readTls({ 'tls-cert': broken, 'tls-key': broken }));
    expect(message).toMatch(
      /^--tls-cert, --tls-key: not a certificate and its key in PEM, without a passphrase \(\w+\)$/,
    );
    expect(message).not.toContain('c4nary');
  });

  test.skipIf(!files)('rejects a key of another certificate', () => {
    const other = createCertificate(mkdtempSync(join(folder, 'other-')));
    const message = messageOf(() => readTls({ 'tls-cert': files?.cert, 'tls-key': other?.key }));
    expect(message).toContain('ERR_OSSL_X509_KEY_VALUES_MISMATCH');
    const rsa = createCertificate(mkdtempSync(join(folder, 'rsa-')), 'rsa');
    expect(messageOf(() => readTls({ 'tls-cert': files?.cert, 'tls-key': rsa?.key }))).toBe(
      '--tls-key: not the key of the first certificate in --tls-cert',
    );
    expect(readTls({ 'tls-cert': files?.cert, 'tls-key': files?.key })?.cert).toContain('BEGIN CERTIFICATE');
  });
});
