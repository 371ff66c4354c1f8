/** Sends one attempt with `fetch` and reads its response: the end of the pipeline. */
import { redact } from '../redaction/redact.js';
import { throwIfAborted } from '../util/abort.js';
import { readMember, readObject, readText, runDetached } from '../util/foreign.js';
import { adaptSignal } from './adapt-signal.js';
import { isAmbiguous, startAttempt } from './call.js';
import { classifyFailure, type Failure } from './network-failure.js';
import { NOT_A_BODY, readBody } from './read-body.js';
import { retryAfterMs } from './retry-after.js';
import {
  type Call,
  type FailureKind,
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
    const { signal } = call;
    const settle = startAttempt(request, call);
    const init = fetchInit(request, signal);
    const isUnread = fetch ? watchReads(init) : () => false;
    const sent = await send(request.url, init);
    // Too late: the call went on without this attempt, which must not change its progress any more.
    if (signal?.aborted) {
      if ('response' in sent) discard(sent.response);
      throw 'error' in sent ? sent.error : signal.reason;
    }
    if ('error' in sent) {
      const nothingSent = isUnread() || (sent.isEarly && (!fetch || isAboutInit(sent.error)));
      const isTls = request.url.startsWith('https:');
      const found = classifyFailure(sent.error, { nothingSent, isTls });
      const failure = networkFailure(sent.isAdapted ? { ...found, kind: 'interrupted' } : found, call);
      if (failure.kind !== 'interrupted' && failure.kind !== 'unrecognized') settle('not-sent');
      throw failure;
    }
    const { response } = sent;
    const status = readMember(() => response.status, isInteger);
    if (status === undefined) throw new NetworkFailure('unrecognized', 'fetch returned no response with a status', {});
    const headers = readableHeaders(response);
    try {
      const { text, truncated } = await readBody(response, request.maxResponseBytes, signal);
      throwIfAborted(signal);
      if (!isAmbiguous(status, request.method)) settle('rejected');
      return { request, status, headers, text, truncated, retryAfterMs: retryAfterMs(headers) };
    } catch (error) {
      if (signal?.aborted || error === NOT_A_BODY) throw error;
      // Whatever it says: the connection was made, and the response did not arrive.
      throw networkFailure({ ...classifyFailure(error), kind: 'interrupted' }, call);
    }
  };
}

/**
 * Whether nobody has read the method or the body of `init`. A fetch that has not can have sent nothing that changes anything:
 * it ended by an error of its own.
 */
function watchReads(init: FetchInit): () => boolean {
  let isUnread = true;
  for (const name of ['method', 'body'] as const) {
    let value = init[name];
    if (value === undefined) continue;
    Object.defineProperty(init, name, {
      get() {
        isUnread = false;
        return value;
      },
      set(given) {
        isUnread = false;
        value = given;
      },
    });
  }
  return () => isUnread;
}

/** Whether a platform's fetch has refused the init. Each runtime names the type, or its member. */
// Stryker disable next-line StringLiteral: no other text without these words differs from an empty one
const isAboutInit = (error: unknown) => /AbortSignal|RequestInit/.test(readText(() => (error as Error).message) ?? '');

/** The headers of a response, of which a custom fetch may make anything. */
function readableHeaders(response: FetchResponse): FetchResponse['headers'] {
  const headers = readObject(() => response.headers, 'get');
  return {
    // Stryker disable next-line OptionalChaining: readText takes an error for nothing too
    get: (name) => readText(() => headers?.get(name)) ?? null,
    forEach(each) {
      // What can't be read is left out.
      // Stryker disable next-line OptionalChaining: readText takes an error for nothing too
      readText(() => headers?.forEach(each));
    },
  };
}

const isInteger = (value: unknown): value is number => Number.isInteger(value);

/** Cancels the body of a response that came too late, from a custom fetch that ignores its signal. */
function discard(response: FetchResponse): void {
  // Stryker disable next-line OptionalChaining: runDetached drops an error
  runDetached(() => response?.body?.cancel?.());
}

/** Frameworks that patch `fetch` keep responses. Where `Request` has no `cache`, some runtimes throw if it is given. */
const takesCache = () => typeof Request === 'function' && 'cache' in Request.prototype;

/** Redirects are not followed: they would send the key or the value to another place. */
function fetchInit({ method, headers, body }: HttpRequest, signal: AbortSignal | undefined): FetchInit {
  const init: FetchInit = { method, headers, redirect: 'manual' };
  if (takesCache()) init.cache = 'no-store';
  if (body !== undefined) init.body = body;
  if (signal) init.signal = signal;
  return init;
}

const MESSAGES: Readonly<Record<FailureKind, string>> = {
  interrupted: 'connection failed',
  'not-connected': 'no connection',
  permanent: 'no connection',
  refused: 'fetch refused the request, nothing was sent',
  unrecognized: 'fetch failed, and the network is not known to be the cause',
};

/** The cause itself is not kept: it is the platform's, or a custom fetch's, and may hold the request. */
function networkFailure({ kind, code, reason, timedOut }: Failure, { sensitiveValues }: Call): NetworkFailure {
  const message = timedOut ? 'timed out by a limit of fetch itself' : MESSAGES[kind];
  const isSafeCode = code !== undefined && redact(code, sensitiveValues) === code;
  return new NetworkFailure(kind, message, { reason, ...(timedOut && { timedOut }), ...(isSafeCode && { code }) });
}
