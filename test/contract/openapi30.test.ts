/** generated/openapi-3.0.json is valid OpenAPI 3.0 and describes the same API; the conversion fails if it cannot convert. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { toOpenApi30 } from '../../scripts/lib/contract/openapi30.js';
import { lint } from '../../scripts/lib/contract/redocly.js';

const generated = fileURLToPath(new URL('../../generated/', import.meta.url));
const read = async (name: string) => JSON.parse(await readFile(join(generated, name), 'utf8'));

test('the 3.0 document passes the lint, with every example checked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-3.0-'));
  const rules = ['no-invalid-media-type-examples', 'no-invalid-parameter-examples', 'no-invalid-schema-examples'];
  const config = [
    'telemetry: off',
    'extends: [recommended-strict]',
    'rules:',
    ...rules.map((one) => `  ${one}: error`),
  ];
  await writeFile(join(folder, 'redocly.yaml'), config.join('\n'));
  const { problems } = await lint(join(generated, 'openapi-3.0.json'), '--config', join(folder, 'redocly.yaml'));
  await rm(folder, { recursive: true });
  expect(problems).toEqual([]);
});

test('only the version, info, and the examples of schemas differ from the 3.1 document', async () => {
  const [converted, { info, openapi, ...original }] = await Promise.all(['openapi-3.0.json', 'openapi.json'].map(read));
  expect([openapi, converted.openapi]).toEqual(['3.1.0', '3.0.3']);
  expect(converted.info).toEqual({
    ...info,
    summary: undefined,
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
  });
  for (const schema of Object.values<{ properties: Record<string, { examples?: unknown[]; example?: unknown }> }>(
    original.components.schemas,
  )) {
    for (const property of Object.values(schema.properties)) {
      if (property.examples) property.example = property.examples[0];
      delete property.examples;
    }
  }
  expect(converted).toEqual({ ...original, openapi: '3.0.3', info: converted.info });
});

const documentWith = (schema: object) => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
  paths: { '/a': { get: { parameters: [{ name: 'a', in: 'query', schema }] } } },
  components: { schemas: { A: { type: 'object', properties: { a: { type: 'array', items: schema } } } } },
});

test('a nullable type becomes nullable, in parameters and in nested schemas', () => {
  const { paths, components } = toOpenApi30(documentWith({ type: ['string', 'null'], examples: ['x', 'y'] }));
  const converted = { type: 'string', nullable: true, example: 'x' };
  expect(paths['/a'].get.parameters[0].schema).toEqual(converted);
  expect(components.schemas.A.properties.a.items).toEqual(converted);
});

test.each([
  ['const', { const: 1 }, 'const'],
  ['two types', { type: ['string', 'integer'] }, 'one type'],
  ['a number as exclusive bound', { type: 'integer', exclusiveMinimum: 1 }, 'Exclusive bounds'],
  ['a keyword beside a reference', { $ref: '#/components/schemas/A', description: 'd' }, 'beside'],
])('fails for %s', (_, schema, words) => {
  expect(() => toOpenApi30(documentWith(schema))).toThrow(words);
});
