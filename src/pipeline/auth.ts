/** Adds the API key to each attempt. */
import { settled } from '../util/foreign.js';
import { withTimeLimit } from '../util/time-limit.js';
import { assertApiKey } from '../util/validate.js';
import type { ReportAttempt } from './events.js';
import { askUser } from './timeout.js';
import { type Call, type HttpRequest, type SendRequest, withHeaders } from './types.js';

/** An API key, or a function that returns one; `null` if something on the way to Cortex adds it. */
export type ApiKey = string | null | (() => string | Promise<string>);

/**
 * A function is called before each attempt, and once more after a 401: it may return a newer key. It is called before the
 * attempt takes a slot, so that one that hangs keeps no other call waiting.
 */
export function withAuth(next: SendRequest, apiKey: ApiKey, report: ReportAttempt): SendRequest {
  if (apiKey === null) {
    // Also not one of the caller's own, in a request of secrets.api.
    return (request, call) => {
      const { authorization: _, ...headers } = request.headers;
      return next({ ...request, headers }, call);
    };
  }
  const authorized = (request: HttpRequest, key: string): HttpRequest =>
    withHeaders(request, { authorization: `Bearer ${key}` });
  if (typeof apiKey === 'string') {
    return (request, call) => {
      call.sensitiveValues.add(apiKey);
      return next(authorized(request, apiKey), call);
    };
  }
  const ask = sharedKeys(apiKey);
  const getKey = async (call: Call, isFresh: boolean): Promise<string> => {
    const key = await ask(call, isFresh);
    assertApiKey(key);
    call.sensitiveValues.add(key);
    return key;
  };
  return async (request, call) => {
    const key = await getKey(call, false);
    const response = await next(authorized(request, key), call);
    if (response.status !== 401) return response;
    // Not a result that was pending before the 401: it may be the old key.
    const newKey = await getKey(call, true);
    if (newKey === key) return response;
    report(request, call, response, 0);
    return next(authorized(request, newKey), call);
  };
}

/** The longest time that an attempt waits for a result that another one has asked for: the function may hang for that one. */
const MAX_JOIN_MS = 1000;

class StillPending extends Error {}

/**
 * Attempts that start while the function is called share its result, so that a burst calls it once. Each waits within its
 * own limits, and its abort ends nothing for the others.
 */
function sharedKeys(apiKey: () => string | Promise<string>): (call: Call, isFresh: boolean) => Promise<string> {
  let pending: { readonly key: Promise<string>; readonly startedAt: number } | undefined;

  const ask = (): Promise<string> => {
    const asked = { key: settled(apiKey), startedAt: performance.now() };
    pending = asked;
    const forget = () => {
      if (pending === asked) pending = undefined;
    };
    asked.key.then(forget, forget);
    return asked.key;
  };

  const join = async ({ limits, signal }: Call): Promise<string> => {
    const joined = pending;
    if (!joined) return ask();
    const leftMs = joined.startedAt + Math.min(MAX_JOIN_MS, limits.timeoutMs / 2) - performance.now();
    if (leftMs <= 0) return ask();
    try {
      return await withTimeLimit(
        leftMs,
        signal,
        () => new StillPending(),
        () => joined.key,
      );
    } catch (error) {
      if (!(error instanceof StillPending)) throw error;
      // Of those that wait, the first asks again.
      return Promise.race([joined.key, pending && pending !== joined ? pending.key : ask()]);
    }
  };

  return (call, isFresh) => askUser('apiKey', () => (isFresh ? ask() : join(call)), call);
}
