/** The control port of the mock: faults, requests and stored values, for test suites in any language. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '../base-url.js';
import type { createFake } from '../testing/fake-cortex.js';
import type { RequestHandler } from '../testing/handle-request.js';
import type { FakeHttpRequest } from '../testing/parse-request.js';
import { RequestProblem } from '../testing/request-problem.js';
import { emptyResponse, type FakeHttpResponse, jsonResponse } from '../testing/responses.js';
import { assertKnownKeys } from '../util/validate.js';

type Fake = Pick<ReturnType<typeof createFake>, 'cortex' | 'control'>;

export interface ControlOptions {
  /** Whether web pages of any origin may use the port. */
  cors?: boolean;
  /** What requests must send as `Authorization: Bearer TOKEN`. Without it only programs on this machine may use the port. */
  token?: string | undefined;
}

/** A snapshot may hold a whole workspace. */
export const MAX_CONTROL_BODY_BYTES = 64_000_000;

interface Route {
  readonly method: string;
  /** As `--help` shows it; capitals stand for a path segment. */
  readonly path: string;
  /** `segment` is that path segment, decoded. */
  run(fake: Fake, body: string, segment: string): FakeHttpResponse;
}

const message = (status: number, text: string, headers?: Record<string, string>): FakeHttpResponse =>
  jsonResponse(status, JSON.stringify({ message: text }), headers);
const json = (value: unknown) => jsonResponse(200, JSON.stringify(value));
const DONE = emptyResponse(204);

const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/fail', run: ({ control }, body) => planFault(control, body) },
  { method: 'GET', path: '/faults', run: ({ control }) => json(control.plannedFaults.map(faultToJson)) },
  {
    method: 'DELETE',
    path: '/faults',
    run({ control }) {
      control.clearFaults();
      return DONE;
    },
  },
  {
    method: 'DELETE',
    path: '/faults/ID',
    run: ({ control }, _, id) =>
      /^\d+$/.test(id) && control.removeFault(Number(id)) ? DONE : message(404, 'No fault has this id'),
  },
  { method: 'GET', path: '/requests', run: ({ cortex }) => json(cortex.requests) },
  {
    method: 'GET',
    path: '/values/TAG',
    run({ cortex }, _, tag) {
      const value = cortex.storedValue(tag);
      return value === undefined ? message(404, 'No secret has this tag') : json({ value });
    },
  },
  { method: 'GET', path: '/state', run: ({ control }) => json(control.snapshot()) },
  { method: 'PUT', path: '/state', run: ({ control }, body) => restoreState(control, body) },
  {
    method: 'POST',
    path: '/reset',
    run({ cortex }) {
      cortex.reset();
      return DONE;
    },
  },
];

/** The routes, for `--help` and messages. */
export const ROUTE_NAMES: readonly string[] = ROUTES.map(({ method, path }) => `${method} ${path}`);

/** The path of a route that a target has, for the log. */
export function controlTemplate(target: string): string {
  const [path = ''] = target.split('?');
  return ROUTES.find((route) => segmentOf(route, path) !== undefined)?.path ?? '(unknown path)';
}

/** The decoded segment of `path` that the route has in capitals, empty if it has none; undefined if the path is another. */
function segmentOf(route: Route, path: string): string | undefined {
  const fixed = route.path.replace(/[A-Z]+$/, '');
  if (fixed === route.path) return path === fixed ? '' : undefined;
  if (!path.startsWith(fixed) || path.length === fixed.length) return undefined;
  try {
    return decodeURIComponent(path.slice(fixed.length));
  } catch {
    return undefined;
  }
}

const isLocal = (host: string) => isLoopback(host.replace(/:\d+$/, ''));

/**
 * Without a token any program on this machine may use the port. A web page in a browser of this machine may not (it sends
 * an `Origin`, or the `Host` of a rebound DNS name), unless `cors` allows web pages. A token makes the `Host` irrelevant.
 */
