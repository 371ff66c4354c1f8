/** Which proxy the environment names for an address: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in both cases. */
import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../../base-url.js';
import { UsageError } from '../exit.js';

export interface HttpProxy {
  /** Without user and password. */
  readonly url: string;
  /** `proxy.example:3128`, for messages. */
  readonly shown: string;
  /** The variable that names it. */
  readonly source: string;
  /** The value of Proxy-Authorization. */
  readonly authorization: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address; undefined for none, with why not if there could be one.
 *
 * @throws UsageError if the variable is no URL; it quotes nothing, since there may be a password in it
 */
export function proxyFor(address: string, env: Environment): { proxy?: HttpProxy; bypass?: string } {
  const { protocol, hostname, port } = new URL(address);
  const variable = variableOf(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', env);
  if (!variable) return {};
  if (isLoopback(hostname)) return { bypass: 'a loopback host' };
  const excluded = variableOf('NO_PROXY', env);
  if (excluded && isExcluded(hostname, Number(port) || (protocol === 'https:' ? 443 : 80), excluded.text))
    return { bypass: excluded.source };
  return { proxy: parseProxy(variable) };
}

interface Variable {
  readonly source: string;
  readonly text: string;
}

/** The lower-case one goes first, as with curl; an empty one hides nothing. */
function variableOf(name: string, env: Environment): Variable | undefined {
  for (const source of [name.toLowerCase(), name]) {
    const text = env[source]?.trim();
    if (text) return { source, text };
  }
  return undefined;
}

function parseProxy({ source, text }: Variable): HttpProxy {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url?.hostname) throw new UsageError(`${source}: must be a URL, such as http://proxy.example:3128`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UsageError(`${source}: must be an http or https proxy; others, such as SOCKS, are not supported`);
  const { username, password, host, protocol, hostname } = url;
  const credentials = [username, password].map(decoded).join(':');
  const port = url.port || (protocol === 'https:' ? '443' : '80');
  return {
    url: `${protocol}//${host}`,
    shown: `${hostname}:${port}`,
    source,
    authorization: username || password ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined,
  };
}

/** A password with a percent sign that is not encoded is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether NO_PROXY names a host: by name, by a domain above it, by address or network, with a port or without, or by `*`. */
function isExcluded(hostname: string, port: number, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', entryPort] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === '' || (entryPort !== undefined && Number(entryPort) !== port)) return false;
      const bare = name
        .replace(/^\[|\]$/g, '')
        .replace(/^\*?\./, '')
        .replace(/\.$/, '');
      if (bare.includes('/')) return isInNetwork(host, bare);
      return bare !== '' && (host === bare || (!isIP(host) && host.endsWith(`.${bare}`)));
    });
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}
