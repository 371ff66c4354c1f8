/** Where the API key and the address come from: the environment, or the file of the vendor's own CLI. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_BASE_URL } from '../base-url.js';
import { type ConfigFile, type ConfigSection, readConfigFile } from './config-file.js';
import { CliError, EXIT, UsageError } from './exit.js';
import type { Io } from './io.js';
import { printable } from './printable.js';

export interface Settings {
  readonly apiKey: string;
  /** `CORTEX_API_KEY`, or `api_key in ~/.cortex/config`. */
  readonly apiKeySource: string;
  /** Undefined for the default address. */
  readonly baseUrl: string | undefined;
  /** `--base-url`, `CORTEX_BASE_URL`, or `base_url in ~/.cortex/config`; undefined for the default address. */
  readonly baseUrlSource: string | undefined;
  readonly allowInsecureConnection: boolean;
}

export interface SettingsOptions {
  baseUrl?: string | undefined;
  allowInsecureConnection?: boolean | undefined;
  tenant?: string | undefined;
}

/** A setting, and what messages call its source. */
interface Setting {
  readonly source: string;
  readonly text: string;
}

/** @throws CliError without a key; no message quotes it */
export function readSettings(options: SettingsOptions, io: Io): Settings {
  const { key, url } = readKeyAndUrl(options, io);
  if (url) checkPath(url);
  io.trace(`API key: from ${key.source}; address: ${url === undefined ? 'the default' : `from ${url.source}`}`);
  return {
    apiKey: key.text,
    apiKeySource: key.source,
    baseUrl: url?.text,
    baseUrlSource: url?.source,
    allowInsecureConnection: allowsInsecure(options, io),
  };
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

/** The client adds the path. A proxy or Cortex itself would respond to such an address with a 404, as to a missing tag. */
function checkPath({ source, text }: Setting): void {
  const path = URL.canParse(text) ? new URL(text).pathname : '';
  const [, end] = /(\/api\/v1\/secrets|\/api)\/*$/.exec(path) ?? [];
  if (end !== undefined) throw new UsageError(`${source}: ends with ${end}; leave that out, or give it up to /api/v1`);
}

function readKeyAndUrl({ baseUrl, tenant }: SettingsOptions, io: Io): { key: Setting; url: Setting | undefined } {
  const { CORTEX_API_KEY, CORTEX_BASE_URL, CORTEX_TENANT_ALIAS } = process.env;
  const option = cleaned({ source: '--base-url', text: baseUrl }, io.note);
  const variable =
    option === undefined ? cleaned({ source: 'CORTEX_BASE_URL', text: CORTEX_BASE_URL }, io.note) : undefined;
  if (CORTEX_API_KEY !== undefined) {
    if (tenant !== undefined)
      throw new UsageError('--tenant: CORTEX_API_KEY is set, and takes precedence; unset it to use the file');
    const key = checkedKey({ source: 'CORTEX_API_KEY', text: CORTEX_API_KEY }, io.note);
    return { key, url: option ?? variable };
  }
  const { path, shownPath } = configPath();
  const file = readConfigFile(path, shownPath);
  if (!file) throw new CliError(`no API key: set CORTEX_API_KEY, or api_key in ${shownPath}`, EXIT.auth);
  const { apiKey, baseUrl: urlOfFile } = sectionOf(file, shownPath, tenant, CORTEX_TENANT_ALIAS || undefined);
  // The vendor's CLI drops quotes in its file too, so that they are no reason for a note.
  const key = checkedKey({ source: `api_key in ${shownPath}`, text: withoutComment(apiKey) }, io.trace);
  const field = cleaned({ source: `base_url in ${shownPath}`, text: withoutComment(urlOfFile) }, io.trace);
  if (file.isExposed) io.warn(`${shownPath} has an API key, and other users may read it; run chmod 600 on it`);
  // A variable of some other project must not send this key elsewhere. --base-url may: it stands in the command itself.
  if (option === undefined && variable?.text && !isSameAddress(variable.text, field?.text ?? DEFAULT_BASE_URL))
    throw new UsageError(`CORTEX_BASE_URL is not the address of the API key in ${shownPath}, which is not sent there`, [
      'Set CORTEX_API_KEY too, set base_url in the file, or unset CORTEX_BASE_URL; --base-url sends the key anyway.',
    ]);
  return { key, url: option ?? variable ?? field };
}

function sectionOf(
  { sections }: ConfigFile,
  shownPath: string,
  tenant: string | undefined,
  alias: string | undefined,
): ConfigSection & { apiKey: string } {
  const name = tenant ?? alias ?? 'default';
  const source = tenant !== undefined ? '--tenant: ' : alias !== undefined ? 'CORTEX_TENANT_ALIAS: ' : '';
  const section = sections.get(name);
  const inSection = `section [${printable(name)}]`;
  if (section?.apiKey) return { ...section, apiKey: section.apiKey };
  if (section) throw new CliError(`${source}no API key: ${shownPath} has no api_key in its ${inSection}`, EXIT.auth);
  const names = [...sections.keys()].filter((other) => other !== 'DEFAULT').map((other) => `[${printable(other)}]`);
  const what = names.length === 0 ? 'no section at all' : `only ${names.join(', ')}`;
  throw new CliError(`${source}no API key: ${shownPath} has no ${inSection}, it has ${what}`, EXIT.auth);
}

/** configparser leaves a comment behind a value in it; neither a key nor an address has a space. */
const withoutComment = <T extends string | undefined>(text: T) => text?.replace(/\s[#;].*/s, '') as T;

/** What is meant: no quotes around it, which `docker --env-file` passes on, and no whitespace, such as a final newline. */
function cleaned({ source, text }: { source: string; text: string | undefined }, note: Note): Setting | undefined {
  if (text === undefined) return undefined;
  let start = 0;
  let end = text.length;
  for (;;) {
    if (start < end && SPACE.test(text[start] as string)) start++;
    else if (end > start && SPACE.test(text[end - 1] as string)) end--;
    else if (end - start > 1 && QUOTE.test(text[start] as string) && text[start] === text[end - 1]) {
      start++;
      end--;
    } else break;
  }
  if (end - start < text.length) note(`${source}: left out the quotes or the whitespace around it`);
  return { source, text: text.slice(start, end) };
}

type Note = (text: string) => void;
const SPACE = /[\s\u200B-\u200D\u2060]/;
const QUOTE = /["'`]/;

function checkedKey(given: { source: string; text: string }, note: Note): Setting {
  const key = cleaned(given, note) as Setting;
  const { source, text } = key;
  // CI systems expand a missing secret to nothing: that must not select another key.
  if (text === '') throw new CliError(`${source} is empty`, EXIT.auth);
  if (/^Bearer\s/i.test(text)) throw new CliError(`${source}: must be the key alone, without "Bearer"`, EXIT.auth);
  if (!/^[\x21-\x7e]+$/.test(text))
    throw new CliError(`${source}: must be visible ASCII characters without a space or a line break in it`, EXIT.auth);
  return key;
}

/** As the client sends to it: without `/api/v1` and slashes at the end. Undefined for what is no URL. */
export const normalizedAddress = (url: string = DEFAULT_BASE_URL): string | undefined =>
  URL.canParse(url) ? new URL(url).href.replace(/(\/+api\/+v1)?\/*$/, '') : undefined;

function isSameAddress(one: string, other: string): boolean {
  const first = normalizedAddress(one);
  return first !== undefined && first === normalizedAddress(other);
}

/** A key of this length can't be guessed. */
const MIN_STATE_KEY = 16;

/** What the digests of a state are made with: a key of their own, or the API key. */
export function stateSecret({ apiKey }: Settings, io: Io): string {
  const { CORTEX_SECRETS_STATE_KEY } = process.env;
  const key = cleaned({ source: 'CORTEX_SECRETS_STATE_KEY', text: CORTEX_SECRETS_STATE_KEY }, io.note);
  if (key === undefined) return apiKey;
  if (key.text.length < MIN_STATE_KEY)
    throw new UsageError(
      `CORTEX_SECRETS_STATE_KEY: must have at least ${MIN_STATE_KEY} characters; "openssl rand -hex 32" makes one, or unset it`,
    );
  return key.text;
}

function configPath(): { path: string; shownPath: string } {
  const { CORTEX_CONFIG } = process.env;
  if (CORTEX_CONFIG) return { path: CORTEX_CONFIG, shownPath: 'the file of CORTEX_CONFIG' };
  return { path: join(homedir(), '.cortex', 'config'), shownPath: '~/.cortex/config' };
}

/** The sections that --tenant takes. */
export function sectionNames(): string[] {
  const { path, shownPath } = configPath();
  return [...(readConfigFile(path, shownPath)?.sections.keys() ?? [])].filter((name) => name !== 'DEFAULT');
}
