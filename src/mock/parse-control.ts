/** Parses and validates the options of the control port and of TLS: `--control-host`, `--tls-cert` and the others. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isLoopback } from '../base-url.js';
import { UsageError } from './usage-error.js';

/** The variable of the token: unlike an option, other programs can't read it in the list of processes. */
export const TOKEN_VARIABLE = 'CORTEX_MOCK_CONTROL_TOKEN';

export interface ControlCommand {
  port: number;
  host: string;
  token: string | undefined;
}

interface ControlArguments {
  readonly control?: string | undefined;
  readonly 'control-host'?: string | undefined;
  readonly 'control-token'?: string | undefined;
}

/** @throws UsageError that doesn't quote the token */
export function parseControl(
  values: ControlArguments,
  parsePort: (option: string, text: string) => number,
  environment: NodeJS.ProcessEnv = process.env,
): ControlCommand | undefined {
  const { control, 'control-host': host = '127.0.0.1', 'control-token': token = environment[TOKEN_VARIABLE] } = values;
  if (control === undefined) {
    for (const name of ['control-host', 'control-token'] as const)
      if (values[name] !== undefined) throw new UsageError(`--${name}: needs --control PORT`);
    return undefined;
  }
  const port = parsePort('--control', control);
  if (host === '') throw new UsageError('--control-host: must be a host name or an address');
  // An empty one too: CI systems expand a missing setting to nothing.
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    const source = values['control-token'] === undefined ? TOKEN_VARIABLE : '--control-token';
    throw new UsageError(`${source}: must be a string of visible ASCII characters, and not empty`);
  }
  if (token === undefined && !isLoopback(host))
    throw new UsageError(`--control-host: other machines can connect, so a token is needed; set ${TOKEN_VARIABLE}`);
  return { port, host, token };
}

interface TlsArguments {
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
}

/** @throws UsageError that quotes neither the names nor the content of the files: one may stand in the other's place */
export function readTls({ 'tls-cert': certFile, 'tls-key': keyFile }: TlsArguments) {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new UsageError('--tls-cert and --tls-key: give both, or neither');
  const tls = { cert: readPem('--tls-cert', certFile), key: readPem('--tls-key', keyFile) };
  try {
    createSecureContext(tls);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new UsageError(`--tls-cert, --tls-key: not a certificate and its key in PEM, without a passphrase (${code})`);
  }
  // OpenSSL compares keys of the same type only: with another type every handshake would fail.
  if (!new X509Certificate(tls.cert).checkPrivateKey(createPrivateKey(tls.key)))
    throw new UsageError('--tls-key: not the key of the first certificate in --tls-cert');
  return tls;
}

function readPem(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: can't read the file (${(error as NodeJS.ErrnoException).code})`);
  }
}
