/** The fetch that goes through a proxy: loaded only if there is one, since it brings its own undici. */
import connect from 'undici/lib/api/api-connect.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import { fetch } from 'undici/lib/web/fetch/index.js';
import type { ClientOptions } from '../../options.js';
import type { HttpProxy } from './proxy.js';

// As undici's entry point does it: an agent asks its client for a tunnel by this method.
Object.assign(Dispatcher.prototype, { connect });

/** Agent and fetch are of the same undici: those of Node's and of another copy don't fit together in all versions of Node. */
export function proxyFetch({ url, authorization }: HttpProxy): NonNullable<ClientOptions['fetch']> {
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
