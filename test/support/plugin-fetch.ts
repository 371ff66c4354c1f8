/** A stand-in for the fetch of a Cortex plugin, written from its description: it posts its arguments to another window. */
import type { Fetch, FetchInit } from 'cortex-secrets';

export interface HostReply {
  body: string;
  headers: Record<string, string>;
  ok: boolean;
  status: number;
}

export type Host = (message: { type: 'fetch'; input: string; init: FetchInit }) => Promise<HostReply>;

/** What plugin-core makes of the host's reply: `text()` works, `body` is a stream of one `undefined`. */
class ShimResponse {
  readonly cortexResponse: HostReply;
  readonly headers: Headers;
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: undefined;
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

  async text(): Promise<string> {
    return this.cortexResponse.body;
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
      if (init.signal) throw new DOMException('AbortSignal object could not be cloned.', 'DataCloneError');
      return new ShimResponse(await host(structuredClone({ type: 'fetch', input, init })));
    },
  };
}
