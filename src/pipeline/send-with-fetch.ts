/** The seam: what passes between the rooms of a call, and the network at its end with what is known of its failures. */
import { ConnectionError } from '../errors.js';
import type { Limits } from '../options.js';
import { redact, SensitiveValues } from '../util/redact.js';
import { retryAfterMs } from './retry-after.js';

/** What one attempt hands to `fetch`. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  redirect: 'manual';
  body?: string;
  signal?: AbortSignal;
}

/** What is used of a `fetch` answer. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null; forEach(each: (value: string, name: string) => void): void };
  // biome-ignore lint/suspicious/noExplicitAny: the streams of DOM, Node and undici have types that don't fit each other
  readonly body: any;
}

/** The part of the standard `fetch` that the client uses; `globalThis.fetch` and undici's are of this type. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** What openapi-fetch builds in place of a Request, so that one real Request is made per attempt: by `fetch`. */
export interface Draft {
  readonly url: string;
  readonly init: FetchInit;
}

/** One call of a user, from its first attempt to its last. */
export interface Call {
  readonly operation: string;
  readonly limits: Limits;
  /** The values, and the keys, that no error may show. */
  readonly silent: Set<string>;
  /** The path of the request that is sent, as the contract writes it, without the user's values. */
  path: string;
  /** Whether all that the call sends may be done twice, whatever its method. */
  repeatable: boolean;
  /** Ends the call: the caller's, or that of its deadline. */
  signal: AbortSignal | undefined;
  /** When the whole call is over, on the clock of performance.now(). */
  deadlineAt: number;
  /** How many requests were sent. */
  attempts: number;
  /** When the last one was sent, on the clock of performance.now(). */
  sentAt: number;
  /** Whether the server may have acted on an attempt whose answer is not known. */
  doubt: boolean;
  /** What the network itself failed with. Other errors are the user's own, and not repeated. */
  failure?: { error: ConnectionError; kind: FailureKind };
}

/** `unmade`: no connection, nothing sent. `lasting`: the same each time, nothing sent. `broken`: the server may have acted. */
export type FailureKind = 'unmade' | 'lasting' | 'broken';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: FetchResponse['headers'];
  readonly text: string;
  /** Whether the text ends before the body did. */
  readonly cut: boolean;
  readonly retryAfterMs: number | undefined;
}

/** The seam: every decorator takes a Send and gives a Send. */
export type Send = (draft: Draft, call: Call) => Promise<Answer>;

/** An answer that is larger than this is cut off. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** So much of an error's answer is read; the rest costs more than a new connection. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Methods that change nothing, so that it doesn't matter whether the server acted. */
export const changesNothing = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

export const isOk = (status: number): boolean => status >= 200 && status < 300;

/** Whether an answer with this status leaves open what the server did. */
export const leavesDoubt = (status: number): boolean => status === 408 || status >= 500;

/** Sends one attempt and reads its answer. Looks `fetch` up at each call unless one is given, so that interceptors work. */
export function network(given: Fetch | undefined): Send {
  return async (draft, call) => {
    const { doubt } = call;
    call.attempts++;
    call.sentAt = performance.now();
    call.doubt ||= !changesNothing(draft.init.method); // while it's under way
    try {
      const response = await (given ?? (globalThis.fetch as Fetch))(draft.url, draft.init);
      const { status, headers } = response;
      const answer = { status, headers, ...(await read(response)), retryAfterMs: retryAfterMs(headers) };
      draft.init.signal?.throwIfAborted();
      if (!leavesDoubt(status)) call.doubt = doubt;
      return answer;
    } catch (cause) {
      // Too late: the call went on without this attempt, and its state is no longer this attempt's to change.
      if (draft.init.signal?.aborted) throw cause;
      const { kind, code, words } = failureOf(cause);
      if (kind !== 'broken') call.doubt = doubt;
      const told = redact(words, new SensitiveValues(...call.silent));
      const message = kind === 'broken' ? `the connection failed: ${told}` : `no connection: ${told}`;
      const outcome = kind === 'broken' ? 'unknown' : outcomeUnsent(call);
      const safeCode = code && redact(code, new SensitiveValues(...call.silent)) === code ? code : undefined;
      // The cause itself is not kept: it is the platform's, or a custom fetch's, and may hold the request.
      const error = new ConnectionError(message, call, outcome, false, safeCode);
      call.failure = { error, kind };
      throw error;
    }
  };
}

/** The outcome of a call whose last attempt did not reach the server: an earlier one may have. */
export const outcomeUnsent = (call: Call): 'not-sent' | 'unknown' => (call.doubt ? 'unknown' : 'not-sent');

/** Reads the body inside the attempt, so that its limits hold for it too. */
async function read(response: FetchResponse): Promise<{ text: string; cut: boolean }> {
  const { status, body } = response;
  if (!body) return { text: '', cut: false };
  const limit = isOk(status) ? MAX_ANSWER_BYTES : MAX_ERROR_BYTES;
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  try {
    for (let next = await reader.read(); !next.done && !cut; next = await reader.read()) {
      chunks.push(next.value);
      size += next.value.byteLength;
      cut = size > limit;
      // Not awaited: a cancel that hangs must not hold the call.
      if (cut) reader.cancel().catch(() => {});
    }
  } catch (cause) {
    // The status of an error says enough; a value without its end says nothing.
    if (isOk(status)) throw cause;
    cut = true;
  }
  return { text: decoder.decode(joined(chunks, Math.min(size, limit))), cut };
}

const decoder = new TextDecoder();

/** The first `size` bytes of `chunks`. Decoded at once: a decoder that is fed in parts is much slower. */
function joined(chunks: Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (first && first.byteLength >= size) return first.subarray(0, size);
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk.subarray(0, size - at), at);
    at += chunk.byteLength;
  }
  return all;
}

/** Codes of a connection that was never made, where no `syscall` says more: undici's, Node's, then Bun's. */
const UNMADE = 'UND_ERR_CONNECT_TIMEOUT ECONNREFUSED ENOTFOUND EAI_AGAIN ConnectionRefused FailedToOpenSocket'.split(
  ' ',
);
/** OpenSSL's codes of a certificate that is refused, as Node gives them. */
const CERTIFICATE = /CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/;

interface Cause {
  message?: unknown;
  code?: unknown;
  syscall?: unknown;
  cause?: unknown;
  errors?: unknown[];
}

/** What an error that `fetch` threw means. `fetch failed` says nothing; its causes do. */
function failureOf(thrown: unknown): { kind: FailureKind; code?: string; words: string } {
  let cause = thrown as Cause;
  // A few steps are enough, and a chain may be a circle.
  for (let step = 0; step < 5 && !cause?.code && typeof cause?.cause === 'object' && cause.cause; step++)
    cause = cause.cause;
  const words = String(cause?.message || (thrown as Cause)?.message || 'no reason given');
  // fetch refuses some ports without a code (Fetch standard, "bad port").
  if (typeof cause?.code !== 'string') return { kind: words === 'bad port' ? 'lasting' : 'broken', words };
  const { code } = cause;
  // Where several addresses were tried, each of them tells how it failed.
  const { syscall } = (cause.errors?.[0] as Cause | undefined) ?? cause;
  const unmade = syscall ? syscall === 'connect' || syscall === 'getaddrinfo' : UNMADE.includes(code);
  return { kind: unmade ? 'unmade' : CERTIFICATE.test(code) ? 'lasting' : 'broken', code, words };
}
