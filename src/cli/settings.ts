/** Where the API key and the address come from: the environment, or the file of the vendor's own CLI. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_BASE_URL } from '../base-url.js';
import { readConfigFile } from './config-file.js';
import { CliError, EXIT, UsageError } from './exit.js';
import type { Io } from './io.js';

export interface Settings {
  readonly apiKey: string;
  /** Undefined for the default address. */
  readonly baseUrl: string | undefined;
  readonly allowInsecureConnection: boolean;
}

export interface SettingsOptions {
  baseUrl?: string | undefined;
  allowInsecureConnection?: boolean | undefined;
  tenant?: string | undefined;
}

/** @throws CliError without a key; no message quotes it */
export function readSettings(options: SettingsOptions, io: Io): Settings {
  return { ...readKeyAndUrl(options, io), allowInsecureConnection: allowsInsecure(options, io) };
}

/** Not from the file: the vendor's CLI doesn't have it. */
function allowsInsecure({ allowInsecureConnection }: SettingsOptions, io: Io): boolean {
  const { CORTEX_ALLOW_INSECURE_CONNECTION: variable = '' } = process.env;
  if (!['', '0', 'false', '1', 'true'].includes(variable))
    throw new UsageError('CORTEX_ALLOW_INSECURE_CONNECTION: must be 1, true, 0, false or empty');
  const isAllowed = allowInsecureConnection === true || variable === '1' || variable === 'true';
  if (isAllowed) io.trace('http is allowed to any host: it carries the key and the values unencrypted');
  return isAllowed;
}

function readKeyAndUrl(
  { baseUrl: givenUrl, tenant }: SettingsOptions,
  io: Io,
): Omit<Settings, 'allowInsecureConnection'> {
  const { CORTEX_API_KEY, CORTEX_BASE_URL, CORTEX_TENANT_ALIAS } = process.env;
  if (CORTEX_API_KEY !== undefined) {
    // CI systems expand a missing secret to nothing: that must not select another key.
    if (CORTEX_API_KEY === '') throw new CliError('CORTEX_API_KEY is empty', EXIT.key);
    if (tenant !== undefined)
      throw new UsageError('--tenant: CORTEX_API_KEY is set, and takes precedence; unset it to use the file');
    io.trace(`API key: from CORTEX_API_KEY; address: ${sourceOfUrl(givenUrl, CORTEX_BASE_URL, undefined)}`);
    return { apiKey: CORTEX_API_KEY, baseUrl: givenUrl ?? CORTEX_BASE_URL };
  }
  const { path, shownPath } = configPath();
  const file = readConfigFile(path, shownPath);
  const section = tenant ?? (CORTEX_TENANT_ALIAS || 'default');
  if (!file) throw new CliError(`no API key: set CORTEX_API_KEY, or api_key in ${shownPath}`, EXIT.key);
  const found = file.sections.get(section);
  if (!found?.apiKey)
    throw new CliError(`no API key: ${shownPath} has no api_key in its section for this tenant`, EXIT.key);
  if (file.isExposed) io.warn(`${shownPath} has an API key, and other users may read it; run chmod 600 on it`);
  // A variable of some other project must not send this key elsewhere. --base-url may: it stands in the command itself.
  if (givenUrl === undefined && CORTEX_BASE_URL && !isSameAddress(CORTEX_BASE_URL, found.baseUrl ?? DEFAULT_BASE_URL))
    throw new UsageError(`CORTEX_BASE_URL is not the address of the API key in ${shownPath}, which is not sent there`, [
      'Set CORTEX_API_KEY too, set base_url in the file, or unset CORTEX_BASE_URL; --base-url sends the key anyway.',
    ]);
  const baseUrl = givenUrl ?? CORTEX_BASE_URL ?? found.baseUrl;
  io.trace(`API key: from ${shownPath}; address: ${sourceOfUrl(givenUrl, CORTEX_BASE_URL, found.baseUrl)}`);
  return { apiKey: found.apiKey, baseUrl };
}

/** Compared as the client sends to them: without `/api/v1` and slashes at the end. */
function isSameAddress(one: string, other: string): boolean {
  const [first, second] = [one, other].map((url) =>
    URL.canParse(url) ? new URL(url).href.replace(/(\/+api\/+v1)?\/*$/, '') : undefined,
  );
  return first !== undefined && first === second;
}

function sourceOfUrl(option: string | undefined, variable: string | undefined, field: string | undefined): string {
  if (option !== undefined) return 'from --base-url';
  if (variable !== undefined) return 'from CORTEX_BASE_URL';
  return field === undefined ? 'the default' : 'from the same file';
}

function configPath(): { path: string; shownPath: string } {
  const { CORTEX_CONFIG } = process.env;
  if (CORTEX_CONFIG) return { path: CORTEX_CONFIG, shownPath: 'the file of CORTEX_CONFIG' };
  return { path: join(homedir(), '.cortex', 'config'), shownPath: '~/.cortex/config' };
}
