/** The in-memory Cortex as a standard `fetch`: opens no port, patches no globals. */
import { throwIfAborted, untilAborted } from '../util/abort.js';
import { checkText, decodeBody } from './body.js';
import type { RequestHandler } from './handle-request.js';
import type { FakeHttpRequest } from './parse-request.js';
import { fetchFailed, toResponse } from './to-response.js';

/** The standard `fetch`. */
export type FakeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Serves `baseUrl`; requests to any other host fail like those to an unknown one. */
export function createFetch(handleRequest: RequestHandler, baseUrl: string): FakeFetch {
  return async (input, init = {}) => {
    const given = typeof input === 'object' && 'url' in input ? input : undefined;
    const url = given ? given.url : String(input);
    const signal = init.signal ?? given?.signal ?? undefined;
    throwIfAborted(signal);
    if (!url.startsWith(`${baseUrl}/`))
      throw fetchFailed('ENOTFOUND', 'getaddrinfo', `the in-memory Cortex serves ${baseUrl} only`);
    const headers = new Headers(init.headers ?? given?.headers);
    const method = init.method ?? given?.method ?? 'GET';
    const request: FakeHttpRequest = {
      method: /^(get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method,
      target: url.slice(baseUrl.length),
      header: (name) => headers.get(name),
      body: await untilAborted(readBody(init.body ?? undefined, given, headers), signal),
      signal,
    };
    throwIfAborted(signal); // while the body was read: the request is not sent
    const result = await untilAborted(handleRequest(request), signal);
    switch (result.kind) {
      case 'response':
        return toResponse(result, request, init.redirect ?? given?.redirect);
      case 'connection-refused':
        throw fetchFailed('ECONNREFUSED', 'connect');
      case 'reset':
        throw fetchFailed('ECONNRESET', 'read');
      case 'hang':
        return untilAborted(new Promise<never>(() => {}), signal);
    }
  };
}

/** The text of the body, or the problem with it. */
async function readBody(body: BodyInit | undefined, request: Request | undefined, headers: Headers) {
  if (typeof body === 'string') return checkText(body);
  if (body === undefined) return request ? decodeBody(new Uint8Array(await request.clone().arrayBuffer())) : '';
  const reader = new Response(body);
  const type = reader.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return decodeBody(new Uint8Array(await reader.arrayBuffer()));
}
