/** What a command talks to: the address, and the proxy on the way. */
import { DEFAULT_BASE_URL } from '../../base-url.js';
import type { Io } from '../io.js';
import type { Settings } from '../settings.js';
import type { HttpProxy } from './proxy.js';

export interface Connection {
  readonly baseUrl: string;
  /** What messages call the source of the address; undefined for the default. */
  readonly baseUrlSource: string | undefined;
  readonly proxy?: HttpProxy | undefined;
  /** Why a proxy that the environment names is not used. */
  readonly bypass?: string | undefined;
  /** Whether Node's own fetch would use that proxy. */
  readonly isAgainstNode?: boolean;
}

/** Without one of them no more code is loaded. */
const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'] as const;

export async function findConnection(settings: Settings, io: Io): Promise<Connection> {
  const { baseUrl = DEFAULT_BASE_URL, baseUrlSource } = settings;
  const direct = { baseUrl, baseUrlSource };
  if (PROXY_VARIABLES.every((name) => !process.env[name]) || !URL.canParse(baseUrl)) return direct;
  const { proxyFor } = await import('./proxy.js');
  const { proxy, bypass } = proxyFor(baseUrl, process.env);
  if (proxy) io.trace(`proxy: ${proxy.shown}, from ${proxy.source}`);
  if (bypass) io.trace(`proxy: none, because of ${bypass}`);
  return { ...direct, proxy, bypass, isAgainstNode: bypass !== undefined && nodeUsesProxies() };
}

function nodeUsesProxies(): boolean {
  const { NODE_USE_ENV_PROXY, NODE_OPTIONS = '' } = process.env;
  return NODE_USE_ENV_PROXY === '1' || [...process.execArgv, NODE_OPTIONS].join(' ').includes('--use-env-proxy');
}
