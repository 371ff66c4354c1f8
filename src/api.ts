/** `secrets.api`: the openapi-fetch client with its raw responses, on the same pipeline as the methods. */
import type { Client } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import { apiError } from './api-error.js';
import { toErrorBody } from './error-body.js';
import type { CallOptions } from './options.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call, SendRequest } from './pipeline/types.js';
import { MAX_RESPONSE_BYTES, maxListBytes, parseJson } from './response.js';
import type { Calls } from './start-call.js';

/** Options of openapi-fetch that would bypass the pipeline. */
const RESERVED = ['baseUrl', 'fetch', 'pathSerializer', 'redirect', 'Request'];
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** A Response with one of these statuses can't have a body (Fetch standard, "null body status"). */
const NULL_BODY_STATUS = new Set([204, 205, 304]);

export function apiClient(http: Client<paths>, calls: Calls, send: SendRequest, baseUrl: string): Client<paths> {
  const request = async (method: string, path: string, given: Record<string, unknown> = {}) => {
    const { signal, timeoutMs, deadlineMs, retry, ...init } = given;
    const reserved = RESERVED.find((name) => name in init);
    if (reserved) throw new TypeError(`secrets.api: ${reserved} can't be set for one request; see createSecretsClient`);
    const options = { signal, timeoutMs, deadlineMs, retry } as CallOptions;
    const params = init.params as { path?: { tagOrId?: unknown } } | undefined;
    const call = calls.start(`secrets.api.${method}`, options, { tagOrId: params?.path?.tagOrId });
    const callInit = {
      ...init,
      // Without `path` openapi-fetch would not call the path serializer, which checks the path.
      params: { ...params, path: params?.path ?? {} },
      fetch: (built: Request) => sendRequest(built, path, call, init.parseAs ?? 'json'),
    };
    try {
      const result: { error?: unknown; response: Response } = await http.request(
        method.toLowerCase() as never,
        path as never,
        callInit as never,
      );
      const { response } = result;
      // openapi-fetch gives the text of a body that is not JSON, and nothing that `if (error)` would find if there is none.
      return response.ok ? result : { error: toErrorBody(response.status, result.error), response };
    } catch (error) {
      // openapi-fetch fails in another way if `fetch` rejects with nothing, as it does after abort(null).
      if (call.signal?.aborted && !call.signal.reason) throw call.signal.reason;
      // The platform quotes it, and it may be a key or a value in the wrong place.
      if (call.progress.attempts === 0 && error instanceof TypeError && /\bheaders?\b/i.test(error.message))
        throw new TypeError('secrets.api: a header has a name or a value that no header may have');
      throw error;
    }
  };

  async function sendRequest(built: Request, path: string, call: Call, parseAs: unknown): Promise<Response> {
    const { url, method } = built;
    if (!url.startsWith(`${baseUrl}/`)) throw new TypeError('secrets.api: a request must stay below baseUrl');
    const body = await built.text(); // `built.body` is missing in some browsers
    for (const text of sensitiveTexts(body)) call.sensitiveValues.add(text);
    const headers = Object.fromEntries(built.headers);
    const request = {
      url,
      path,
      method,
      headers,
      body: body || undefined,
      maxResponseBytes: maxResponseBytes(url, path),
    };
    const response = await send(request, call);
    const { status, text } = response;
    // A Response can't have a status outside 200-599, and redirects are never followed.
    if (status < 200 || status > 599 || (status >= 300 && status < 400)) throw apiError(response, call);
    // openapi-fetch would throw a SyntaxError that quotes the body.
    if (isOk(status) && (response.truncated || (parseAs === 'json' && text !== ''))) parseJson(response, call);
    return toResponse(response);
  }

  const methods = METHODS.map((method) => [
    method,
    (path: string, init?: object) => request(method, path, { ...init }),
  ]);
  return {
    ...Object.fromEntries(methods),
    request: (method: string, path: string, init?: object) => request(method.toUpperCase(), path, { ...init }),
    use: http.use,
    eject: http.eject,
  };
}

/** A Response for openapi-fetch. Its text is decoded, so the headers about its encoding and length no longer apply. */
function toResponse({ status, headers, text }: BufferedResponse): Response {
  const kept = new Headers();
  headers.forEach((value, name) => {
    if (name !== 'content-encoding' && name !== 'content-length') kept.append(name, value);
  });
  return new Response(NULL_BODY_STATUS.has(status) ? null : text, { status, headers: kept });
}

/** The sizes of a list and of one secret are limited as in the methods. */
const maxResponseBytes = (url: string, path: string) =>
  path.includes('{') ? MAX_RESPONSE_BYTES : maxListBytes(Number(new URL(url).searchParams.get('pageSize')) || 0);

/** What in a request's body must not be shown, wherever it came from. In the contract's shape only the value. */
function* sensitiveTexts(body: string): Generator<string> {
  try {
    yield* sensitiveLeaves(JSON.parse(body));
  } catch {
    // Not JSON: a form, perhaps. None of it is known to be harmless.
    yield body;
    yield* new URLSearchParams(body).values();
  }
}

function* sensitiveLeaves(value: unknown, key = ''): Generator<string> {
  if (typeof value === 'string' && key !== 'tag' && key !== 'name') yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) yield* sensitiveLeaves(child, name);
}
