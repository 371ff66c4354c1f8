/** `node scripts/contract/diff-vendor.js` accepts the vendor's description as it is known, and reports every kind of change of it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let errorTypes: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-vendor-'));
  const types = await readFile(join(root, 'generated', 'error-types.d.ts'), 'utf8');
  errorTypes = [...types.matchAll(/'(\w+)'/g)].map(([, type]) => type as string);
});
afterAll(() => rm(folder, { recursive: true }));

const string = { type: 'string' };
const int32 = { type: 'integer', format: 'int32' };
const json = (name: string) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
});
const parameter = (name: string, at: string, schema: object) => ({ name, in: at, required: true, schema });

/** The facts of the vendor's description, with its names: all parameters are required, and the error types are an enum. */
function vendorDocument() {
  const errors = { 400: json('ErrorResponse'), 404: json('ErrorResponse') };
  const tagOrId = [parameter('tagOrId', 'path', string)];
  return {
    openapi: '3.0.1',
    info: { title: 'Cortex API', version: 'v1' },
    paths: {
      '/api/v1/secrets': {
        get: {
          parameters: [parameter('pageSize', 'query', int32), parameter('page', 'query', int32)],
          responses: { 200: json('AllSecretsResponse'), 400: errors[400], 429: {} },
        },
        post: {
          requestBody: json('CreateSecretRequest'),
          responses: { 200: json('SecretResponse'), 400: errors[400], 429: {} },
        },
      },
      '/api/v1/secrets/{tagOrId}': {
        get: { parameters: tagOrId, responses: { 200: json('SecretResponse'), 404: errors[404], 429: {} } },
        put: {
          parameters: tagOrId,
          requestBody: json('UpdateSecretRequest'),
          responses: { 200: json('SecretResponse'), ...errors, 429: {} },
        },
        delete: { parameters: tagOrId, responses: { 200: {}, ...errors, 429: {} } },
      },
    },
    components: {
      schemas: {
        AllSecretsResponse: {
          required: ['page', 'secrets', 'total', 'totalPages'],
          properties: {
            page: int32,
            secrets: { type: 'array', items: { $ref: '#/components/schemas/SecretResponse' } },
            total: int32,
            totalPages: int32,
          },
        },
        SecretResponse: { required: ['id', 'tag'], properties: { id: string, name: string, tag: string } },
        CreateSecretRequest: {
          required: ['name', 'secret', 'tag'],
          properties: { name: string, secret: string, tag: string },
        },
        UpdateSecretRequest: { properties: { name: string, secret: string } },
        ErrorResponse: {
          required: ['message', 'type'],
          properties: {
            details: string,
            gatewayHttpStatus: int32,
            httpStatus: int32,
            message: string,
            requestId: string,
            type: { type: 'string', enum: errorTypes },
          },
        },
      },
    },
  };
}

/** The vendor's page: a block of JSON for each path, with all schemas. */
function pageOf(document: { paths: object }) {
  const blocks = Object.entries(document.paths).map(([path, item]) =>
    ['## An operation', '```json', JSON.stringify({ ...document, paths: { [path]: item } }), '```', ''].join('\n'),
  );
  return `# Secrets\n\n\`\`\`json\n{ "not": "OpenAPI" }\n\`\`\`\n\n${blocks.join('\n')}`;
}

async function diffVendor(text: string): Promise<{ code: number; output: string }> {
  const file = join(folder, 'secrets.md');
  await writeFile(file, text);
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/contract/diff-vendor.js', file], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

test('passes for the known description, and lists the intended differences', async () => {
  const { code, output } = await diffVendor(pageOf(vendorDocument()));
  expect(output).not.toContain('DIFFERS');
  expect(output).toContain('intended  only in the vendor: GET /api/v1/secrets: query page is required');
  expect(output).toContain('intended  only in the contract: POST /api/v1/secrets: response 409');
  expect(code).toBe(0);
});

type Vendor = ReturnType<typeof vendorDocument>;
test.each<[string, (vendor: Vendor) => unknown, string]>([
  [
    'a new operation',
    ({ paths }) => Object.assign(paths['/api/v1/secrets'], { delete: { responses: {} } }),
    'only in the vendor: DELETE /api/v1/secrets',
  ],
  [
    'a removed operation',
    ({ paths }) => Reflect.deleteProperty(paths['/api/v1/secrets/{tagOrId}'], 'put'),
    'only in the contract: PUT /api/v1/secrets/{tagOrId}',
  ],
  [
    'a new status',
    ({ paths }) => Object.assign(paths['/api/v1/secrets'].post.responses, { 422: {} }),
    'only in the vendor: POST /api/v1/secrets: response 422',
  ],
  [
    'a new parameter',
    ({ paths }) => paths['/api/v1/secrets'].get.parameters.push(parameter('query', 'query', string)),
    'only in the vendor: GET /api/v1/secrets: query query: string',
  ],
  [
    'a new required field',
    ({ components }) => components.schemas.SecretResponse.required.push('name'),
    'only in the vendor: GET /api/v1/secrets: response 200.secrets[].name is required',
  ],
  [
    'another type of a field',
    ({ components }) => Object.assign(components.schemas.SecretResponse.properties, { id: int32 }),
    'only in the vendor: GET /api/v1/secrets/{tagOrId}: response 200.id: integer',
  ],
  [
    'a new error type',
    ({ components }) => components.schemas.ErrorResponse.properties.type.enum.push('NEW'),
    'only in the vendor: error type NEW',
  ],
  [
    'an intended difference that is gone',
    ({ paths }) => Object.assign(paths['/api/v1/secrets'].post.responses, { 409: {} }),
    'no longer a difference: ^POST .*: response 409$',
  ],
])('reports %s', async (_, change, line) => {
  const vendor = structuredClone(vendorDocument());
  change(vendor);
  const { code, output } = await diffVendor(pageOf(vendor));
  expect(output).toContain(`DIFFERS   ${line}`);
  expect(code).toBe(1);
});

test('exits with 2 for a page without an OpenAPI description', async () => {
  const { code, output } = await diffVendor('# Not found\n');
  expect(output).toContain('contains no OpenAPI description');
  expect(code).toBe(2);
});
