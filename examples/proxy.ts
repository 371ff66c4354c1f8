// A proxy, and a certificate authority of your own, through undici's dispatcher.
//
// Node can do both without code: NODE_EXTRA_CA_CERTS=ca.pem, and from 22.21 and 24.5 on NODE_USE_ENV_PROXY=1 with
// HTTPS_PROXY. Take undici's own `fetch` with undici's dispatcher: Node's `fetch` is of another version of it.
import { type ClientOptions, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { Agent, type Dispatcher, fetch, ProxyAgent } from 'undici';

function clientOver(dispatcher: Dispatcher, options: ClientOptions): SecretsClient {
  return createSecretsClient({ ...options, fetch: (url, init) => fetch(url, { ...init, dispatcher }) });
}

/**
 * @param ca the authority that has signed Cortex's certificate, or that of a proxy that looks inside, as PEM; it stands in
 *   place of the public ones, where NODE_EXTRA_CA_CERTS stands beside them
 */
export const clientTrusting = (ca: string, options: ClientOptions = {}): SecretsClient =>
  clientOver(new Agent({ connect: { ca } }), options);

/**
 * Requests go through a tunnel (CONNECT): the proxy sees the host, and neither key nor value.
 *
 * @param proxy such as `http://user:password@proxy.example:3128`
 */
export const clientThroughProxy = (proxy: string, options: ClientOptions = {}, ca?: string): SecretsClient =>
  clientOver(new ProxyAgent({ uri: proxy, ...(ca && { requestTls: { ca } }) }), options);
