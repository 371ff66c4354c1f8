/** `cortex-secrets check`: whether the settings lead to Cortex, and if not, which of them doesn't. */
import { isLoopback } from '../../base-url.js';
import { isCortexError } from '../../errors.js';
import type { Context } from '../context.js';
import { describeError } from '../describe-error.js';
import { addressText, isTlsFailure } from '../network/advice.js';
import type { Connection } from '../network/connection.js';
import { type Row, writeRows } from '../output.js';
import type { Settings } from '../settings.js';

type Result = 'ok' | 'warning' | 'failed' | 'not checked';

/** @throws the first failure, after the rows have been written */
export async function runCheck(context: Context): Promise<void> {
  const rows: Row[] = [];
  const add = (check: string, result: Result, detail: string) => rows.push({ check, result, detail });
  let failure: unknown;
  try {
    await check(context, add);
  } catch (error) {
    failure = error;
  }
  await writeRows(context.io, context.format, ['check', 'result', 'detail'], rows);
  if (failure !== undefined) throw failure;
}

type Add = (check: string, result: Result, detail: string) => void;

async function check(context: Context, add: Add): Promise<void> {
  const settings = orFailed('settings', add, context.settings);
  const connection = await context.connect().catch((error) => failed('proxy', add, error));
  const secrets = await context.client({ retry: false }).catch((error) => failed('address', add, error));
  add('address', 'ok', addressText(connection));
  add('key', 'ok', keyText(settings));
  add('proxy', 'ok', proxyText(connection));
  const answered = await secrets.list({ pageSize: 1 }).then(
    ({ total }) => ({ total }),
    (error: unknown) => ({ error }),
  );
  const tls = tlsOf(connection, 'error' in answered ? answered.error : undefined);
  add('TLS', ...tls);
  if ('error' in answered) failed('list', add, answered.error);
  else add('list', 'ok', answered.total === 1 ? '1 secret' : `${answered.total} secrets`);
}

function orFailed<T>(name: string, add: Add, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return failed(name, add, error);
  }
}

function failed(name: string, add: Add, error: unknown): never {
  add(name, 'failed', describeError(error)?.message ?? 'internal error');
  throw error;
}

/** The end of a key that is long enough for it to say nothing about the rest. */
const MIN_KEY_LENGTH = 20;

function keyText({ apiKey, apiKeySource }: Settings): string {
  return apiKey.length < MIN_KEY_LENGTH ? apiKeySource : `${apiKeySource}, ends with ${apiKey.slice(-4)}`;
}

function proxyText({ proxy, bypass }: Connection): string {
  if (!proxy) return bypass === undefined ? 'none' : `none, because of ${bypass}`;
  return `${proxy.shown} (${proxy.source})${proxy.authorization === undefined ? '' : ', with user and password'}`;
}

function tlsOf({ baseUrl }: Connection, error: unknown): [Result, string] {
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === 'http:')
    return isLoopback(hostname)
      ? ['ok', 'none: a loopback host']
      : ['warning', 'none: everybody on the way reads the key'];
  if (isCortexError(error) && error.name === 'ConnectionError')
    return isTlsFailure(error) ? ['failed', `${error.code}`] : ['not checked', 'no connection'];
  const { NODE_EXTRA_CA_CERTS, NODE_TLS_REJECT_UNAUTHORIZED } = process.env;
  if (NODE_TLS_REJECT_UNAUTHORIZED === '0')
    return ['warning', 'NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate is checked'];
  return ['ok', `the certificate is accepted${NODE_EXTRA_CA_CERTS ? ', NODE_EXTRA_CA_CERTS is set' : ''}`];
}
