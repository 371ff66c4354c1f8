/** The client over real HTTP against a Prism mock of the contract: every operation, documented status and named example. */
import { type ApiError, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPrism } from '../../scripts/lib/prism.js';
import { examplesOf, operations } from './document.js';

let mock: { url: string; close: () => Promise<void> };
beforeAll(async () => {
  mock = await startPrism();
});
afterAll(() => mock.close());

/** A client whose requests ask the mock for one answer. */
function clientFor(prefer?: string): SecretsClient {
  return createSecretsClient({
    apiKey: 'a-key-for-the-mock',
    baseUrl: mock.url,
    retry: false,
    fetch: (url, init) => fetch(url, prefer ? { ...init, headers: { ...init.headers, prefer } } : init),
  });
}

const newSecret = { tag: 'my-secret', name: 'My secret', secret: 'example-value-not-a-real-one' };
const one = '/api/v1/secrets/{tagOrId}';
const params = { path: { tagOrId: 'my-secret' } };

/** How each operation is called: by its method, and by `secrets.api`. */
const calls: Record<
  string,
  { method: (s: SecretsClient) => Promise<unknown>; raw: (s: SecretsClient) => Promise<Raw> }
> = {
  listSecrets: { method: (s) => s.list(), raw: (s) => s.api.GET('/api/v1/secrets') },
  createSecret: { method: (s) => s.create(newSecret), raw: (s) => s.api.POST('/api/v1/secrets', { body: newSecret }) },
  getSecret: { method: (s) => s.get('my-secret'), raw: (s) => s.api.GET(one, { params }) },
  updateSecret: {
    method: (s) => s.update('my-secret', { name: 'Deploy token' }),
    raw: (s) => s.api.PUT(one, { params, body: { name: 'Deploy token' } }),
  },
  deleteSecret: { method: (s) => s.delete('my-secret'), raw: (s) => s.api.DELETE(one, { params }) },
};
interface Raw {
  data?: unknown;
  error?: unknown;
  response: Response;
}

interface Case {
  operation: string;
  status: string;
  example: string;
  value: Record<string, unknown> | undefined;
}

/** What the contract documents: a line for each named example, and for each answer without a body. */
const documented: Case[] = [...operations].flatMap(([operation, { responses }]) =>
  Object.entries(responses).flatMap(([status, response]) => {
    const examples = examplesOf(response).map(([example, { value }]) => ({
      example,
      value: value as Record<string, unknown>,
    }));
    return (examples.length > 0 ? examples : [{ example: 'no body', value: undefined }]).map((one) => ({
      operation,
      status,
      ...one,
    }));
  }),
);

/** What the tests below have seen, in the same words. */
const covered = new Set<string>();
const nameOf = ({ operation, status, example }: Case) => `${operation} ${status} ${example}`;

describe('answers', () => {
  test.each(documented)('$operation $status $example', async (row) => {
    const { operation, status, example, value } = row;
    // `default` stands for any other status; the example says for which.
    const code = status === 'default' ? Number(value?.httpStatus) : Number(status);
    const prefer = `code=${code}${value ? `, example=${example}` : ''}`;
    // A client each: a 429 makes every later call of its client wait.
    const secrets = clientFor(prefer);
    const call = calls[operation];
    if (!call) throw new Error(`The tests don't know how to call ${operation}`);
    const raw = await call.raw(clientFor(prefer));
    expect(raw.response.status).toBe(code);

    if (code === 200) {
      expect(await call.method(secrets)).toEqual(value);
      expect(raw.data).toEqual(value);
    } else {
      const error = await call.method(secrets).catch((thrown: unknown) => thrown);
      const method = operation.replace('Secrets', '').replace('Secret', '');
      expect(error).toMatchObject({
        name: 'ApiError',
        operation: `secrets.${method}`,
        attempts: 1,
        status: code,
        outcome: code >= 500 ? 'unknown' : 'refused',
        message: expect.stringContaining(`secrets.${method}: ${code} ${value ? `${value.type} ${value.message}` : ''}`),
      });
      const { type, details, requestId, retryAfterMs } = error as ApiError;
      expect({ type, details, requestId, retryAfterMs }).toStrictEqual({
        type: value?.type,
        details: value?.details,
        requestId: value?.requestId,
        retryAfterMs: code === 429 ? 1000 : undefined,
      });
      // The raw answer has every field, those included that the error has no use for.
      expect(raw.error || undefined).toEqual(value);
    }
    covered.add(nameOf(row));
  });
});

