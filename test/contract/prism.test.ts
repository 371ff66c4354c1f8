/**
 * Prism, a mock by the contract, gives each named example of the contract's responses, and the client makes of it what the
 * contract says, over real HTTP.
 */
import { type ApiError, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPrism } from '../../scripts/lib/contract/prism.js';
import { examplesOf, operations, requestOf } from './document.js';

let prism: Awaited<ReturnType<typeof startPrism>>;
beforeAll(async () => {
  prism = await startPrism();
});
afterAll(() => prism.close());

const one = '/api/v1/secrets/{tagOrId}';
const at = (tagOrId: string) => ({ params: { path: { tagOrId } } });

/** The arguments of a method: the request example of the same name, completed. */
interface Given {
  tag: string;
  query: { page?: number; pageSize?: number };
  created: { tag: string; name: string; secret: string };
  update: { name?: string; secret?: string };
}
function given(operation: string, example: string): Given {
  const { parameters, body } = requestOf(operation, example);
  const { tagOrId = 'my-secret', ...query } = parameters as { tagOrId?: string };
  const newSecret = { tag: 'my-secret', name: 'My secret', secret: 'example-value-not-a-real-one' };
  const created = (body ?? newSecret) as Given['created'];
  return { tag: tagOrId, query, created, update: (body ?? { name: 'Main secret' }) as Given['update'] };
}

interface Raw {
  data?: unknown;
  error?: unknown;
  response: Response;
}
/** Each operation by its method, and by `secrets.api`. */
const calls: Record<
  string,
  [method: (s: SecretsClient, given: Given) => Promise<unknown>, raw: (s: SecretsClient, given: Given) => Promise<Raw>]
> = {
  listSecrets: [(s, { query }) => s.list(query), (s, { query }) => s.api.GET('/api/v1/secrets', { params: { query } })],
  createSecret: [
    (s, { created }) => s.create(created),
    (s, { created }) => s.api.POST('/api/v1/secrets', { body: created }),
  ],
  getSecret: [(s, { tag }) => s.get(tag), (s, { tag }) => s.api.GET(one, at(tag))],
  updateSecret: [
    (s, { tag, update }) => s.update(tag, update),
    (s, { tag, update }) => s.api.PUT(one, { ...at(tag), body: update }),
  ],
  deleteSecret: [(s, { tag }) => s.delete(tag), (s, { tag }) => s.api.DELETE(one, at(tag))],
};

/** The documented responses: each named example, and each response without a body. */
const documented = [...operations].flatMap(([operation, { responses }]) =>
  Object.entries(responses).flatMap(([status, response]) => {
    const examples = examplesOf(response).map(([name, { value }]) => [name, value as Record<string, unknown>] as const);
    const named = examples.length > 0 ? examples : [['deleted', undefined] as const];
    return named.map(([example, value]) => ({ operation, status, example, value }));
  }),
);

test('each operation has examples of its responses', () => {
  expect(new Set(documented.map(({ operation }) => operation))).toEqual(new Set(Object.keys(calls)));
});

test.each(documented)('$operation $status $example', async ({ operation, status, example, value }) => {
  // `default` covers any other status; the example names one.
  const code = status === 'default' ? Number(value?.httpStatus) : Number(status);
  const prefer = `code=${code}${value ? `, example=${example}` : ''}`;
  // One for each call: after a 429 every call of a client waits. By `fetch`, since errors hide the text of `headers`.
  const client = () =>
    createSecretsClient({
      apiKey: 'any-key',
      baseUrl: prism.url,
      retry: false,
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, prefer } }),
    });
  const [method, raw] = calls[operation] as (typeof calls)[string];
  const request = given(operation, example);
  const { data, error: rawError, response } = await raw(client(), request);
  expect(response.status).toBe(code);
  if (code === 200) {
    expect(data).toEqual(value);
    expect(await method(client(), request)).toEqual(value);
    return;
  }
  const error = await method(client(), request).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: 'ApiError',
    operation: `secrets.${operation.replace(/Secrets?$/, '')}`,
    attempts: 1,
    status: code,
    outcome: code >= 500 ? 'unknown' : 'rejected',
    message: expect.stringContaining(`: ${code} ${value?.type} ${value?.message}`),
  });
  const { type, details, requestId, retryAfterMs } = error as ApiError;
  const expected = { type: value?.type, details: value?.details, requestId: value?.requestId };
  expect({ type, details, requestId }).toStrictEqual(expected);
  expect(retryAfterMs).toBe(code === 429 ? 1000 : undefined);
  // The raw response has every field, including those that the error lacks.
  expect(rawError).toEqual(value);
});
