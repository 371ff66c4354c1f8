/** Checks the options of `mock`. No message quotes a token, a key or a file. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { isLoopback } from '../../base-url.js';
import { type MockCommand, TOKEN_VARIABLE } from '../../mock/run.js';
import type { SeedSecret } from '../../testing/store.js';
import { UsageError } from '../exit.js';
import { fileError, readFileUpTo } from '../files.js';
import type { Io } from '../io.js';
import { decodeUtf8 } from '../values/encoding.js';
import { readStdin } from '../values/stdin.js';

/** As the command line gives them. */
export interface MockOptions {
  port?: string;
  host?: string;
  seed?: string;
  rateLimit?: string;
  window?: string;
  latency?: string;
  apiKey?: string;
  cors?: boolean;
  conflict?: string;
  allowEmptyValues?: boolean;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  control?: string;
  controlHost?: string;
  controlToken?: string;
  requestLogLimit?: string;
  log?: boolean;
  json?: boolean;
}

/** @throws UsageError */
export async function checkMockOptions(
  given: MockOptions,
  io: Io,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<MockCommand> {
  const { port = '4020', host = '127.0.0.1', latency = '0', conflict = '409', requestLogLimit = '10000' } = given;
  const { cors = false, log = false, json = false, allowEmptyValues = false, apiKey, seed } = given;
  if (host === '') throw new UsageError('--host: must be a host name or an address');
  if (!/^\d+$/.test(latency)) throw new UsageError('--latency: must be an integer number of milliseconds');
  if (conflict !== '400' && conflict !== '409') throw new UsageError('--conflict: must be 400 or 409');
  if (!/^\d{1,9}$/.test(requestLogLimit)) throw new UsageError('--request-log-limit: must be an integer');
  const rateLimit = checkRateLimit(given);
  const control = checkControl(given, environment);
  return {
    listenOptions: { port: checkPort('--port', port), host, cors, tls: readTls(given) },
    control,
    log,
    json,
    fakeOptions: {
      conflictStatus: conflict === '400' ? 400 : 409,
      allowEmptyValues,
      // Without a control port nobody can read the requests.
      requestLogLimit: control ? Number(requestLogLimit) : 0,
      latencyMs: Number(latency),
      apiKey,
      rateLimit,
      seed: seed === undefined ? undefined : await readSeed(seed, io),
    },
  };
}

function checkPort(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new UsageError(`${option}: must be an integer from 0 to 65535`);
  return Number(text);
}

function checkRateLimit({ rateLimit, window }: MockOptions): MockCommand['fakeOptions']['rateLimit'] {
  const [, requests, seconds] = /^(\d+)\/(\d+(?:\.\d+)?)$/.exec(rateLimit ?? '1/1') ?? [];
  if (requests === undefined || Number(seconds) === 0)
    throw new UsageError('--rate-limit: must be requests/seconds, such as 1000/60');
  if (window !== undefined && window !== 'fixed' && window !== 'sliding')
    throw new UsageError('--window: must be fixed or sliding');
  if (window !== undefined && rateLimit === undefined) throw new UsageError('--window: needs --rate-limit');
  return rateLimit === undefined ? undefined : { requests: Number(requests), perMs: Number(seconds) * 1000, window };
}

function checkControl(given: MockOptions, environment: NodeJS.ProcessEnv): MockCommand['control'] {
  const { control, controlHost, controlToken } = given;
  const host = controlHost ?? '127.0.0.1';
  const token = controlToken ?? environment[TOKEN_VARIABLE];
  if (control === undefined) {
    if (controlHost !== undefined) throw new UsageError('--control-host: needs --control PORT');
    if (controlToken !== undefined) throw new UsageError('--control-token: needs --control PORT');
    return undefined;
  }
  const port = checkPort('--control', control);
  if (host === '') throw new UsageError('--control-host: must be a host name or an address');
  // An empty one too: CI systems expand a missing setting to nothing.
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    const source = controlToken === undefined ? TOKEN_VARIABLE : '--control-token';
    throw new UsageError(`${source}: must be a string of visible ASCII characters, and not empty`);
  }
  if (token === undefined && !isLoopback(host))
    throw new UsageError(`--control-host: other machines can connect, so a token is needed; set ${TOKEN_VARIABLE}`);
  return { port, host, token };
}

/** Far more than a certificate with its chain. */
const MAX_PEM_BYTES = 1_000_000;

function readTls({ tlsCert, tlsKey }: MockOptions) {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new UsageError('--tls-cert and --tls-key: give both, or neither');
  const read = (option: string, path: string) => readInput(option, path, MAX_PEM_BYTES).toString('utf8');
  const tls = { cert: read('--tls-cert', tlsCert), key: read('--tls-key', tlsKey) };
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

/** As much as the control port takes for a whole workspace. */
const MAX_SEED_BYTES = 64_000_000;

async function readSeed(path: string, io: Io): Promise<SeedSecret[]> {
  const bytes = path === '-' ? await readStdin(io, MAX_SEED_BYTES) : readInput('--seed', path, MAX_SEED_BYTES);
  const text = decodeUtf8(bytes, '--seed').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: the SyntaxError of JSON.parse quotes the text.
    throw new UsageError('--seed: the file is not JSON; expected [{ "tag", "name", "secret" }]');
  }
}

function readInput(option: string, path: string, maxBytes: number): Buffer {
  try {
    return readFileUpTo(path, maxBytes, option);
  } catch (error) {
    throw error instanceof UsageError ? error : fileError(option, 'read', path, error);
  }
}
