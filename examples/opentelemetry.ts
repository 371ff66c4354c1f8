// A span for each attempt, from `onAttempt`. It holds no value and no key: the event has none.
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { AttemptEvent } from 'cortex-secrets';

const tracer = trace.getTracer('cortex-secrets');

/**
 * Give it as `onAttempt`. The span is a child of the one that is active where the method was called. Its names are those of
 * OpenTelemetry's semantic conventions for HTTP clients, as far as the event knows what they ask for. Where you instrument
 * `fetch` too, take one of the two: each request would have two spans.
 */
export function traceAttempt(event: AttemptEvent): void {
  const { operation, method, path, attempt, status, durationMs, retryInMs, requestId } = event;
  const endTime = Date.now();
  const failed = status === undefined || status >= 400;
  const span = tracer.startSpan(`${method} ${path}`, {
    kind: SpanKind.CLIENT,
    startTime: endTime - durationMs,
    attributes: {
      'http.request.method': method,
      'url.template': path,
      'cortex.operation': operation,
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(failed && { 'error.type': status === undefined ? 'no answer' : String(status) }),
      'cortex.attempt': attempt,
      ...(retryInMs !== undefined && { 'cortex.retry_in_ms': retryInMs }),
      ...(requestId && { 'cortex.request_id': requestId }),
    },
  });
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}
