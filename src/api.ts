/** `secrets.api`: the openapi-fetch client with its raw responses, on the same pipeline as the methods. */
import { type Client, type HeadersOptions, mergeHeaders } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import { apiError } from './api-error.js';
import type { SecretsApi } from './api-types.js';
import { toErrorBody } from './error-body.js';
import type { CallOptions } from './options.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call, HttpRequest, SendRequest } from './pipeline/types.js';
import { MAX_RESPONSE_BYTES, maxListBytes, parseJson } from './response.js';
import type { Calls } from './start-call.js';
import { reasonOf } from './util/abort.js';

/** Options of openapi-fetch that would bypass the pipeline. */
const RESERVED = ['baseUrl', 'fetch', 'pathSerializer', 'redirect', 'Request'];
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** A Response with one of these statuses can't have a body (Fetch standard, "null body status"). */
const NULL_BODY_STATUS = new Set([204, 205, 304]);

export function apiClient(http: Client<paths>, calls: Calls, send: SendRequest, baseUrl: string): SecretsApi {
  const request = async (method: string, path: string, given: Record<string, unknown> = {}) => {
    const { options, init } = splitInit(given);
    const call = calls.start(`secrets.api.${method}`, options, { tagOrId: init.params.path.tagOrId });
    const fetch = async (built: Request) => {
      const response = await send(await toHttpRequest(built, path, baseUrl, call), call);
      return toResponse(checked(response, call, init.parseAs));
    };
    try {
      const result = await http.request(method.toLowerCase() as never, path as never, { ...init, fetch } as never);
      return withErrorBody(result);
    } catch (error) {
      // openapi-fetch fails in another way if `fetch` rejects with nothing, as it does after abort(null).
      if (call.signal?.aborted && !reasonOf(call.signal)) throw call.signal.reason;
      throw error;
    }
  };

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

/**
 * The options of the call, and the init of openapi-fetch.
 *
 * @throws TypeError
 */
function splitInit({ signal, timeoutMs, deadlineMs, retry, ...init }: Record<string, unknown>) {
  const reserved = RESERVED.find((name) => name in init);
  if (reserved) throw new TypeError(`secrets.api: ${reserved} can't be set for one request; see createSecretsClient`);
  const params = init.params as { path?: { tagOrId?: unknown }; header?: HeadersOptions } | undefined;
  try {
    if (init.headers || params?.header) mergeHeaders(init.headers as HeadersOptions, params?.header);
  } catch {
    // The platform quotes it, and it may be a key or a value in the wrong place.
    throw new TypeError('secrets.api: a header has a name or a value that no header may have');
  }
  return {
    // The types of fetch have null for no signal.
    options: { signal: signal ?? undefined, timeoutMs, deadlineMs, retry } as CallOptions,
    // Without `path` openapi-fetch would not call the path serializer, which checks the path.
    init: { ...init, parseAs: init.parseAs ?? 'json', params: { ...params, path: params?.path ?? {} } },
  };
}

/** The request that openapi-fetch has built, perhaps changed by middleware. */
async function toHttpRequest(built: Request, path: string, baseUrl: string, call: Call): Promise<HttpRequest> {
  const { url, method } = built;
  if (!url.startsWith(`${baseUrl}/`)) throw new TypeError('secrets.api: a request must stay below baseUrl');
  const body = await built.text(); // `built.body` is missing in some browsers
  for (const text of sensitiveTexts(body)) call.sensitiveValues.add(text);
  const headers = Object.fromEntries(built.headers);
  return { url, path, method, headers, body: body || undefined, maxResponseBytes: maxResponseBytes(url, path) };
}

/** The response, if openapi-fetch can read it. */
function checked(response: BufferedResponse, call: Call, parseAs: unknown): BufferedResponse {
  const { status, text, truncated } = response;
  // A Response can't have a status outside 200-599, and redirects are never followed.
  if (status < 200 || status > 599 || (status >= 300 && status < 400)) throw apiError(response, call);
  // openapi-fetch would throw a SyntaxError that quotes the body.
  if (isOk(status) && (truncated || (parseAs === 'json' && text !== ''))) parseJson(response, call);
  return response;
}

/** openapi-fetch gives the text of a body that is not JSON, and nothing that `if (error)` would find if there is none. */
function withErrorBody(result: { error?: unknown; response: Response }) {
  const { error, response } = result;
  return response.ok ? result : { error: toErrorBody(response.status, error), response };
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
