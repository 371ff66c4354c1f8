/** Sends one attempt with `fetch` and reads its response: the end of the pipeline. */
import { redact } from '../redaction/redact.js';
import { readMember, readObject, readText, runDetached } from '../util/foreign.js';
import { adaptSignal } from './adapt-signal.js';
import { isAmbiguous, startAttempt } from './call.js';
import { classifyFailure } from './network-failure.js';
import { readBody } from './read-body.js';
import { retryAfterMs } from './retry-after.js';
import {
  type Call,
  type Fetch,
  type FetchInit,
  type FetchResponse,
  type HttpRequest,
  NetworkFailure,
  type SendRequest,
} from './types.js';

/** Looks up `globalThis.fetch` for each attempt unless one is given, so that interceptors work. */
export function sendWithFetch(fetch: Fetch | undefined): SendRequest {
  const send = adaptSignal(fetch ?? ((url, init) => (globalThis.fetch as Fetch)(url, init)));

  return async (request, call) => {
    const settle = startAttempt(request, call);
    try {
      const response = await send(request.url, fetchInit(request, call.signal));
      if (call.signal?.aborted) discard(response);
      call.signal?.throwIfAborted();
      const status = readMember(() => response.status, isInteger);
      if (status === undefined) throw new TypeError('fetch returned no response with a status');
      const headers = readableHeaders(response);
      const { text, truncated } = await readBody(response, request.maxResponseBytes, call.signal);
      const buffered = { request, status, headers, text, truncated, retryAfterMs: retryAfterMs(headers) };
      call.signal?.throwIfAborted();
      if (!isAmbiguous(status, request.method)) settle('rejected');
      return buffered;
    } catch (cause) {
      // Too late: the call went on without this attempt, which must not change its progress any more.
      if (call.signal?.aborted) throw cause;
      const failure = networkFailure(cause, call);
      if (failure.kind !== 'interrupted') settle('not-sent');
      throw failure;
    }
  };
}

/** The headers of a response, of which a custom fetch may make anything. */
function readableHeaders(response: FetchResponse): FetchResponse['headers'] {
  const headers = readObject(() => response.headers, 'get');
  return {
    get: (name) => readText(() => headers?.get(name)) ?? null,
    forEach(each) {
      // What can't be read is left out.
      readText(() => headers?.forEach(each));
    },
  };
}

const isInteger = (value: unknown): value is number => Number.isInteger(value);

/** Cancels the body of a response that came too late, from a custom fetch that ignores its signal. */
function discard(response: FetchResponse): void {
  runDetached(() => response?.body?.cancel?.());
}

/** Redirects are not followed: they would send the key or the value to another place. */
function fetchInit({ method, headers, body }: HttpRequest, signal: AbortSignal | undefined): FetchInit {
  const init: FetchInit = { method, headers, redirect: 'manual' };
  if (body !== undefined) init.body = body;
  if (signal) init.signal = signal;
  return init;
}

/** The cause itself is not kept: it is the platform's, or a custom fetch's, and may hold the request. */
function networkFailure(cause: unknown, { sensitiveValues }: Call): NetworkFailure {
  const { kind, code, reason } = classifyFailure(cause);
  const message = kind === 'interrupted' ? 'connection failed' : 'no connection';
  const isSafeCode = code !== undefined && redact(code, sensitiveValues) === code;
  return new NetworkFailure(kind, message, isSafeCode ? { code, reason } : { reason });
}
