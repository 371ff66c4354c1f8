/** The in-memory Cortex as a standard `fetch`: no port, nothing global patched. */
import { onAbort, sleep, untilAborted } from '../util/abort.js';
import { type Asked, MAX_BODY_BYTES } from './requests.js';
import type { Outcome, Server } from './server.js';

/** The standard `fetch`. */
export type FakeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Errors as Node's fetch throws them: the platform's words say nothing, the cause tells. */
const failed = (code: string, syscall: string, message = `${syscall} ${code}`) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code, syscall }) });

/** Answers for `baseUrl`, and fails for every other host as if it were unknown. */
export function asFetch(handle: Server, baseUrl: string): FakeFetch {
  return async (input, init = {}) => {
    const request = typeof input === 'object' && 'url' in input ? input : undefined;
    const url = request ? request.url : String(input);
    const signal = init.signal ?? request?.signal;
    signal?.throwIfAborted();
    if (!url.startsWith(`${baseUrl}/`))
      throw failed('ENOTFOUND', 'getaddrinfo', `the in-memory Cortex is at ${baseUrl} alone`);
    const headers = new Headers(init.headers ?? request?.headers);
    const method = init.method ?? request?.method ?? 'GET';
    const asked: Asked = {
      method: /^(get|head|post|put|delete|options)$/i.test(method) ? method.toUpperCase() : method,
      target: url.slice(baseUrl.length),
      header: (name) => headers.get(name),
      body: await untilAborted(bodyOf(init.body ?? undefined, request, headers), signal ?? undefined),
      signal: signal ?? undefined,
    };
    asked.signal?.throwIfAborted(); // meanwhile: nothing is asked
    const outcome = await untilAborted(handle(asked), asked.signal);
    if (outcome.kind === 'answer') return response(outcome, asked, init.redirect ?? request?.redirect);
    if (outcome.kind === 'refused') throw failed('ECONNREFUSED', 'connect');
    if (outcome.kind === 'reset') throw failed('ECONNRESET', 'read');
    return untilAborted(new Promise<never>(() => {}), asked.signal); // it hangs
  };
}

const encoder = new TextEncoder();

/** The body as a text; undefined for one that is too large. */
async function bodyOf(body: BodyInit | undefined, request: Request | undefined, headers: Headers) {
  let text: string;
  if (typeof body === 'string') text = body;
  else if (body === undefined) text = request ? await request.clone().text() : '';
  else {
    const read = new Response(body);
    const type = read.headers.get('content-type');
    if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
    text = await read.text();
  }
  // A character has three bytes at the most.
  const fits = text.length * 3 <= MAX_BODY_BYTES || encoder.encode(text).byteLength <= MAX_BODY_BYTES;
  return fits ? text : undefined;
}

function response(
  { reply, cut, slowBodyMs }: Extract<Outcome, { kind: 'answer' }>,
  { method, signal }: Asked,
  redirect: RequestRedirect = 'follow',
): Response {
  const { status, headers, body } = reply;
  if (status >= 300 && status < 400 && redirect !== 'manual')
    throw failed('ENOTFOUND', 'getaddrinfo', 'the in-memory Cortex follows no redirect: ask with redirect: "manual"');
  if (body === '' && !cut && slowBodyMs === undefined) return new Response(null, { status, headers });
  if (method === 'HEAD') return new Response(null, { status, headers });
  if (!cut && slowBodyMs === undefined) return new Response(body, { status, headers });
  const bytes = encoder.encode(body);
  const half = bytes.byteLength >> 1;
  const left = new AbortController();
  const forget = signal && onAbort(signal, () => left.abort(signal.reason));
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes.subarray(0, half));
      try {
        if (cut) throw new TypeError('terminated', { cause: failed('ECONNRESET', 'read').cause });
        if (slowBodyMs === Number.POSITIVE_INFINITY) await untilAborted(new Promise<never>(() => {}), left.signal);
        await sleep(slowBodyMs ?? 0, left.signal);
        controller.enqueue(bytes.subarray(half));
        controller.close();
      } catch (error) {
        controller.error(error);
      } finally {
        forget?.();
      }
    },
    cancel: () => left.abort(), // its timer must not keep a program alive
  });
  return new Response(stream, { status, headers });
}
