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

/** The bodies of JSON responses. */
const bodies = new WeakMap<Response, unknown>();

/** A JSON response. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = JSON.stringify(body);
  const response = new Response(text, { status, headers: { 'content-type': 'application/json', ...headers } });
  bodies.set(response, body);
  response.clone = () => json(status, body, headers);
  return response;
}

/** A secret; the stub gives it the tag that was asked for. */
export const secret = (n: number | string) => ({ id: `se-${n}`, tag: `tag-${n}`, name: `Name ${n}` });

function withAskedTag(response: Response, { url, body }: SentRequest): Response {
  const given = bodies.get(response) as { tag?: unknown } | undefined;
  if (!/^tag-/.test(String(given?.tag))) return response;
  const [, tagOrId] = /\/secrets\/([^/?]+)/.exec(url) ?? [];
  const tag = tagOrId ? decodeURIComponent(tagOrId) : JSON.parse(body ?? '{}').tag;
  return tag === undefined ? response : json(response.status, { ...given, tag }, Object.fromEntries(response.headers));
}

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
      if (typeof result !== 'function') return withAskedTag(result, request).clone();
      const response = await result(request);
      return withAskedTag(response, request);
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
