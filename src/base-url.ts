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
  if (URL.canParse(given)) {
    const url = new URL(given);
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

/**
 * Whether the runtime's own `fetch` sends requests for this http URL to a proxy that a variable names: loopback hosts are no
 * exception. As seen with Node 22.23 and 24.9, Bun 1.4 and Deno 2.9, which differ; a rule that only one of them knows counts
 * only there.
 */
function goesToProxy({ hostname, port }: URL, runtime: Runtime): boolean {
  const { bun, deno } = runtime.versions ?? {};
  const isNode = !bun && !deno;
  if (isNode && !nodeUsesVariables(runtime)) return false;
  const variable = (name: string) => readVariable(runtime, name);
  const proxy = isNode
    ? (variable('http_proxy') ?? variable('HTTP_PROXY'))
    : ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].map(variable).find(Boolean);
  if (!proxy) return false;
  const address = hostname.replace(/^\[|\]$/g, '');
  const names = deno
    ? [address, ...(address.startsWith('127.') ? ['127.0.0.0/8'] : [])]
    : [hostname, `${hostname}:${port || 80}`, '*', ...(bun ? [address] : [])];
  // They also differ in which of the two wins.
  const lists = ['no_proxy', 'NO_PROXY'].map(variable).filter((list) => (isNode ? list !== undefined : list));
  const isCovered = (list = '') =>
    list.split(deno ? ',' : /[,\s]/).some((entry) => names.includes(deno ? entry.trim() : entry.toLowerCase()));
  return lists.length === 0 || !lists.every(isCovered);
}

/** Node reads them since 22.21 and 24.0, if it is told to. */
function nodeUsesVariables({ versions, execArgv = [], env = {} }: Runtime): boolean {
  const [major = 0, minor = 0] = (versions?.node ?? '').split('.').map(Number);
  if (major < 24 && !(major === 22 && minor >= 21)) return false;
  return (
    env.NODE_USE_ENV_PROXY === '1' || [...execArgv, ...(env.NODE_OPTIONS ?? '').split(' ')].includes('--use-env-proxy')
  );
}

/** Without permission to read a variable Deno would ask the user, or throw. */
function readVariable({ versions, env }: Runtime, name: string): string | undefined {
  if (versions?.deno) {
    type Permissions = { querySync(permission: { name: 'env'; variable: string }): { state: string } };
    const { permissions } = (globalThis as { Deno?: { permissions?: Permissions } }).Deno ?? {};
    if (permissions && permissions.querySync({ name: 'env', variable: name }).state !== 'granted') return undefined;
  }
  return env?.[name];
}
