/** The address of Cortex, checked. */

export const DEFAULT_BASE_URL = 'https://api.getcortexapp.com';

/** Whether a host is this machine; an IPv6 address with brackets, as in a URL, or without. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1|\[::1\])$/.test(host);

/** The path that the contract's own paths begin with. */
const API_PATH = /(\/+api\/+v1)?\/*$/;

/** What decides whether `fetch` uses the proxy of the environment: `process` in Node, Bun and Deno. */
export interface Runtime {
  readonly versions?: { readonly node?: string; readonly bun?: string; readonly deno?: string };
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The URL without a slash, and without `/api/v1`, at its end. A wrong one is not quoted: it may hold a password. An empty
 * CORTEX_BASE_URL is wrong too: CI systems expand a missing setting to nothing, and that must not mean the production API.
 *
 * @throws TypeError
 */
export function validBaseUrl(
  given: string | URL,
  name: string,
  allowInsecureConnection: boolean,
  runtime = (globalThis as { process?: Runtime }).process,
): string {
  let problem =
    given === '' ? 'is empty; set it to a URL, or unset it' : `must be an absolute URL, such as ${DEFAULT_BASE_URL}`;
  const url = parse(given);
  if (url) {
    const { protocol, hostname, username, password, search, hash, href } = url;
    const isInsecure = protocol === 'http:' && !allowInsecureConnection;
    if (protocol !== 'https:' && (protocol !== 'http:' || (isInsecure && !isLoopback(hostname)))) {
      problem =
        'must be an https URL; http is allowed only for loopback hosts, or with allowInsecureConnection: true, which sends keys and values unencrypted';
    } else if (username || password) problem = 'must not contain user and password; the key goes into apiKey';
    else if (search || hash || /[?#]$/.test(href)) problem = 'must not contain a query or a fragment';
    else if (isInsecure && runtime && goesToProxy(url, runtime))
      problem = `http to ${hostname} would go to the proxy of HTTP_PROXY, with keys and values unencrypted; add ${hostname} to NO_PROXY, or pass allowInsecureConnection: true`;
    else return href.replace(API_PATH, '');
  }
  throw new TypeError(`${name}: ${problem}`);
}

/** Without `URL.canParse`, which jsdom lacks in Jest 29. */
function parse(given: string | URL): URL | undefined {
  try {
    return new URL(given);
  } catch {
    return undefined;
  }
}

/**
 * Whether the runtime's own `fetch` sends requests for this http URL to a proxy that a variable names: loopback hosts are no
 * exception. As seen with Node 22.23 and 24.9, Bun 1.4 and Deno 2.9, which differ; a rule that only one of them knows counts
 * only there.
 */
function goesToProxy({ hostname, port }: URL, { versions = {}, execArgv = [], env = {} }: Runtime): boolean {
  const { node = '', bun, deno } = versions;
  const isNode = !bun && !deno;
  const variable = (name: string) => (deno && !mayRead(name) ? undefined : env[name]);
  // Node reads the variables since 22.21 and 24.0, if an option or a variable says so.
  if (isNode && !/^(22\.(2[1-9]|[3-9]\d)|2[4-9]|[3-9]\d)\b/.test(node)) return false;
  if (
    isNode &&
    env.NODE_USE_ENV_PROXY !== '1' &&
    !/\B--use-env-proxy\b/.test([...execArgv, env.NODE_OPTIONS].join(' '))
  )
    return false;
  const isSet = (value: string | undefined) => (isNode ? value !== undefined : value);
  const proxies = ['http_proxy', 'HTTP_PROXY', ...(isNode ? [] : ['all_proxy', 'ALL_PROXY'])];
  if (!proxies.map(variable).find(isSet)) return false;
  const address = hostname.replace(/[[\]]/g, '');
  const names = deno
    ? [address, address.startsWith('127.') && '127.0.0.0/8']
    : [hostname, `${hostname}:${port || 80}`, '*', bun && address];
  const covers = (list = '') =>
    list.split(deno ? ',' : /[,\s]/).some((entry) => names.includes(deno ? entry.trim() : entry.toLowerCase()));
  // They also differ in which of the two wins.
  const lists = ['no_proxy', 'NO_PROXY'].map(variable).filter(isSet);
  return lists.length === 0 || !lists.every(covers);
}

/** Whether Deno lets the program read a variable: otherwise it would ask the user, or throw. */
function mayRead(variable: string): boolean {
  const { Deno } = globalThis as { Deno?: { permissions: { querySync(permission: object): { state: string } } } };
  return !Deno || Deno.permissions.querySync({ name: 'env', variable }).state === 'granted';
}
