// Creates a span for each attempt, with `onAttempt`. The span contains no value and no key, since the event has none.
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { AttemptEvent } from 'cortex-secrets';

const tracer = trace.getTracer('cortex-secrets');

/**
 * Pass it as `onAttempt`. The span is a child of the span that is active when the method is called. Attribute names
 * follow OpenTelemetry's semantic conventions for HTTP clients, as far as the event has the data. If you also instrument
 * `fetch`, use only one of the two, otherwise each request has two spans.
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
      ...(failed && { 'error.type': status === undefined ? 'no response' : String(status) }),
      'cortex.attempt': attempt,
      ...(retryInMs !== undefined && { 'cortex.retry_in_ms': retryInMs }),
      ...(requestId && { 'cortex.request_id': requestId }),
    },
  });
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}
