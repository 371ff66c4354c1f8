/** The fetch that goes through a proxy, or past one: loaded only if there is one, since it brings its own undici. */
import connect from 'undici/lib/api/api-connect.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import { fetch } from 'undici/lib/web/fetch/index.js';
import type { ClientOptions } from '../../options.js';
import type { HttpProxy } from './proxy.js';

// As undici's entry point does it: an agent asks its client for a tunnel by this method.
Object.assign(Dispatcher.prototype, { connect: openTunnel });

/**
 * After an error with the code of a closed socket undici connects again at once, and without end. So a proxy that closes the
 * connection after CONNECT needs another code. Without a response in HTTP there is no tunnel either, and nothing was sent.
 */
async function openTunnel(this: Dispatcher, ...args: Parameters<typeof connect>) {
  try {
    return await connect.apply(this, args);
  } catch (error) {
    const { name, code } = error as { name: string; code?: unknown };
    if (code !== 'UND_ERR_SOCKET' && name !== 'HTTPParserError') throw error;
    throw Object.assign(new Error('the proxy gave no response to CONNECT'), { code: 'UND_ERR_PRX_CONN' });
  }
}

/** Agent and fetch are of the same undici: those of Node's and of another copy don't fit together in all versions of Node. */
export function proxyFetch(proxy: HttpProxy | undefined): NonNullable<ClientOptions['fetch']> {
  const { url = '', authorization } = proxy ?? {};
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: url,
    httpsProxy: url,
    // Which hosts go past the proxy is decided already.
    noProxy: '',
    // A request to http goes to the proxy as it is: few proxies open a tunnel to another port than that of https.
    proxyTunnel: false,
    ...(authorization !== undefined && { token: authorization }),
  });
  return (address, init) => fetch(address, { ...init, dispatcher } as never) as never;
}
