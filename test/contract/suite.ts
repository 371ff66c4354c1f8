/**
 * Tests a server of the contract over real HTTP: every operation, documented status and named example, and invalid
 * requests. Prism and the in-memory Cortex both pass it.
 */
import { type ApiError, createSecretsClient, type SecretsClient } from 'cortex-secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { examplesOf, operations, requestOf } from './document.js';

/** A documented response. */
export interface Case {
  operation: string;
  status: string;
  example: string;
  value: Record<string, unknown> | undefined;
}

/** What a client must send to get the response. */
export interface ClientSettings {
  apiKey?: string;
  headers?: Record<string, string>;
}

export interface ServerUnderTest {
  url: string;
  close(): Promise<void>;
  /** Prepares the response `row`, with status `code`. */
  arrange(row: Case, code: number): ClientSettings;
  /** Prepares a state with the secret of the contract's examples, or without it. */
  settle(state: { secret: boolean }): void;
  /** Whether its responses equal the contract's examples; otherwise ids and messages are its own. */
  exact: boolean;
}

export function contractSuite(start: () => Promise<ServerUnderTest>): void {
  let server: ServerUnderTest;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  function clientFor({ apiKey = 'a-key-for-the-mock', headers = {} }: ClientSettings = {}): SecretsClient {
    return createSecretsClient({
      apiKey,
      baseUrl: server.url,
      retry: false,
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
    });
  }

  const newSecret = { tag: 'my-secret', name: 'My secret', secret: 'example-value-not-a-real-one' };
  const one = '/api/v1/secrets/{tagOrId}';
  const at = (tagOrId: string) => ({ params: { path: { tagOrId } } });

  /** The arguments of a method: the request example of the same name, completed. */
  interface Given {
    tag: string;
    query: { page?: number; pageSize?: number };
    created: typeof newSecret;
    update: { name?: string; secret?: string };
  }
  function given(operation: string, example: string): Given {
    const { parameters, body } = requestOf(operation, example);
    const { tagOrId = 'my-secret', ...query } = parameters as { tagOrId?: string };
    const created = (body ?? newSecret) as typeof newSecret;
    return { tag: tagOrId, query, created, update: (body ?? { name: 'Main secret' }) as Given['update'] };
  }

  /** Calls each operation by its method, and by `secrets.api`. */
  const calls: Record<
    string,
    {
      method: (s: SecretsClient, given: Given) => Promise<unknown>;
      raw: (s: SecretsClient, given: Given) => Promise<Raw>;
    }
  > = {
    listSecrets: {
      method: (s, { query }) => s.list(query),
      raw: (s, { query }) => s.api.GET('/api/v1/secrets', { params: { query } }),
    },
    createSecret: {
      method: (s, { created }) => s.create(created),
      raw: (s, { created }) => s.api.POST('/api/v1/secrets', { body: created }),
    },
    getSecret: { method: (s, { tag }) => s.get(tag), raw: (s, { tag }) => s.api.GET(one, at(tag)) },
    updateSecret: {
      method: (s, { tag, update }) => s.update(tag, update),
      raw: (s, { tag, update }) => s.api.PUT(one, { ...at(tag), body: update }),
    },
    deleteSecret: { method: (s, { tag }) => s.delete(tag), raw: (s, { tag }) => s.api.DELETE(one, at(tag)) },
  };
  /** Sorts a list, since the contract promises no order. */
  const sorted = (body: unknown) => {
    const { secrets } = (body ?? {}) as { secrets?: { tag: string }[] };
    return secrets ? { ...(body as object), secrets: secrets.toSorted((a, b) => (a.tag < b.tag ? -1 : 1)) } : body;
  };
  interface Raw {
    data?: unknown;
    error?: unknown;
    response: Response;
  }

  /** The documented responses: each named example, and each response without a body. */
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

  /** The documented responses that the tests below have received. */
  const covered = new Set<string>();
  const nameOf = ({ operation, status, example }: Case) => `${operation} ${status} ${example}`;

  describe('responses', () => {
    test.each(documented)('$operation $status $example', async (row) => {
      const { operation, status, example, value } = row;
      // `default` covers any other status; the example names one.
      const code = status === 'default' ? Number(value?.httpStatus) : Number(status);
      const request = given(operation, operation === 'deleteSecret' && status === '200' ? 'deleted' : example);
      const call = calls[operation];
      if (!call) throw new Error(`calls: no entry for ${operation}`);
      const raw = await call.raw(clientFor(server.arrange(row, code)), request);
      expect(raw.response.status).toBe(code);
      // Another client: after a 429 every call of a client waits.
      const secrets = clientFor(server.arrange(row, code));

      if (code === 200) {
        const expected = server.exact || operation !== 'createSecret' ? value : { ...value, id: expect.any(String) };
        expect(sorted(await call.method(secrets, request))).toEqual(sorted(expected));
        expect(sorted(raw.data)).toEqual(sorted(expected));
      } else {
        const error = await call.method(secrets, request).catch((thrown: unknown) => thrown);
        const method = operation.replace('Secrets', '').replace('Secret', '');
        const text = value && server.exact ? `${value.type} ${value.message}` : (value?.type ?? '');
        expect(error).toMatchObject({
          name: 'ApiError',
          operation: `secrets.${method}`,
          attempts: 1,
          status: code,
          outcome: code >= 500 ? 'unknown' : 'rejected',
          message: expect.stringContaining(`: ${code} ${text}`),
        });
        const { type, details, requestId, retryAfterMs } = error as ApiError;
        const exactly = (field: unknown) => (server.exact || field === undefined ? field : expect.any(String));
        expect({ type, retryAfterMs }).toStrictEqual({
          type: value?.type,
          retryAfterMs: code === 429 ? 1000 : undefined,
        });
        expect(requestId).toEqual(exactly(value?.requestId));
        if (server.exact) expect(details).toBe(value?.details);
        // The raw response has every field, including those that the error lacks.
        if (server.exact) expect(raw.error || undefined).toEqual(value);
        else if (value)
          expect(raw.error).toMatchObject({ type: value.type, message: expect.any(String), httpStatus: code });
        else expect(raw.error || undefined).toBeUndefined();
      }
      covered.add(nameOf(row));
    });
  });

  describe('rejects', () => {
    beforeEach(() => server.settle({ secret: true }));

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
      [
        'a tag with a space',
        400,
        all,
        { method: 'POST', headers: json, body: '{"tag":"a b","name":"n","secret":"s"}' },
      ],
      [
        'an unknown field',
        400,
        all,
        { method: 'POST', headers: json, body: '{"tag":"t","name":"n","secret":"s","x":1}' },
      ],
      ['an empty secret', 400, all, { method: 'POST', headers: json, body: '{"tag":"t","name":"n","secret":""}' }],
      ['an update to an empty secret', 400, mine, { method: 'PUT', headers: json, body: '{"secret":""}' }],
      ['an update without a body', 400, mine, { method: 'PUT', headers: json }],
      ['an update of nothing', 400, mine, { method: 'PUT', headers: json, body: '{}' }],
      ['an update of the tag', 400, mine, { method: 'PUT', headers: json, body: '{"tag":"t"}' }],
      ['a name that is a list', 400, mine, { method: 'PUT', headers: json, body: '{"name":[]}' }],
      ['an unknown method', 405, mine, { method: 'PATCH', headers: json }],
      ['an unknown path', 404, '/api/v1/secret', { headers: json }],
    ];
    test.each(broken)('%s: %i', async (_, status, path, init) => {
      const response = await fetch(server.url + path, init);
      expect(response.status).toBe(status);
    });

    test('no valid request', async () => {
      server.settle({ secret: false });
      const body = JSON.stringify(newSecret);
      expect((await fetch(server.url + all, { method: 'POST', headers: json, body })).status).toBe(200);
      expect((await fetch(`${server.url + all}?page=0&pageSize=1000`, { headers: json })).status).toBe(200);
      expect((await fetch(server.url + mine, { method: 'PUT', headers: json, body: '{"name":"n"}' })).status).toBe(200);
      expect((await fetch(server.url + mine, { method: 'DELETE', headers: json })).status).toBe(200);
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
}
