/** Sends one attempt with `fetch` and reads its response: the end of the pipeline. */
import { redact } from '../redaction/redact.js';
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
  let takesSignal = true;
  /** A fetch that has returned a response to a request with a signal can take one. */
  let hasTakenSignal = false;

  return async (request, call) => {
    const setNotProcessed = startAttempt(request, call);
    try {
      const send = fetch ?? (globalThis.fetch as Fetch);
      let response: FetchResponse;
      if (hasTakenSignal || !takesSignal || !call.signal) {
        response = await send(request.url, fetchInit(request, takesSignal ? call.signal : undefined));
      } else {
        // Only what fails in the task of its call has surely sent nothing.
        let isSameTask = true;
        const timer = setTimeout(() => {
          isSameTask = false;
        });
        try {
          response = await send(request.url, fetchInit(request, call.signal));
          hasTakenSignal = true;
        } catch (error) {
          // A fetch that hands its init to another window, as that of a Cortex plugin does, can't take a signal. It is then
          // called without one; the time limits don't depend on it.
          if (call.signal.aborted || hasTakenSignal || !isDataCloneError(error)) throw error;
          takesSignal = false;
          // A later one may be about the response: the request may have been processed.
          if (!isSameTask) throw error;
          response = await send(request.url, fetchInit(request, undefined));
        } finally {
          clearTimeout(timer);
        }
      }
      if (call.signal?.aborted) discard(response);
      call.signal?.throwIfAborted();
      if (!Number.isInteger(response?.status)) throw new TypeError('fetch returned no response with a status');
      const { status, headers } = response;
      const { text, truncated } = await readBody(response, request.maxResponseBytes, call.signal);
      const buffered = { request, status, headers, text, truncated, retryAfterMs: retryAfterMs(headers) };
      call.signal?.throwIfAborted();
      if (!isAmbiguous(status, request.method)) setNotProcessed();
      return buffered;
    } catch (cause) {
      // Too late: the call went on without this attempt, which must not change its progress any more.
      if (call.signal?.aborted) throw cause;
      const failure = networkFailure(cause, call);
      if (failure.kind !== 'interrupted') setNotProcessed();
      throw failure;
    }
  };
}

const isDataCloneError = (error: unknown) => (error as Error | undefined)?.name === 'DataCloneError';

/** Cancels the body of a response that came too late, from a custom fetch that ignores its signal. */
function discard(response: FetchResponse): void {
  Promise.resolve(response?.body?.cancel?.()).catch(() => {});
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
