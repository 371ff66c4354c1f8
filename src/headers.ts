/** The headers of every request, apart from `Authorization` and `Content-Type`. */
import { VERSION } from './version.js';

/** Browsers send a `User-Agent` of their own, and would ask the server by a preflight whether another one is allowed. */
export function defaultHeaders(userAgent: string | undefined): Record<string, string> {
  const agent = userAgent ?? ('document' in globalThis ? undefined : `cortex-secrets/${VERSION}`);
  return { accept: 'application/json', ...(agent && { 'user-agent': agent }) };
}
