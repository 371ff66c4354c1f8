/** The control port of the mock: injects faults and reports requests, for test suites in any language. */
import type { FakeCortex } from '../testing/fake-cortex.js';
import type { RequestHandler } from '../testing/handle-request.js';
import type { FakeHttpRequest } from '../testing/parse-request.js';
import { emptyResponse, type FakeHttpResponse, jsonResponse } from '../testing/responses.js';
import { assertKnownKeys } from '../util/validate.js';

const ROUTES = 'POST /fail, POST /reset, GET /requests, GET /values/TAG';
const messageResponse = (status: number, message: string): FakeHttpResponse =>
  jsonResponse(status, JSON.stringify({ message }));
const DONE = emptyResponse(204);

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/**
 * Takes no API key, so only programs on this machine may use it. A web page in a browser of this machine may not (it sends
 * an `Origin`, or the `Host` of a rebound DNS name), unless `cors` allows web pages.
 */
export function createControlHandler(cortex: FakeCortex, cors = false): RequestHandler {
  const route = ({ method, target, header, body }: FakeHttpRequest): FakeHttpResponse => {
    if (!LOOPBACK.test(header('host') ?? '') || (!cors && header('origin')))
      return messageResponse(403, 'Only programs on this machine may use the control port, and web pages with --cors');
    const [path = ''] = target.split('?');
    const endpoint = `${method} ${path}`;
    if (endpoint === 'POST /fail') return planFault(cortex, body);
    if (endpoint === 'POST /reset') {
      cortex.reset();
      return DONE;
    }
    if (endpoint === 'GET /requests') return jsonResponse(200, JSON.stringify(cortex.requests));
    const tag = /^GET \/values\/(.+)$/.exec(endpoint)?.[1];
    return (tag && storedValue(cortex, tag)) || messageResponse(404, `Unknown path; expected one of ${ROUTES}`);
  };
  return async (request) => ({ kind: 'response', response: route(request) });
}

/** Calls `fail` with the arguments in a JSON object. `when` is a function, so JSON can't have it. */
function planFault(cortex: FakeCortex, body: string | undefined): FakeHttpResponse {
  try {
    const given = JSON.parse(body ?? '');
    assertKnownKeys('fail', given, ['operation', 'fault', 'times']);
    const { operation, fault, times } = given;
    cortex.fail(operation, fault, { times });
    return DONE;
  } catch (error) {
    // The message of a SyntaxError quotes the body.
    const isValidation = error instanceof TypeError || error instanceof RangeError;
    const { message } = error as Error;
    if (isValidation && message.startsWith('fail: ')) return messageResponse(400, message);
    return messageResponse(
      400,
      'fail: the body is not JSON; expected { "operation": "create", "fault": "reset after processing", "times": 1 }',
    );
  }
}

/** Returns undefined if the tag has invalid percent-encoding. */
function storedValue(cortex: FakeCortex, encodedTag: string): FakeHttpResponse | undefined {
  let tag: string;
  try {
    tag = decodeURIComponent(encodedTag);
  } catch {
    return undefined;
  }
  const value = cortex.storedValue(tag);
  return value === undefined
    ? messageResponse(404, 'No secret has this tag')
    : jsonResponse(200, JSON.stringify({ value }));
}
