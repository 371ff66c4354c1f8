/** Handles a request: parses it, records it, injects its fault, and runs its operation. No network is involved. */
import { sleep } from '../util/abort.js';
import { applyFault, type ServerResult } from './apply-fault.js';
import type { FaultPlan } from './fault-plan.js';
import type { FakeRequest } from './faults.js';
import type { FakeState, RunOperation } from './operations.js';
import { type FakeHttpRequest, type ParsedRequest, parseRequest } from './parse-request.js';
import { RequestProblem } from './request-problem.js';
import { emptyResponse, errorResponse, type FakeHttpResponse } from './responses.js';

export type RequestHandler = (request: FakeHttpRequest) => Promise<ServerResult>;

export interface RequestHandlerSettings {
  readonly currentState: () => FakeState;
  readonly runOperation: RunOperation;
  readonly plan: FaultPlan;
  /** Called with each request as it arrives; the record gets its status and its fault later. */
  readonly onRequest: (record: FakeRequest) => void;
  readonly createRequestId: () => string;
  readonly latencyMs: number;
  readonly allowEmptyValues: boolean;
}

type MutableRecord = { -readonly [name in keyof FakeRequest]: FakeRequest[name] };

export function createRequestHandler(settings: RequestHandlerSettings): RequestHandler {
  const { currentState, runOperation, plan, onRequest, createRequestId, latencyMs, allowEmptyValues } = settings;
  return async (request) => {
    // Read before any wait: after a reset() in between, this request must not change the new state.
    const state = currentState();
    const parsed = parseRequest(request, allowEmptyValues);
    const record = recordOf(parsed, request);
    onRequest(record);
    const fault = parsed instanceof RequestProblem ? undefined : plan.take(record);
    if (fault !== undefined) record.fault = fault;
    if (latencyMs > 0) await sleep(latencyMs, request.signal);
    if (parsed instanceof RequestProblem) {
      const response = problemResponse(parsed, request.method, createRequestId);
      record.status = response.status;
      return { kind: 'response', response };
    }
    const shift = fault === 'shifting pages' ? (record.page ?? 0) : 0;
    const result = applyFault(fault, () => runOperation(state, parsed, request, shift), createRequestId);
    if (result.kind === 'response' && result.delayMs !== undefined) {
      if (result.delayMs === Number.POSITIVE_INFINITY) return { kind: 'hang' };
      await sleep(result.delayMs, request.signal);
    }
    if (result.kind === 'response') record.status = result.response.status;
    return result;
  };
}

/** The response to an unknown path or method; OPTIONS to a known path gets its methods. */
function problemResponse(
  { status, message, headers }: RequestProblem,
  method: string,
  createRequestId: () => string,
): FakeHttpResponse {
  return method === 'OPTIONS' && status === 405
    ? emptyResponse(204, headers)
    : errorResponse(status, message, createRequestId(), { headers });
}

/** The record of a request, without the API key and the value. */
function recordOf(parsed: ParsedRequest | RequestProblem, { method, target }: FakeHttpRequest): MutableRecord {
  if (parsed instanceof RequestProblem) return { operation: undefined, method, path: target.replace(/[?#].*/, '') };
  const record: MutableRecord = { operation: parsed.operation, method, path: parsed.path };
  if ('tagOrId' in parsed && parsed.tagOrId !== undefined) record.tagOrId = parsed.tagOrId;
  if (!('input' in parsed)) return record;
  if (parsed.operation === 'list') {
    record.page = parsed.input.page;
    record.pageSize = parsed.input.pageSize;
    return record;
  }
  if (parsed.operation === 'create') record.tag = parsed.input.tag;
  if (parsed.input.name !== undefined) record.name = parsed.input.name;
  return record;
}
