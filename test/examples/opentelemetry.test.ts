import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { traceAttempt } from '../../examples/opentelemetry.js';

const exporter = new InMemorySpanExporter();
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
});
beforeEach(() => exporter.reset());
afterAll(() => {
  trace.disable();
  context.disable();
});

const VALUE = 'canary of a value';
const setUp = () => {
  const cortex = createFakeCortex({ apiKey: 'canary-of-a-key', latencyMs: 20 });
  const retry = { baseDelayMs: 1, maxDelayMs: 5 };
  return { cortex, secrets: createSecretsClient({ ...cortex.clientOptions, retry, onAttempt: traceAttempt }) };
};
const inSpan = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  trace.getTracer('a user').startActiveSpan(name, async (span: Span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
const ms = ([seconds, nanos]: [number, number]) => seconds * 1000 + nanos / 1e6;

test('creates a span for each attempt, with the active span as its parent', async () => {
  const { cortex, secrets } = setUp();
  cortex.fail('update', { status: 503 });
  await inSpan('rotate', () => secrets.set('my-secret', { name: 'My secret', secret: VALUE }));

  const spans = exporter.getFinishedSpans();
  const [first, ...rest] = spans;
  expect(spans.map(({ name }) => name)).toEqual([
    'PUT /api/v1/secrets/{tagOrId}',
    'PUT /api/v1/secrets/{tagOrId}',
    'POST /api/v1/secrets',
    'rotate',
  ]);
  const parent = rest.at(-1);
  for (const { parentSpanContext } of spans.slice(0, 3))
    expect(parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
  expect(first?.attributes).toMatchObject({
    'http.request.method': 'PUT',
    'url.template': '/api/v1/secrets/{tagOrId}',
    'http.response.status_code': 503,
    'error.type': '503',
    'cortex.operation': 'secrets.set',
    'cortex.retry_in_ms': expect.any(Number),
  });
  expect(first?.status.code).toBe(2);
  expect(rest[0]?.attributes).toMatchObject({ 'cortex.attempt': 2, 'http.response.status_code': 404 });
  expect(rest[1]?.status.code).toBe(0);
  for (const { kind } of spans.slice(0, 3)) expect(kind).toBe(SpanKind.CLIENT);
  for (const { startTime, endTime } of spans.slice(0, 3)) expect(ms(endTime) - ms(startTime)).toBeGreaterThan(15);
});

test('calls that wait after a 429 keep their parent spans', async () => {
  const { cortex, secrets } = setUp();
  cortex.fail('create', { status: 429, retryAfter: 1 });
  const tags = ['a', 'b', 'c', 'd'];
  await Promise.all(tags.map((tag) => inSpan(tag, () => secrets.create({ tag, name: tag, secret: VALUE }))));
  const spans = exporter.getFinishedSpans();
  const parents = new Map(spans.filter(({ name }) => tags.includes(name)).map((s) => [s.spanContext().spanId, s.name]));
  const attempts = spans.filter(({ name }) => name.startsWith('POST'));
  expect(attempts).toHaveLength(5);
  const seen = attempts.map(({ parentSpanContext }) => parents.get(parentSpanContext?.spanId ?? ''));
  expect(new Set(seen)).toEqual(new Set(tags));
});

test('spans contain no value and no API key', async () => {
  const { cortex, secrets } = setUp();
  cortex.fail('create', 'reset before processing');
  await secrets.create({ tag: 'a', name: 'A', secret: VALUE }).catch(() => {});
  await secrets.update('a', { secret: VALUE }).catch(() => {});
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['no response', '404']);
  const printed = JSON.stringify(
    spans.map(({ name, attributes, status, events }) => [name, attributes, status, events]),
  );
  expect(printed).not.toContain('canary');
});