describe('requests', () => {
  test.each(examplesOf(operations.get('createSecret')?.requestBody))('createSecret %s', async (_, { value }) => {
    expect(await clientFor().create(value as typeof newSecret)).toHaveProperty('tag');
  });

  test.each(examplesOf(operations.get('updateSecret')?.requestBody))('updateSecret %s', async (_, { value }) => {
    expect(await clientFor().update('my-secret', value as { name: string })).toHaveProperty('tag');
  });

  const parameters = [...operations].flatMap(([operation, { parameters = [] }]) =>
    parameters.flatMap(({ name, examples }) =>
      Object.entries(examples).map(([example, { value }]) => ({ operation, name, example, value })),
    ),
  );
  test.each(parameters)('$operation $name $example', async ({ operation, name, value }) => {
    const secrets = clientFor();
    if (operation === 'listSecrets') expect(await secrets.list({ [name]: value })).toHaveProperty('secrets');
    else if (operation === 'getSecret') expect(await secrets.get(value as string)).toHaveProperty('id');
    else if (operation === 'updateSecret')
      expect(await secrets.update(value as string, { name: 'x' })).toHaveProperty('id');
    else expect(await secrets.delete(value as string)).toBeUndefined();
  });
});

describe('the mock refuses what breaks the contract', () => {
  const json = { 'content-type': 'application/json', authorization: 'Bearer a-key-for-the-mock' };
  const all = '/api/v1/secrets';
  const mine = '/api/v1/secrets/my-secret';
  const broken: [string, number, string, RequestInit][] = [
    ['no key', 401, all, {}],
    ['a key in another scheme', 401, all, { headers: { authorization: 'Basic YTpi' } }],
    ['no key, on a delete', 401, mine, { method: 'DELETE' }],
    ['a page size of 0', 400, `${all}?pageSize=0`, { headers: json }],
    ['a page size of 1001', 400, `${all}?pageSize=1001`, { headers: json }],
    ['a page size that is no number', 400, `${all}?pageSize=many`, { headers: json }],
    ['a page before the first', 400, `${all}?page=-1`, { headers: json }],
    ['a create without a body', 400, all, { method: 'POST', headers: json }],
    ['a create without tag', 400, all, { method: 'POST', headers: json, body: '{"name":"n","secret":"s"}' }],
    ['a create without name', 400, all, { method: 'POST', headers: json, body: '{"tag":"t","secret":"s"}' }],
    ['a create without secret', 400, all, { method: 'POST', headers: json, body: '{"tag":"t","name":"n"}' }],
    [
      'a secret that is a number',
      400,
      all,
      { method: 'POST', headers: json, body: '{"tag":"t","name":"n","secret":1}' },
    ],
    ['a tag with a space', 400, all, { method: 'POST', headers: json, body: '{"tag":"a b","name":"n","secret":"s"}' }],
    [
      'a field of no meaning',
      400,
      all,
      { method: 'POST', headers: json, body: '{"tag":"t","name":"n","secret":"s","x":1}' },
    ],
    ['an update without a body', 400, mine, { method: 'PUT', headers: json }],
    ['an update of nothing', 400, mine, { method: 'PUT', headers: json, body: '{}' }],
    ['an update of the tag', 400, mine, { method: 'PUT', headers: json, body: '{"tag":"t"}' }],
    ['a name that is a list', 400, mine, { method: 'PUT', headers: json, body: '{"name":[]}' }],
    ['a method that is not there', 405, mine, { method: 'PATCH', headers: json }],
    ['a path that is not there', 404, '/api/v1/secret', { headers: json }],
  ];
  test.each(broken)('%s: %i', async (_, status, path, init) => {
    const response = await fetch(mock.url + path, init);
    expect(response.status).toBe(status);
  });

  test('and takes the same requests when they are whole', async () => {
    const body = JSON.stringify(newSecret);
    expect((await fetch(mock.url + all, { method: 'POST', headers: json, body })).status).toBe(200);
    expect((await fetch(`${mock.url + all}?page=0&pageSize=1000`, { headers: json })).status).toBe(200);
    expect((await fetch(mock.url + mine, { method: 'PUT', headers: json, body: '{"name":"n"}' })).status).toBe(200);
    expect((await fetch(mock.url + mine, { method: 'DELETE', headers: json })).status).toBe(200);
  });
});

test('every documented combination was covered', () => {
  const statuses = [...new Set(documented.map(({ status }) => status))].sort();
  const table = [...operations.keys()].map((operation) => [
    operation,
    ...statuses.map((status) => {
      const rows = documented.filter((row) => row.operation === operation && row.status === status);
      return rows.length > 0 ? `${rows.filter((row) => covered.has(nameOf(row))).length}/${rows.length}` : '-';
    }),
  ]);
  const lines = [['covered/documented examples', ...statuses], ...table].map(([name = '', ...cells]) =>
    [name.padEnd(28), ...cells.map((cell) => cell.padStart(8))].join(''),
  );
  console.log(lines.join('\n'));
  expect(documented.map(nameOf).filter((name) => !covered.has(name))).toEqual([]);
});
