/** The headers of every request, apart from `Authorization` and `Content-Type`. */
import { VERSION } from './version.js';

/** Pages and workers of browsers, and jsdom, name themselves so; no other runtime does. */
const isBrowser = () => /^Mozilla\//.test((globalThis as { navigator?: Navigator }).navigator?.userAgent as string);

/** Browsers send a `User-Agent` of their own, and would ask the server by a preflight whether another one is allowed. */
export function defaultHeaders(userAgent: string | undefined): Record<string, string> {
  const agent = userAgent ?? (isBrowser() ? undefined : `cortex-secrets/${VERSION}`);
  return { accept: 'application/json', ...(agent && { 'user-agent': agent }) };
}
