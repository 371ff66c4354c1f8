/** A network for tests: answers in order, and remembers what was sent. */
import { type ClientOptions, createSecretsClient, type FetchInit, type SecretsClient } from 'cortex-secrets';

export const KEY = 'key-0123456789abcdef';
export const VALUE = 'hunter2 "correct" battery';

export interface Sent extends FetchInit {
  url: string;
}

type Reply = Response | Error | ((sent: Sent) => Response | Promise<Response>);

/** JSON with a status, as the server sends it. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

export const secret = (n: number | string) => ({ id: `se-${n}`, tag: `tag-${n}`, name: `Name ${n}` });

/** An error of a connection that broke, as Node's fetch throws it. */
export const broken = (code = 'ECONNRESET', syscall = 'read'): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`${syscall} ${code}`), { code, syscall }) });

/** Never answers, and ends when its signal is aborted, as fetch does. */
export const silence = (sent: Sent): Promise<Response> =>
  new Promise((_, reject) => sent.signal?.addEventListener('abort', () => reject(sent.signal?.reason)));

/** Answers with `replies` in order; the last one again and again. */
export function network(...replies: Reply[]): { fetch: NonNullable<ClientOptions['fetch']>; sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    async fetch(url, init) {
      const request = { url, ...init };
      sent.push(request);
      const reply = replies[Math.min(sent.length, replies.length) - 1];
      if (reply === undefined) throw new Error('This network has no reply');
      if (reply instanceof Error) throw reply;
      return typeof reply === 'function' ? reply(request) : reply.clone();
    },
  };
}

/** A client over such a network. */
export function clientOver(replies: Reply[], options: ClientOptions = {}): SecretsClient & { sent: Sent[] } {
  const { fetch, sent } = network(...replies);
  return { ...createSecretsClient({ apiKey: KEY, baseUrl: 'https://cortex.test', fetch, ...options }), sent };
}

/** What `work` rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await work;
  } catch (thrown) {
    return thrown as Record<string, unknown> & Error;
  }
  throw new Error('It did not fail');
}
