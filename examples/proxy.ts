// Uses a proxy or a private certificate authority, with an undici dispatcher.
//
// Node supports both without code: NODE_EXTRA_CA_CERTS=ca.pem, and since 22.21 and 24.5 NODE_USE_ENV_PROXY=1 with
// HTTPS_PROXY. Use undici's own `fetch` with an undici dispatcher: Node's `fetch` comes from another version of undici.
import { type ClientOptions, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { Agent, type Dispatcher, fetch, ProxyAgent } from 'undici';

function clientOver(dispatcher: Dispatcher, options: ClientOptions): SecretsClient {
  return createSecretsClient({ ...options, fetch: (url, init) => fetch(url, { ...init, dispatcher }) });
}

/**
 * @param ca the authority (PEM) that signed the certificate of Cortex, or of a proxy that decrypts TLS. It replaces the
 *   public authorities; NODE_EXTRA_CA_CERTS adds to them
 */
export const clientTrusting = (ca: string, options: ClientOptions = {}): SecretsClient =>
  clientOver(new Agent({ connect: { ca } }), options);

/**
 * Sends requests through a tunnel (CONNECT): the proxy sees the host, but neither the key nor a value.
 *
 * @param proxy such as `http://user:password@proxy.example:3128`
 */
export const clientThroughProxy = (proxy: string, options: ClientOptions = {}, ca?: string): SecretsClient =>
  clientOver(new ProxyAgent({ uri: proxy, ...(ca && { requestTls: { ca } }) }), options);
