/** An in-memory Cortex on a port whose responses a test replaces, as a server with a fault. */
import { listen } from '../../src/mock/http-server.js';
import { createFake } from '../../src/testing/fake-cortex.js';
import { createFetch } from '../../src/testing/fetch.js';
import type { RequestHandler } from '../../src/testing/handle-request.js';
import type { FakeCortexOptions } from '../../src/testing/options.js';
import type { FakeHttpRequest } from '../../src/testing/parse-request.js';
import type { FakeHttpResponse } from '../../src/testing/responses.js';

/** Replaces the response to a request; `respond` returns the correct one, also of another request. */
export type Tamper = (
  request: FakeHttpRequest,
  respond: (other?: FakeHttpRequest) => Promise<FakeHttpResponse>,
) => Promise<FakeHttpResponse>;

const correct: Tamper = (_, respond) => respond();

/** Without a tamper the server is correct. */
function createTampered(options: FakeCortexOptions) {
  const fake = createFake(options);
  let tamper = correct;
  const handleRequest: RequestHandler = async (request) => {
    const respond = async (other = request) => {
      const result = await fake.handleRequest(other);
      if (result.kind !== 'response') throw new Error('No response');
      return result.response;
    };
    return { kind: 'response', response: await tamper(request, respond) };
  };
  return {
    cortex: fake.cortex,
    snapshot: () => fake.control.snapshot(),
    handleRequest,
    tamperWith(next: Tamper = correct) {
      tamper = next;
    },
  };
}

/** As a `fetch` function. */
export function tamperedFetch(tamper: Tamper, options: FakeCortexOptions = {}) {
  const { tamperWith, handleRequest, cortex, snapshot } = createTampered(options);
  tamperWith(tamper);
  return { ...cortex.clientOptions, fetch: createFetch(handleRequest, cortex.baseUrl), cortex, snapshot };
}

/** On a port. */
export async function startTampered(options: FakeCortexOptions = {}) {
  const { handleRequest, ...tampered } = createTampered(options);
  return { ...(await listen(handleRequest, { port: 0, host: '127.0.0.1' })), ...tampered };
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
