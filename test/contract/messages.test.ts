/** The errors of the in-memory Cortex have the status, type, message and details of the contract's examples. */
import { createFakeCortex, type FakeCortexOptions } from 'cortex-secrets/testing';
import { expect, test } from 'vitest';
import { examplesOf, operations, requestOf } from './document.js';

interface ErrorBody {
  message: string;
  type: string;
  details?: string;
  httpStatus: number;
}

/** How to get an error: the state of the fake, and what the request has that is wrong. */
interface Arrangement {
  options?: FakeCortexOptions;
  apiKey?: string;
  /** Replaces the query, the last segment of the path, or the body. */
  query?: string;
  segment?: string;
  body?: unknown;
}

const mine = { tag: 'my-secret', name: 'My secret', secret: 'v' };
const arrangements: Record<string, Arrangement> = {
  pageSizeTooLarge: { query: '?pageSize=1001' },
  missingField: { body: { tag: 't', name: 'n' } },
  tagTaken: { options: { seed: [mine], conflictStatus: 400 }, body: mine },
  conflict: { options: { seed: [mine] }, body: mine },
  nothingToChange: { body: {} },
  badTagOrId: { segment: '%zz' },
  badKey: { apiKey: 'another-key' },
  noPermission: { apiKey: createFakeCortex().apiKeyWithoutPermission },
  notFound: {},
  throttled: { options: { rateLimit: { requests: 0, perMs: 1000 } } },
};

/** Cortex decides when it fails: the fake fails on demand, with the message that the fault has. */
const BY_FAULT = ['serverError', 'unknownType'];

const METHODS: Record<string, [string, boolean]> = {
  listSecrets: ['GET', false],
  createSecret: ['POST', false],
  getSecret: ['GET', true],
  updateSecret: ['PUT', true],
  deleteSecret: ['DELETE', true],
};

const errors = [...operations].flatMap(([operation, { responses }]) =>
  Object.entries(responses)
    .filter(([status]) => status !== '200')
    .flatMap(([status, response]) =>
      examplesOf(response).map(([example, { value }]) => ({ operation, status, example, value: value as ErrorBody })),
    ),
);

test('every example of an error is one that the fake gives, or a fault', () => {
  const names = new Set(errors.map(({ example }) => example));
  expect([...names].sort()).toEqual([...Object.keys(arrangements), ...BY_FAULT].sort());
});

test.each(errors.filter(({ example }) => !BY_FAULT.includes(example)))(
  '$operation $status $example',
  async ({ operation, status, example, value }) => {
    const { options, apiKey, query = '', segment, body } = arrangements[example] as Arrangement;
    const cortex = createFakeCortex(options);
    const [method, hasTag] = METHODS[operation] as [string, boolean];
    const path = `/api/v1/secrets${hasTag ? `/${segment ?? 'no-such-secret'}` : ''}${query}`;
    const sent = body ?? requestOf(operation, example).body ?? (method === 'POST' ? mine : { secret: 'v' });
    const response = await cortex.fetch(cortex.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${apiKey ?? cortex.apiKey}`, 'content-type': 'application/json' },
      ...(/POST|PUT/.test(method) && { body: JSON.stringify(sent) }),
    });
    expect(response.status).toBe(Number(status));
    const { requestId, ...rest } = await response.json();
    const { requestId: _, ...expected } = value as ErrorBody & { requestId: string };
    expect(rest).toEqual(expected);
    expect(requestId).toMatch(/^[0-9a-f]{8}$/);
  },
);
