/** The in-memory Cortex without a network: a request comes in, and what becomes of it goes out. */
import { sleep } from '../util/abort.js';
import type { Cortex, State } from './cortex.js';
import type { FakeRequest, Fault, FaultPlan } from './faults.js';
import { empty, json, problem, type Reply } from './replies.js';
import { type Asked, type Read, readRequest, Wrong } from './requests.js';

/** What becomes of a request. */
export type Outcome =
  | { readonly kind: 'refused' | 'reset' | 'hang' }
  | { readonly kind: 'answer'; readonly reply: Reply; readonly cut?: boolean; readonly slowBodyMs?: number };

export type Server = (asked: Asked) => Promise<Outcome>;

type Recorded = { -readonly [name in keyof FakeRequest]: FakeRequest[name] };

/** Tells `remember` what it was asked, and lets the faults of `plan` happen. */
export function server(
  cortex: Cortex,
  current: () => State,
  plan: FaultPlan,
  remember: (request: FakeRequest) => void,
  requestId: () => string,
  latencyMs: number,
): Server {
  return async (asked) => {
    // Now, and not after a wait: a reset meanwhile must not let this request act on what comes after it.
    const state = current();
    const read = readRequest(asked);
    const request = told(read, asked);
    remember(request);
    const fault = read instanceof Wrong ? undefined : plan.take(request as FakeRequest);
    if (fault !== undefined) request.fault = fault;
    if (latencyMs > 0) await sleep(latencyMs, asked.signal);
    if (read instanceof Wrong) {
      request.status = read.allow !== undefined && asked.method === 'OPTIONS' ? 204 : read.status;
      return { kind: 'answer', reply: outside(read, request.status, requestId) };
    }

    if (fault === 'connection refused') return { kind: 'refused' };
    if (fault === 'reset before processing') return { kind: 'reset' };
    if (fault === 'hang before processing') return { kind: 'hang' };
    let reply = insteadOf(fault, requestId);
    if (!reply || processesFirst(fault)) {
      const real = cortex(state, read, asked, fault === 'shifting pages' ? (request.page ?? 0) : 0);
      reply ??= real;
    }
    if (fault === 'reset after processing') return { kind: 'reset' };
    if (fault === 'hang after processing') return { kind: 'hang' };
    const answer = spoilt(reply, fault);
    request.status = answer.reply.status;
    return answer;
  };
}

/** What the contract doesn't know: another path, or another method. */
function outside({ message, allow }: Wrong, status: number, requestId: () => string): Reply {
  if (allow === undefined) return problem(status, message, requestId());
  return status === 204 ? empty(status, { allow }) : problem(status, message, requestId(), { allow });
}

/** What is remembered of a request: nothing secret. */
function told(read: Read | Wrong, { method, target }: Asked): Recorded {
  if (read instanceof Wrong) return { operation: undefined, method, path: target.replace(/[?#].*/, '') };
  const request: Recorded = { operation: read.operation, method, path: read.path };
  if ('tagOrId' in read && read.tagOrId !== undefined) request.tagOrId = read.tagOrId;
  if (!('given' in read)) return request;
  if (read.operation === 'list') {
    request.page = read.given.page;
    request.pageSize = read.given.pageSize;
    return request;
  }
  if (read.operation === 'create') request.tag = read.given.tag;
  if (read.given.name !== undefined) request.name = read.given.name;
  return request;
}

const processesFirst = (fault: Fault | undefined) =>
  typeof fault === 'object' && 'processed' in fault && fault.processed;

/** The answer that a fault gives in place of the real one. */
function insteadOf(fault: Fault | undefined, requestId: () => string): Reply | undefined {
  if (typeof fault !== 'object') return undefined;
  if ('redirectTo' in fault) return empty(307, { location: fault.redirectTo });
  if (!('status' in fault)) return undefined;
  const { status, message, type, retryAfter = status === 429 ? 0 : undefined } = fault;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return problem(status, message ?? `The test asked for this ${status}`, requestId(), headers, type);
}

/** The answer as it goes out. */
function spoilt(reply: Reply, fault: Fault | undefined): Extract<Outcome, { kind: 'answer' }> {
  const { status } = reply;
  if (fault === 'truncated body') return { kind: 'answer', reply, cut: true };
  if (fault === 'wrong shape') return { kind: 'answer', reply: json(status, '{"unexpected":true}') };
  if (fault === 'not JSON') {
    const body = '<html><body><h1>Something is in the way</h1></body></html>';
    return { kind: 'answer', reply: { status, headers: { 'content-type': 'text/html' }, body } };
  }
  if (typeof fault === 'object' && 'slowBodyMs' in fault)
    return { kind: 'answer', reply, slowBodyMs: fault.slowBodyMs };
  return { kind: 'answer', reply };
}
