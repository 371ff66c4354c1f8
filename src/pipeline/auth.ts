/** Adds the API key to each attempt. */
import { untilAborted } from '../util/abort.js';
import { assertApiKey } from '../util/validate.js';
import type { ReportAttempt } from './events.js';
import type { Call, HttpRequest, SendRequest } from './types.js';

/** An API key, or a function that returns one. */
export type ApiKey = string | (() => string | Promise<string>);

/** A function is asked before each attempt, and once more after a 401: it may return a newer key. */
export function withAuth(next: SendRequest, apiKey: ApiKey, report: ReportAttempt): SendRequest {
  const authorized = (request: HttpRequest, key: string): HttpRequest => ({
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${key}` },
  });
  const getKey = async ({ signal, sensitiveValues }: Call): Promise<string> => {
    const key = typeof apiKey === 'string' ? apiKey : await untilAborted((async () => apiKey())(), signal);
    assertApiKey(key);
    sensitiveValues.add(key);
    return key;
  };
  return async (request, call) => {
    const key = await getKey(call);
    const response = await next(authorized(request, key), call);
    if (response.status !== 401 || typeof apiKey === 'string') return response;
    const newKey = await getKey(call);
    if (newKey === key) return response;
    report(request, call, response, 0);
    return next(authorized(request, newKey), call);
  };
}
