/** Applies a fault to a request: decides whether the request is processed, and what is sent in response. */
import type { Fault, StatusFault } from './faults.js';
import {
  CHALLENGE,
  emptyResponse,
  errorResponse,
  type FakeHttpResponse,
  htmlResponse,
  jsonResponse,
} from './responses.js';

/** A response, complete or damaged. */
export interface ResponseResult {
  readonly kind: 'response';
  readonly response: FakeHttpResponse;
  /** Whether the connection breaks within the body. */
  readonly truncated?: boolean;
  /** Milliseconds between the two halves of the body. */
  readonly slowBodyMs?: number;
  /** Milliseconds before the response. */
  readonly delayMs?: number;
}

/** What happens to a request: a response, or none. */
export type ServerResult = ResponseResult | { readonly kind: 'connection-refused' | 'reset' | 'hang' };

const respond = (response: FakeHttpResponse): ResponseResult => ({ kind: 'response', response });

/** Of another shape, and still Cortex's: a secret keeps its tag. */
function withoutId({ status, body }: FakeHttpResponse): FakeHttpResponse {
  const { tag } = body === '' ? {} : JSON.parse(body);
  return jsonResponse(status, JSON.stringify({ unexpected: true, tag }));
}

export function applyFault(
  fault: Fault | undefined,
  processRequest: () => FakeHttpResponse,
  createRequestId: () => string,
): ServerResult {
  switch (fault) {
    case undefined:
    case 'shifting pages': // part of processing
      return respond(processRequest());
    case 'connection refused':
      return { kind: 'connection-refused' };
    case 'reset before processing':
      return { kind: 'reset' };
    case 'reset after processing':
      processRequest();
      return { kind: 'reset' };
    case 'hang before processing':
      return { kind: 'hang' };
    case 'hang after processing':
      processRequest();
      return { kind: 'hang' };
    case 'truncated body':
      return { kind: 'response', response: processRequest(), truncated: true };
    case 'not JSON':
      return respond(htmlResponse(processRequest().status, 'Not the JSON of Cortex'));
    case 'wrong shape':
      return respond(withoutId(processRequest()));
    case 'ingress 404':
      return respond(htmlResponse(404, '404 Not Found'));
    case 'log-in page':
      return respond(htmlResponse(200, 'Log in'));
  }
  if ('slowBodyMs' in fault) return { kind: 'response', response: processRequest(), slowBodyMs: fault.slowBodyMs };
  if ('delayMs' in fault) return { kind: 'response', response: processRequest(), delayMs: fault.delayMs };
  if ('redirectTo' in fault) return respond(emptyResponse(fault.status ?? 307, { location: fault.redirectTo }));
  if (fault.processed) processRequest();
  return respond(statusResponse(fault, createRequestId));
}

function statusResponse(fault: StatusFault, createRequestId: () => string): FakeHttpResponse {
  const { status, message, type, retryAfter = status === 429 ? 0 : undefined } = fault;
  const headers = {
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(status === 401 && CHALLENGE),
  };
  return errorResponse(status, message ?? `Injected ${status}`, createRequestId(), { headers, type });
}