export function createControlHandler(fake: Fake, { cors = false, token }: ControlOptions = {}): RequestHandler {
  const isAuthorized = token === undefined ? () => true : tokenCheck(token);
  const route = ({ method, target, header, body }: FakeHttpRequest): FakeHttpResponse => {
    if ((token === undefined && !isLocal(header('host') ?? '')) || (!cors && header('origin')))
      return message(403, 'Only programs on this machine may use the control port, and web pages with --cors');
    if (!isAuthorized(header('authorization')))
      return message(401, 'Send the header Authorization: Bearer <token of --control-token>', {
        'www-authenticate': 'Bearer',
      });
    if (body instanceof RequestProblem) return message(body.status, body.message);
    const [path = ''] = target.split('?');
    for (const candidate of ROUTES) {
      const segment = candidate.method === method ? segmentOf(candidate, path) : undefined;
      if (segment !== undefined) return candidate.run(fake, body, segment);
    }
    return message(404, `Unknown path; expected one of ${ROUTE_NAMES.join(', ')}`);
  };
  return async (request) => ({ kind: 'response', response: route(request) });
}

/** Compares digests: their length is constant, and so is the time. */
function tokenCheck(token: string): (authorization: string | null | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (authorization) => {
    const [, given = ''] = /^bearer +(.*)$/i.exec(authorization ?? '') ?? [];
    return timingSafeEqual(digest(given), expected);
  };
}

/** How JSON, which has no Infinity, says that a fault applies until it is taken back. */
const ALL = 'all';

const faultToJson = ({ id, operation, fault, timesLeft }: Fake['control']['plannedFaults'][number]) => ({
  id,
  operation,
  fault,
  times: timesLeft === Number.POSITIVE_INFINITY ? ALL : timesLeft,
});

/** Calls `fail` with the arguments in a JSON object. `when` is a function, so JSON can't have it. */
function planFault(control: Fake['control'], body: string): FakeHttpResponse {
  return withJson('fail', body, FAIL_EXAMPLE, (given) => {
    assertKnownKeys('fail', given, ['operation', 'fault', 'times']);
    const { operation, fault, times } = given as Record<'operation' | 'fault' | 'times', never>;
    if (fault === 'connection refused')
      throw new TypeError(
        "fail: 'connection refused' is for the in-process fake only, since a request arrives on a connection that was made; use 'reset before processing', or a port on which nothing listens",
      );
    const id = inTermsOfJson(() =>
      control.fail(operation, fault, { times: times === ALL ? Number.POSITIVE_INFINITY : times }),
    );
    return jsonResponse(201, JSON.stringify({ id }), { location: `/faults/${id}` });
  });
}

/** The messages of `fail` name what only code can give: JSON has no Infinity, and a port can't refuse a connection. */
function inTermsOfJson<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    const { message: text } = error as Error;
    (error as Error).message = text
      .replace("'connection refused', ", '')
      .replace(/(times must .*), or Infinity$/, `$1, or "${ALL}"`)
      .replace(/, or Infinity$/, '');
    throw error;
  }
}

const FAIL_EXAMPLE = '{ "operation": "create", "fault": "reset after processing", "times": 1 }';

function restoreState(control: Fake['control'], body: string): FakeHttpResponse {
  return withJson('state', body, '[{ "tag", "name", "secret" }]', (given) => {
    control.restore(given);
    return DONE;
  });
}

/** Responds with 400 to malformed JSON, and to what `use` rejects with a message that begins with `what`. */
function withJson(
  what: string,
  body: string,
  example: string,
  use: (given: unknown) => FakeHttpResponse,
): FakeHttpResponse {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    // Without the cause: the message of a SyntaxError quotes the body.
    return message(400, `${what}: the body is not JSON; expected ${example}`);
  }
  try {
    return use(given);
  } catch (error) {
    const { message: text } = error as Error;
    if ((error instanceof TypeError || error instanceof RangeError) && text.startsWith(what)) return message(400, text);
    throw error;
  }
}
