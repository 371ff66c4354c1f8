/** The second port: what is to go wrong with the mock, and what it has seen; for programs in any language. */

import type { FakeCortex } from '../testing/fake.js';
import { empty, json, type Reply } from '../testing/replies.js';
import type { Asked } from '../testing/requests.js';
import type { Server } from '../testing/server.js';
import { assertKnownKeys } from '../util/validate.js';

const THERE_IS = 'POST /fail, POST /reset, GET /requests and GET /values/TAG';
const said = (status: number, message: string): Reply => json(status, JSON.stringify({ message }));
const DONE = empty(204);

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/**
 * It asks for no key, so it is for programs of this machine: not for a web page that a browser has open (it sends an
 * `Origin`, or a `Host` that is no loopback's), unless `cors` lets pages in.
 */
export function control(cortex: FakeCortex, cors = false): Server {
  const reply = ({ method, target, header, body }: Asked): Reply => {
    if (!LOOPBACK.test(header('host') ?? '') || (!cors && header('origin')))
      return said(403, 'Only programs of this machine may ask this, and web pages with --cors');
    const [path = ''] = target.split('?');
    const asked = `${method} ${path}`;
    if (asked === 'POST /fail') return fail(cortex, body);
    if (asked === 'POST /reset') {
      cortex.reset();
      return DONE;
    }
    if (asked === 'GET /requests') return json(200, JSON.stringify(cortex.requests));
    const tag = /^GET \/values\/(.+)$/.exec(asked)?.[1];
    return (tag && value(cortex, tag)) || said(404, `There is ${THERE_IS}`);
  };
  return async (asked) => ({ kind: 'answer', reply: reply(asked) });
}

/** Plans a fault: the arguments of `fail` by their names, except for `while`. */
function fail(cortex: FakeCortex, body: string | undefined): Reply {
  try {
    const given = JSON.parse(body ?? '');
    assertKnownKeys('fail', given, ['operation', 'fault', 'times']);
    const { operation, fault, times } = given;
    cortex.fail(operation, fault, times === undefined ? {} : { times });
    return DONE;
  } catch (error) {
    const isTold = error instanceof TypeError || error instanceof RangeError;
    const { message } = error as Error;
    if (isTold && message.startsWith('fail: ')) return said(400, message);
    return said(400, 'fail: give JSON, { "operation": "create", "fault": "reset after processing", "times": 1 }');
  }
}

/** The value under a tag; undefined for what is no tag. */
function value(cortex: FakeCortex, encoded: string): Reply | undefined {
  try {
    const kept = cortex.valueOf(decodeURIComponent(encoded));
    return kept === undefined
      ? said(404, 'There is no secret with this tag')
      : json(200, JSON.stringify({ value: kept }));
  } catch {
    return undefined; // not percent-encoded as it should be
  }
}
