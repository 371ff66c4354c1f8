/**
 * A stand-in for the fetch of a Cortex plugin, written from its description: it posts its arguments to another window.
 * `node scripts/package/plugin.js` has the real one.
 */
import type { Fetch, FetchInit } from 'cortex-secrets';

export interface HostReply {
  /** Undefined if the host's own response has none. */
  body?: string | undefined;
  headers: Record<string, string>;
  ok: boolean;
  status: number;
  statusText?: string;
}

/** What the host does with a message: it replies, or it rejects with data. */
export type Host = (message: { type: 'fetch'; input: string; init: FetchInit }) => Promise<HostReply>;

/** What plugin-core makes of the host's reply: `text()` works, `body` is a stream of one `undefined`. */
class ShimResponse {
  readonly cortexResponse: HostReply;
  readonly headers: Headers;
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: undefined;
  readonly bodyUsed = false;
  readonly body = new ReadableStream({
    start(controller) {
      controller.enqueue(undefined);
      controller.close();
    },
  });

  constructor(reply: HostReply) {
    this.cortexResponse = reply;
    this.headers = new Headers(reply.headers);
    this.ok = reply.ok;
    this.status = reply.status;
  }

  // Without a body its promise is fulfilled with undefined, whatever its type says.
  async text(): Promise<string> {
    return this.cortexResponse.body as string;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode(this.cortexResponse.body).buffer;
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.cortexResponse.body as string);
  }

  blob(): Promise<never> {
    return Promise.reject('blob() unimplemented');
  }

  formData(): Promise<never> {
    return Promise.reject('formData() unimplemented');
  }

  clone(): ShimResponse {
    return new ShimResponse({ ...this.cortexResponse });
  }
}

/** `posted` counts the calls, those that fail to be cloned included. */
export function pluginFetch(host: Host): { fetch: Fetch; posted: FetchInit[] } {
  const posted: FetchInit[] = [];
  return {
    posted,
    async fetch(input, init) {
      posted.push(init);
      // The postMessage of a browser. Node's clone of an AbortSignal is an empty object.
      if (init.signal)
        throw new DOMException(
          "Failed to execute 'postMessage' on 'Window': AbortSignal object could not be cloned.",
          'DataCloneError',
        );
      const answer = host(structuredClone({ type: 'fetch', input, init }));
      // Both come as messages too: as copies, without what can't be cloned.
      const reply = await answer.catch((reason) => Promise.reject(structuredClone(reason)));
      return new ShimResponse(structuredClone(reply));
    },
  };
}

/** The `window.fetch` of plugin-core's PluginProvider: addresses that don't begin with http stay with the browser's own. */
export function replacedFetch(proxyFetch: Fetch): typeof globalThis.fetch {
  const rawFetch = globalThis.fetch;
  const fetch = async (input: string, init: FetchInit) =>
    typeof input === 'string' && !input.startsWith('http')
      ? rawFetch(input, init as RequestInit)
      : proxyFetch(input, init);
  return fetch as unknown as typeof globalThis.fetch;
}
