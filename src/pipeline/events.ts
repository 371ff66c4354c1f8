/** Reports each attempt to the user's `onAttempt`: for logs and telemetry. */
import { redact } from '../util/redact.js';
import { type BufferedResponse, type Call, type HttpRequest, NetworkFailure } from './types.js';

/** How an attempt ended. Holds no value of a secret and no key. */
export interface AttemptEvent {
  /** The method that was called, such as `secrets.create`. */
  readonly operation: string;
  /** The HTTP method. */
  readonly method: string;
  /** The path as the contract writes it, such as `/api/v1/secrets/{tagOrId}`. */
  readonly path: string;
  /** The number of this attempt within the call, counted from 1. */
  readonly attempt: number;
  /** The HTTP status; none if no complete response was received. */
  readonly status?: number;
  /** The duration of the attempt, until its body was read, in milliseconds. */
  readonly durationMs: number;
  /** The delay before the next attempt, in milliseconds; none if this was the last. */
  readonly retryInMs?: number;
  /** The id by which the vendor's support finds the request, if the response has one. */
  readonly requestId?: string;
}

/** An attempt ends with a response or without one. */
export type AttemptResult = BufferedResponse | NetworkFailure;

/** Reports the attempt that has just ended; `retryInMs` is the delay before the next one, if there will be one. */
export type ReportAttempt = (
  request: HttpRequest,
  call: Call,
  result: AttemptResult | undefined,
  retryInMs: number | undefined,
) => void;

/** The request id of a response's headers. */
export function requestIdOf(response: BufferedResponse, call: Call): string | undefined {
  const id = response.headers.get('x-request-id');
  return id ? redact(id, call.sensitiveValues) : undefined;
}

export function attemptReporter(onAttempt: ((event: AttemptEvent) => void) | undefined): ReportAttempt {
  if (!onAttempt) return () => {};
  return (request, call, result, retryInMs) => {
    const response = result instanceof NetworkFailure ? undefined : result;
    const requestId = response && requestIdOf(response, call);
    const event: AttemptEvent = {
      operation: call.operation,
      method: request.method,
      path: request.path,
      attempt: call.progress.attempts,
      durationMs: performance.now() - call.progress.attemptStartedAt,
      ...(response && { status: response.status }),
      ...(retryInMs !== undefined && { retryInMs }),
      ...(requestId && { requestId }),
    };
    try {
      const result: unknown = onAttempt(event);
      // A hook may be async against its type; its rejection must not end the program.
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // A failing hook must not fail the call: a secret that was created stays created.
    }
  };
}
