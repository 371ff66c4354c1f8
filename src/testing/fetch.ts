/** The in-memory Cortex as a standard `fetch`: opens no port, patches no globals. */
import { onAbort, sleep, untilAborted } from '../util/abort.js';
import type { ResponseResult } from './apply-fault.js';
import { checkText, decodeBody } from './body.js';
import type { RequestHandler } from './handle-request.js';
import type { FakeHttpRequest } from './parse-request.js';

/** The standard `fetch`. */
export type FakeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** An error as Node's fetch throws it: the message is generic, the cause has the code. */
const fetchFailed = (code: string, syscall: string, message = `${syscall} ${code}`) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code, syscall }) });

/** Serves `baseUrl`; requests to any other host fail like those to an unknown one. */
export function createFetch(handleRequest: RequestHandler, baseUrl: string): FakeFetch {
  return async (input, init = {}) => {
    const given = typeof input === 'object' && 'url' in input ? input : undefined;
    const url = given ? given.url : String(input);
    const signal = init.signal ?? given?.signal ?? undefined;
    signal?.throwIfAborted();
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
    signal?.throwIfAborted(); // while the body was read: the request is not sent
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

const encoder = new TextEncoder();

/** The text of the body, or the problem with it. */
async function readBody(body: BodyInit | undefined, request: Request | undefined, headers: Headers) {
  if (typeof body === 'string') return checkText(body);
  if (body === undefined) return request ? decodeBody(new Uint8Array(await request.clone().arrayBuffer())) : '';
  const reader = new Response(body);
  const type = reader.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return decodeBody(new Uint8Array(await reader.arrayBuffer()));
}

/** https://fetch.spec.whatwg.org/#redirect-status */
const REDIRECTS = [301, 302, 303, 307, 308];

function toResponse(
  { response, truncated, slowBodyMs }: ResponseResult,
  { method, signal }: FakeHttpRequest,
  redirect: RequestRedirect = 'follow',
): Response {
  const { status, headers, body } = response;
  if (REDIRECTS.includes(status) && redirect !== 'manual')
    throw fetchFailed('ENOTFOUND', 'getaddrinfo', 'the in-memory Cortex follows no redirect; use redirect: "manual"');
  const isWhole = !truncated && slowBodyMs === undefined;
  if (method === 'HEAD' || (body === '' && isWhole)) return new Response(null, { status, headers });
  if (isWhole) return new Response(body, { status, headers });
  const bytes = encoder.encode(body);
  const half = bytes.byteLength >> 1;
  const cancelled = new AbortController();
  const stopListening = signal && onAbort(signal, () => cancelled.abort(signal.reason));
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes.subarray(0, half));
      try {
        if (truncated) throw new TypeError('terminated', { cause: fetchFailed('ECONNRESET', 'read').cause });
        if (slowBodyMs === Number.POSITIVE_INFINITY) await untilAborted(new Promise<never>(() => {}), cancelled.signal);
        await sleep(slowBodyMs ?? 0, cancelled.signal);
        controller.enqueue(bytes.subarray(half));
        controller.close();
      } catch (error) {
        controller.error(error);
      } finally {
        stopListening?.();
      }
    },
    cancel: () => cancelled.abort(), // a pending timer would keep the program alive
  });
  return new Response(stream, { status, headers });
}
