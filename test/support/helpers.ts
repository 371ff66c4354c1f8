/** A stub of `fetch` that returns prepared results and records the requests, and a client that uses it. */
import { type ClientOptions, createSecretsClient, type FetchInit, type SecretsClient } from 'cortex-secrets';

export const KEY = 'key-0123456789abcdef';
export const VALUE = 'hunter2 "correct" battery';

/** The arguments of one call of `fetch`. */
export interface SentRequest extends FetchInit {
  url: string;
}

/** The result of one call of the stub: a response, an error that it rejects with, or a function that returns either. */
export type FetchResult = Response | Error | ((request: SentRequest) => Response | Promise<Response>);

/** A JSON response. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

export const secret = (n: number | string) => ({ id: `se-${n}`, tag: `tag-${n}`, name: `Name ${n}` });

/** The error that Node's fetch rejects with if the connection fails. */
export const networkError = (code = 'ECONNRESET', syscall = 'read'): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`${syscall} ${code}`), { code, syscall }) });

/** Never responds, and rejects when its signal is aborted, as fetch does. */
export const neverResponds = (request: SentRequest): Promise<Response> =>
  new Promise((_, reject) => request.signal?.addEventListener('abort', () => reject(request.signal?.reason)));

/** A `fetch` that returns `results` in order, and then the last one for every further request. */
export function stubFetch(...results: FetchResult[]): {
  fetch: NonNullable<ClientOptions['fetch']>;
  sent: SentRequest[];
} {
  const sent: SentRequest[] = [];
  return {
    sent,
    async fetch(url, init) {
      const request = { url, ...init };
      sent.push(request);
      const result = results[Math.min(sent.length, results.length) - 1];
      if (result === undefined) throw new Error('stubFetch: no result was given');
      if (result instanceof Error) throw result;
      return typeof result === 'function' ? result(request) : result.clone();
    },
  };
}

/** A client whose `fetch` is such a stub. */
export function testClient(
  results: FetchResult[],
  options: ClientOptions = {},
): SecretsClient & { sent: SentRequest[] } {
  const { fetch, sent } = stubFetch(...results);
  return { ...createSecretsClient({ apiKey: KEY, baseUrl: 'https://cortex.test', fetch, ...options }), sent };
}

/** The error that `promise` rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await promise;
  } catch (error) {
    return error as Record<string, unknown> & Error;
  }
  throw new Error('the promise was fulfilled; expected a rejection');
}
