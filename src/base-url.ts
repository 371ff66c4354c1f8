/** The address of Cortex, checked. */

export const DEFAULT_BASE_URL = 'https://api.getcortexapp.com';

/** A host name of a URL, or an address. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);

/** The path that the contract's own paths begin with. */
const API_PATH = /(\/+api\/+v1)?\/*$/;

/**
 * The URL without a slash, and without `/api/v1`, at its end. A wrong one is not quoted: it may hold a password. An empty
 * CORTEX_BASE_URL is wrong too: CI systems expand a missing setting to nothing, and that must not mean the production API.
 *
 * @throws TypeError
 */
export function validBaseUrl(given: string | URL, name: string, allowInsecureConnection: boolean): string {
  let problem =
    given === '' ? 'is empty; set it to a URL, or unset it' : `must be an absolute URL, such as ${DEFAULT_BASE_URL}`;
  if (URL.canParse(given)) {
    const { protocol, hostname, username, password, search, hash, href } = new URL(given);
    if (protocol !== 'https:' && !(protocol === 'http:' && (allowInsecureConnection || isLoopback(hostname)))) {
      problem =
        'must be an https URL; http is allowed only for loopback hosts, or with allowInsecureConnection: true, which sends keys and values unencrypted';
    } else if (username || password) problem = 'must not contain user and password; the key goes into apiKey';
    else if (search || hash || /[?#]$/.test(href)) problem = 'must not contain a query or a fragment';
    else return href.replace(API_PATH, '');
  }
  throw new TypeError(`${name}: ${problem}`);
}
