/** A response of the in-memory Cortex, as `fetch` gives it. */
import { onAbort, sleep, untilAborted } from '../util/abort.js';
import type { ResponseResult } from './apply-fault.js';
import type { FakeHttpRequest } from './parse-request.js';

/** An error as Node's fetch throws it: the message is generic, the cause has the code. */
export const fetchFailed = (code: string, syscall: string, message = `${syscall} ${code}`): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code, syscall }) });

/** https://fetch.spec.whatwg.org/#redirect-status */
const REDIRECTS = [301, 302, 303, 307, 308];

export function toResponse(
  result: ResponseResult,
  { method, signal }: FakeHttpRequest,
  redirect: RequestRedirect = 'follow',
): Response {
  const { status, headers, body } = result.response;
  if (REDIRECTS.includes(status) && redirect !== 'manual')
    throw fetchFailed('ENOTFOUND', 'getaddrinfo', 'the in-memory Cortex follows no redirect; use redirect: "manual"');
  const isWhole = !result.truncated && result.slowBodyMs === undefined;
  const text = method === 'HEAD' ? '' : body;
  if (typeof Response === 'undefined') return plainResponse(status, headers, text, () => secondHalf(result, signal));
  if (text === '' && isWhole) return new Response(null, { status, headers });
  return new Response(isWhole ? text : inHalves(text, result, signal), { status, headers });
}

/** Resolves when the second half of the body may follow, and rejects if the connection breaks before. */
async function secondHalf(
  { truncated, slowBodyMs = 0 }: ResponseResult,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (truncated) throw new TypeError('terminated', { cause: fetchFailed('ECONNRESET', 'read').cause });
  if (slowBodyMs === Number.POSITIVE_INFINITY) await untilAborted(new Promise<never>(() => {}), signal);
  await sleep(slowBodyMs, signal);
}

function inHalves(text: string, result: ResponseResult, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const half = bytes.byteLength >> 1;
  const cancelled = new AbortController();
  const stopListening = signal && onAbort(signal, (reason) => cancelled.abort(reason));
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(bytes.subarray(0, half));
      try {
        await secondHalf(result, cancelled.signal);
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
}

/** What programs use of a response, for test environments without `Response`, such as jsdom in Jest. */
function plainResponse(status: number, headers: HeadersInit, body: string, received: () => Promise<void>): Response {
  const text = async () => {
    await received();
    return body;
  };
  const json = async () => JSON.parse(await text());
  const ok = status >= 200 && status < 300;
  return { status, statusText: '', ok, headers: new Headers(headers), body: null, text, json } as unknown as Response;
}
