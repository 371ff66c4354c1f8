/** Adds the API key to each attempt. */
import { assertApiKey } from '../util/validate.js';
import type { ReportAttempt } from './events.js';
import { askUser } from './timeout.js';
import { type Call, type HttpRequest, type SendRequest, withHeader } from './types.js';

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
    withHeader(request, 'authorization', `Bearer ${key}`);
  if (typeof apiKey === 'string') {
    return (request, call) => {
      call.sensitiveValues.add(apiKey);
      return next(authorized(request, apiKey), call);
    };
  }
  const getKey = async (call: Call): Promise<string> => {
    const key = await askUser('apiKey', apiKey, call);
    assertApiKey(key);
    call.sensitiveValues.add(key);
    return key;
  };
  return async (request, call) => {
    const key = await getKey(call);
    const response = await next(authorized(request, key), call);
    if (response.status !== 401) return response;
    const newKey = await getKey(call);
    if (newKey === key) return response;
    report(request, call, response, 0);
    return next(authorized(request, newKey), call);
  };
}
