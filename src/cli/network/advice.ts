/** What to do if a connection fails, or something else than Cortex responds. */
import type { ApiError, ConnectionError, ContractError } from '../../errors.js';
import type { Connection } from './connection.js';
import type { HttpProxy } from './proxy.js';

/** Codes of OpenSSL, as Node gives them, and undici's. */
const UNKNOWN_AUTHORITY = /SELF_SIGNED|^UNABLE_TO_|^CERT_UNTRUSTED$|^INVALID_CA$/;
const WRONG_TIME = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;
const WRONG_NAME = /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/;
const NO_TLS = /^(ERR_SSL_|EPROTO$)/;
const NO_HOST = /^(ENOTFOUND|EAI_)/;
const NOT_CONNECTED =
  /^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/;

/** Whether there was a connection, but no TLS that Node accepts. */
export const isTlsFailure = ({ code = '' }: ConnectionError): boolean =>
  [UNKNOWN_AUTHORITY, WRONG_TIME, WRONG_NAME, NO_TLS].some((pattern) => pattern.test(code)) ||
  code === 'UND_ERR_PRX_TLS';

export function adviceOnConnection(
  error: ApiError | ConnectionError | ContractError,
  connection: Connection,
): string[] {
  const { proxy } = connection;
  if (error.name === 'ConnectionError') {
    const isProxyLogin = proxy !== undefined && /\b407\b/.test(error.message);
    if (error.kind === 'caller' && !isProxyLogin) return [];
    const through = proxy ? [`The connection goes through the proxy ${proxy.shown} (${proxy.source}).`] : [];
    return [...through, ...adviceOnFailure(error, connection)];
  }
  if (error.name === 'ApiError' && error.status === 407) return [proxyPassword(proxy)];
  const isList = error.operation === 'secrets.list' || error.operation === 'secrets.listAll';
  if (error.kind === 'foreign' || error.kind === 'contract' || (error.kind === 'not-found' && isList)) {
    const through = proxy ? [`The request went through the proxy ${proxy.shown} (${proxy.source}).`] : [];
    return [`Check the address: ${addressText(connection)}`, ...through];
  }
  return [];
}

/** `https://cortex.example (CORTEX_BASE_URL)` */
export const addressText = ({ baseUrl, baseUrlSource }: Connection): string =>
  `${baseUrl} (${baseUrlSource ?? 'the default; CORTEX_BASE_URL sets another one'})`;

const proxyPassword = (proxy: HttpProxy | undefined) =>
  `The proxy asks for a user and a password: set ${proxy?.source ?? 'HTTPS_PROXY'}=http://USER:PASSWORD@HOST:PORT, percent-encoded.`;

function adviceOnFailure({ code = '', message, timedOut }: ConnectionError, connection: Connection): string[] {
  const { baseUrl, proxy } = connection;
  const address = `Check the address: ${addressText(connection)}`;
  if (/\b407\b/.test(message)) return [proxyPassword(proxy)];
  if (UNKNOWN_AUTHORITY.test(code))
    return [
      process.env.NODE_EXTRA_CA_CERTS
        ? 'The authority of the certificate is not in the file of NODE_EXTRA_CA_CERTS: add it there.'
        : 'Node does not know the authority of the certificate: set NODE_EXTRA_CA_CERTS to the path of its certificate (PEM).',
    ];
  if (WRONG_TIME.test(code)) return ['The certificate is out of date, or the clock of this machine is wrong.'];
  if (WRONG_NAME.test(code)) return ['The certificate is for another host name.', address];
  if (code === 'UND_ERR_PRX_TLS') return ['The certificate of the proxy was rejected.'];
  if (NO_TLS.test(code)) {
    const what = proxy?.url.startsWith('https:') ? 'the proxy or the server' : 'the server';
    return [`At this port ${what} speaks no TLS that fits; it may be one for http.`, address];
  }
  if (proxy) {
    if (NO_HOST.test(code) || NOT_CONNECTED.test(code))
      return [`The proxy can't be reached: check ${proxy.source}, or name ${new URL(baseUrl).hostname} in NO_PROXY.`];
    return [];
  }
  if (NO_HOST.test(code)) return ['There is no such host, or the name server can not be reached.', address];
  if (NOT_CONNECTED.test(code) || timedOut)
    return [address, 'If this network has a proxy, set HTTPS_PROXY to its URL.'];
  return [];
}
