/** `secrets.api`: the openapi-fetch client with its raw responses, on the same pipeline as the methods. */
import type { Client } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import { apiError } from './api-error.js';
import type { CallOptions } from './options.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call, SendRequest } from './pipeline/types.js';
import { parseJson } from './response.js';
import type { StartCall } from './start-call.js';

/** Options of openapi-fetch that would bypass the pipeline. */
const RESERVED = ['baseUrl', 'fetch', 'pathSerializer', 'redirect', 'Request'];
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** A Response with one of these statuses can't have a body (Fetch standard, "null body status"). */
const NULL_BODY_STATUS = new Set([204, 205, 304]);

export function apiClient(
  http: Client<paths>,
  startCall: StartCall,
  send: SendRequest,
  baseUrl: string,
): Client<paths> {
  const request = async (method: string, path: string, given: Record<string, unknown> = {}) => {
    const { signal, timeoutMs, deadlineMs, retry, ...init } = given;
    const reserved = RESERVED.find((name) => name in init);
    if (reserved) throw new TypeError(`secrets.api: ${reserved} can't be set for one request; see createSecretsClient`);
    const call = startCall(`secrets.api.${method}`, { signal, timeoutMs, deadlineMs, retry } as CallOptions);
    const params = init.params as { path?: object } | undefined;
    return http.request(
      method.toLowerCase() as never,
      path as never,
      {
        ...init,
        // Without `path` openapi-fetch would not call the path serializer, which checks the path.
        params: { ...params, path: params?.path ?? {} },
        fetch: (built: Request) => sendRequest(built, path, call, init.parseAs ?? 'json'),
      } as never,
    );
  };

  async function sendRequest(built: Request, path: string, call: Call, parseAs: unknown): Promise<Response> {
    const { url, method } = built;
    if (!url.startsWith(`${baseUrl}/`)) throw new TypeError('secrets.api: a request must stay below baseUrl');
    const body = await built.text(); // `built.body` is missing in some browsers
    call.sensitiveValues.add(secretIn(body));
    const headers = Object.fromEntries(built.headers);
    const response = await send({ url, path, method, headers, ...(body && { body }) }, call);
    const { status, text } = response;
    if (status < 200 || (status >= 300 && status < 400)) throw apiError(response, call);
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

/** The value of a secret in a request's body, wherever it came from. */
function secretIn(body: string): string | undefined {
  try {
    const { secret } = JSON.parse(body);
    return typeof secret === 'string' ? secret : undefined;
  } catch {
    return undefined; // not JSON: nothing that the contract calls a secret
  }
}
