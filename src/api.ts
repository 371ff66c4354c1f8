/** `secrets.api`: the openapi-fetch client, with its raw answers, through the same rooms as the methods. */
import type { Client } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import { type Call, type FetchInit, isOk, type Send } from './pipeline/send-with-fetch.js';
import { apiError, parsed } from './response.js';
import type { Transport } from './secrets.js';

/** What would go round the rooms: these are the client's to decide. */
const RESERVED = ['baseUrl', 'fetch', 'pathSerializer', 'redirect', 'Request'];
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** Statuses whose answers have no body: a Response with one can't be made. */
const BODILESS = new Set([204, 205, 304]);

export function apiClient(http: Client<paths>, begin: Transport['begin'], send: Send, baseUrl: string): Client<paths> {
  const request = async (method: string, path: string, given: Record<string, unknown> = {}) => {
    const { signal, timeoutMs, deadlineMs, retry, ...init } = given;
    const reserved = RESERVED.find((name) => name in init);
    if (reserved) throw new TypeError(`secrets.api: ${reserved} can't be set for one request; see createSecretsClient`);
    const options = Object.entries({ signal, timeoutMs, deadlineMs, retry }).filter(([, value]) => value !== undefined);
    const call = begin(`secrets.api.${method}`, Object.fromEntries(options));
    call.path = path;
    const params = init.params as { path?: object } | undefined;
    return http.request(
      method.toLowerCase() as never,
      path as never,
      {
        ...init,
        // Without `path` openapi-fetch would not ask the path's guard.
        params: { ...params, path: params?.path ?? {} },
        fetch: (made: Request) => respond(made, call, init.parseAs ?? 'json'),
      } as never,
    );
  };

  async function respond(made: Request, call: Call, parseAs: unknown): Promise<Response> {
    if (!made.url.startsWith(`${baseUrl}/`)) throw new TypeError('secrets.api: a request must stay below baseUrl');
    const body = await made.text(); // `made.body` is missing in some browsers
    call.silent.add(secretIn(body));
    const headers = Object.fromEntries(made.headers);
    const init: FetchInit = { method: made.method, headers, redirect: 'manual', ...(body && { body }) };
    const answer = await send({ url: made.url, init }, call);
    const { status, text } = answer;
    if (status < 200 || (status >= 300 && status < 400)) throw apiError(answer, call);
    // openapi-fetch would throw a SyntaxError that quotes the body.
    if (isOk(status) && (answer.cut || (parseAs === 'json' && text !== ''))) parsed(answer, call);
    const kept = new Headers();
    answer.headers.forEach((value, name) => {
      // The text is decoded, so these no longer speak of it.
      if (name !== 'content-encoding' && name !== 'content-length') kept.append(name, value);
    });
    return new Response(BODILESS.has(status) ? null : text, { status, headers: kept });
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

/** The value of a secret in a request's body, wherever it came from. */
function secretIn(body: string): string {
  try {
    const { secret } = JSON.parse(body);
    return typeof secret === 'string' ? secret : '';
  } catch {
    return ''; // not JSON: nothing that the contract calls a secret
  }
}
