/** Repeats the known facts of the API, to detect accidental changes of the contract. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { examplesOf, operations, requestOf } from './document.js';

const contract = JSON.parse(readFileSync(new URL('../../generated/openapi.json', import.meta.url), 'utf8'));
const { schemas } = contract.components;

test('has five operations with their paths and statuses', () => {
  const found = Object.entries<Record<string, { operationId?: string; responses?: object }>>(contract.paths).flatMap(
    ([path, item]) =>
      Object.entries(item).flatMap(([method, { operationId, responses }]) =>
        operationId ? [`${operationId}: ${method} ${path} -> ${Object.keys(responses ?? {}).join(' ')}`] : [],
      ),
  );
  expect(found).toEqual([
    'listSecrets: get /api/v1/secrets -> 200 400 401 403 429 default',
    'createSecret: post /api/v1/secrets -> 200 400 401 403 409 429 default',
    'getSecret: get /api/v1/secrets/{tagOrId} -> 200 400 401 403 404 429 default',
    'updateSecret: put /api/v1/secrets/{tagOrId} -> 200 400 401 403 404 429 default',
    'deleteSecret: delete /api/v1/secrets/{tagOrId} -> 200 400 401 403 404 429 default',
  ]);
});

test('has the documented fields in responses', () => {
  const bodies = [...operations].map(([name, { responses }]) => [
    name,
    Object.keys((responses[200]?.content?.['application/json'].schema as { properties?: object })?.properties ?? {}),
  ]);
  const secret = ['id', 'tag', 'name'];
  expect(Object.fromEntries(bodies)).toEqual({
    listSecrets: ['page', 'secrets', 'total', 'totalPages'],
    createSecret: secret,
    getSecret: secret,
    updateSecret: secret,
    deleteSecret: [],
  });
  expect(operations.get('deleteSecret')?.responses[200]).not.toHaveProperty('content');
  for (const { responses } of operations.values()) {
    expect(responses[429]?.content?.['application/json'].schema).toEqual(schemas.ErrorBody);
    expect(responses[429]?.headers).toMatchObject({ 'Retry-After': { required: true, schema: { type: 'integer' } } });
  }
});

test('has the documented required fields', () => {
  const required = Object.entries<{ required?: string[] }>(schemas).map(([name, schema]) => [name, schema.required]);
  expect(Object.fromEntries(required)).toEqual({
    Secret: ['id', 'tag'],
    SecretPage: ['page', 'secrets', 'total', 'totalPages'],
    NewSecret: ['name', 'secret', 'tag'],
    SecretUpdate: undefined,
    ErrorBody: ['message', 'type'],
  });
  expect(schemas.SecretUpdate.minProperties).toBe(1);
  for (const schema of [schemas.NewSecret, schemas.SecretUpdate]) expect(schema.properties.secret.minLength).toBe(1);
  expect(operations.get('createSecret')?.requestBody).toMatchObject({ required: true });
  expect(operations.get('updateSecret')?.requestBody).toMatchObject({ required: true });
});

test('has the documented limits and defaults of a page', () => {
  const [page, pageSize] = contract.paths['/api/v1/secrets'].get.parameters;
  expect(page).toMatchObject({ name: 'page', in: 'query', schema: { type: 'integer', minimum: 0, default: 0 } });
  const bounds = { type: 'integer', minimum: 1, maximum: 1000, default: 250 };
  expect(pageSize).toMatchObject({ name: 'pageSize', in: 'query', schema: bounds });
  expect([page.required, pageSize.required]).toEqual([undefined, undefined]);
});

test('requires the API key for every operation of the documented server', () => {
  expect(contract.security).toEqual([{ bearerAuth: [] }]);
  expect(contract.components.securitySchemes.bearerAuth).toMatchObject({ type: 'http', scheme: 'bearer' });
  expect(contract.servers[0].url).toBe('https://api.getcortexapp.com');
  for (const operation of operations.values()) expect(operation).not.toHaveProperty('security');
});

test('names each request example like its response example', () => {
  for (const [name, { parameters = [], requestBody, responses }] of operations) {
    const requests = [
      ...parameters.map(({ examples }) => Object.keys(examples)),
      examplesOf(requestBody).map(([one]) => one),
    ];
    const all = new Set(requests.flat());
    // Every part of a request has the same examples: a tool that pairs them by name drops a request that lacks one.
    for (const names of requests.filter(({ length }) => length > 0)) expect(new Set(names), name).toEqual(all);
    const answered = Object.values(responses).flatMap((response) => examplesOf(response).map(([one]) => one));
    const successes = responses[200]?.content ? examplesOf(responses[200]).map(([one]) => one) : ['deleted'];
    expect(
      [...all].filter((one) => !answered.includes(one) && !successes.includes(one)),
      name,
    ).toEqual([]);
    expect(
      successes.filter((one) => !all.has(one)),
      name,
    ).toEqual([]);
  }
});

test('has response examples that fit their request examples', () => {
  const [created, conflict] = ['created', 'conflict'].map((one) => requestOf('createSecret', one).body);
  const value = (operation: string, status: number, example: string) =>
    Object.fromEntries(examplesOf(operations.get(operation)?.responses[status]))[example]?.value;
  const { tag, name } = created as { tag: string; name: string };
  expect(value('createSecret', 200, 'created')).toMatchObject({ tag, name });
  expect(value('createSecret', 409, 'conflict')).toMatchObject({ type: 'CONFLICT' });
  expect(conflict).toMatchObject({ tag: 'my-secret' });
  for (const operation of ['getSecret', 'updateSecret']) {
    for (const [example, { value }] of examplesOf(operations.get(operation)?.responses[200])) {
      const { parameters, body = {} } = requestOf(operation, example);
      expect(Object.values(value as object), `${operation} ${example}`).toContain(parameters.tagOrId);
      const { name } = body as { name?: string };
      if (name !== undefined) expect(value).toMatchObject({ name });
    }
  }
  for (const example of ['firstPage', 'pastTheEnd']) {
    const { page } = requestOf('listSecrets', example).parameters;
    expect(value('listSecrets', 200, example)).toMatchObject({ page, total: 2, totalPages: 1 });
  }
});

test('leaves the list of error types open', () => {
  const { type } = schemas.ErrorBody.properties;
  expect(type).not.toHaveProperty('enum');
  expect(type['x-extensible-enum']).toHaveLength(30);
  expect(new Set(type['x-extensible-enum']).size).toBe(30);
});
