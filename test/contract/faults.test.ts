/** Seeds faults into copies of the contract, and checks that the lint of `npm cit` reports each. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lint, redocly } from '../../scripts/lib/contract/redocly.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A change of the contract, and the rule that must report it. */
const faults: { name: string; find: string; replace: string; rule: string }[] = [
  {
    name: 'a wrong example',
    find: 'value: { page: 1, secrets: [], total: 2, totalPages: 1 }',
    replace: 'value: { page: none, secrets: [], total: 2, totalPages: 1 }',
    rule: 'no-invalid-media-type-examples',
  },
  {
    name: 'an example with a value',
    find: 'value: { id: se91c3f07be2ad5160, tag: cli_test_secret }',
    replace: 'value: { id: se91c3f07be2ad5160, tag: cli_test_secret, secret: oops }',
    rule: 'no-invalid-media-type-examples',
  },
  {
    name: 'a 429 without Retry-After',
    find: '        Retry-After:\n',
    replace: '        X-Retry:\n',
    rule: 'response-contains-header',
  },
  {
    name: 'a Retry-After that is not a number of seconds',
    find: '          example: 1\n',
    replace: '          example: soon\n',
    rule: 'contract/valid-header-examples',
  },
  {
    name: 'a dangling reference',
    find: 'items: { $ref: "#/components/schemas/Secret" }',
    replace: 'items: { $ref: "#/components/schemas/Secrets" }',
    rule: 'no-unresolved-refs',
  },
  {
    name: 'a missing 401',
    find: '        "401": { $ref: "#/components/responses/Unauthorized" }\n',
    replace: '',
    rule: 'rule/every-operation-has-401',
  },
  {
    name: 'a missing 429',
    find: '        "429": { $ref: "#/components/responses/TooManyRequests" }\n',
    replace: '',
    rule: 'rule/every-operation-has-429',
  },
  {
    name: 'a missing default response',
    find: '        default: { $ref: "#/components/responses/Unexpected" }\n',
    replace: '',
    rule: 'rule/every-operation-has-default',
  },
  { name: 'an undefined tag', find: 'tags: [Secrets]', replace: 'tags: [Secret]', rule: 'operation-tag-defined' },
  {
    name: 'a default out of bounds',
    find: 'maximum: 1000, default: 250',
    replace: 'maximum: 1000, default: 2500',
    rule: 'contract/valid-defaults',
  },
  {
    name: 'an example of a parameter out of bounds',
    find: 'value: 1000 }',
    replace: 'value: 1001 }',
    rule: 'no-invalid-parameter-examples',
  },
  {
    name: 'two operations with the same id',
    find: 'operationId: createSecret',
    replace: 'operationId: listSecrets',
    rule: 'operation-operationId-unique',
  },
  {
    name: 'a response without named examples',
    find: '          examples:\n            notFound:',
    replace: '          x-examples:\n            notFound:',
    rule: 'rule/every-media-type-has-named-examples',
  },
  {
    name: 'an operation without samples',
    find: '      x-codeSamples:\n        - lang: TypeScript\n          label: TypeScript\n          source: { $ref: samples/get.ts }',
    replace:
      '      x-samples:\n        - lang: TypeScript\n          label: TypeScript\n          source: { $ref: samples/get.ts }',
    rule: 'rule/every-operation-has-samples',
  },
  {
    name: 'a missing sample',
    find: '$ref: samples/get.ts',
    replace: '$ref: samples/got.ts',
    rule: 'no-unresolved-refs',
  },
  {
    name: 'an undeclared path parameter',
    find: '        - name: tagOrId',
    replace: '        - name: tag',
    rule: 'path-parameters-defined',
  },
  {
    name: 'a response with the value of a secret',
    find: '        name:\n          type: string\n          description: A label for people. May be missing.',
    replace:
      '        secret: { type: string, description: The value. }\n        name:\n          type: string\n          description: A label for people. May be missing.',
    rule: 'contract/no-value-in-responses',
  },
  {
    name: 'an undefined security scheme',
    find: '  - bearerAuth: []',
    replace: '  - keyAuth: []',
    rule: 'security-defined',
  },
];

let folder: string;
let reported: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cortex-secrets-faults-'));
  await cp(join(root, 'spec', 'samples'), join(folder, 'samples'), { recursive: true });
  const spec = await readFile(join(root, 'spec', 'openapi.yaml'), 'utf8');
  await writeFile(join(folder, 'whole.yaml'), spec);
  for (const [i, { name, find, replace }] of faults.entries()) {
    if (!spec.includes(find)) throw new Error(`"${name}": not found in the contract: ${find}`);
    await writeFile(
      join(folder, `${i}.yaml`),
      spec.replace(find, () => replace),
    );
  }
  const files = ['whole.yaml', ...faults.map((_, i) => `${i}.yaml`)].map((name) => join(folder, name));
  const { problems } = await lint(...files, '--config', join(root, 'redocly.yaml'));
  reported = new Map();
  for (const { ruleId, location } of problems) {
    const file = location[0].source.ref.split('/').at(-1);
    reported.set(file, [...(reported.get(file) ?? []), ruleId]);
  }
});
afterAll(() => rm(folder, { recursive: true }));

test('the unchanged contract passes', () => {
  expect(reported.get('whole.yaml')).toBeUndefined();
});

describe('the lint reports', () => {
  test.each(faults.map(({ name, rule }, i) => ({ name, rule, i })))('$name', ({ rule, i }) => {
    expect(reported.get(`${i}.yaml`)).toContain(rule);
  });
});

describe('the check of redocly.yaml reports', () => {
  test('an unknown rule', async () => {
    const config = (await readFile(join(root, 'redocly.yaml'), 'utf8'))
      .replace('operation-description: error', 'operation-descriptions: error')
      .replace('./scripts/', `${root}scripts/`);
    await writeFile(join(folder, 'redocly.yaml'), config);
    const { code, stderr } = await redocly('check-config', '--config', join(folder, 'redocly.yaml'));
    expect(code).not.toBe(0);
    expect(stderr).toContain('operation-descriptions');
  });
});
