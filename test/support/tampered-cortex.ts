/** An in-memory Cortex on a port whose responses a test replaces, as a server with a fault. */
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';
import type { FakeHttpRequest } from '../../src/testing/parse-request.js';
import type { FakeHttpResponse } from '../../src/testing/responses.js';

/** Replaces the response to a request; `respond` returns the correct one, also of another request. */
export type Tamper = (
  request: FakeHttpRequest,
  respond: (other?: FakeHttpRequest) => Promise<FakeHttpResponse>,
) => Promise<FakeHttpResponse>;

export async function startTampered(options: FakeCortexOptions = {}) {
  const { cortex, handleRequest } = createFake(options);
  const correct: Tamper = (_, respond) => respond();
  let tamper = correct;
  const server = await listen(
    async (request) => {
      const respond = async (other = request) => {
        const result = await handleRequest(other);
        if (result.kind !== 'response') throw new Error('No response');
        return result.response;
      };
      return { kind: 'response', response: await tamper(request, respond) } as const;
    },
    { port: 0, host: '127.0.0.1' },
  );
  return {
    ...server,
    cortex,
    /** Without a tamper the server is correct again. */
    tamperWith(next: Tamper = correct) {
      tamper = next;
    },
  };
}

/** Edits the JSON of the responses with this method and status. */
export const edited =
  (method: string, status: number, edit: (body: Record<string, unknown>, request: FakeHttpRequest) => object): Tamper =>
  async (request, respond) => {
    const response = await respond();
    if (request.method !== method || response.status !== status) return response;
    return { ...response, body: JSON.stringify(edit(JSON.parse(response.body), request)) };
  };

/** Responds without processing the request. */
export const unprocessed =
  (method: string, response: FakeHttpResponse): Tamper =>
  (request, respond) =>
    request.method === method ? Promise.resolve(response) : respond();

export const isList = ({ secrets }: Record<string, unknown>): boolean => secrets !== undefined;
