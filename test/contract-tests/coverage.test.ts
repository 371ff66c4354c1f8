/** Each check points to a rule that the contract has and marks, and each rule has a check or a reason for none. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECKS } from '../../src/contract-tests/suite.js';

const contract = JSON.parse(readFileSync(new URL('../../generated/openapi.json', import.meta.url), 'utf8'));

/** The values on the way to a pointer, the contract first; undefined if it points to nothing. */
function wayTo(pointer: string): unknown[] | undefined {
  const way: unknown[] = [contract];
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const at = way.at(-1) as Record<string, unknown>;
    if (typeof at !== 'object' || at === null || !(key in at)) return undefined;
    way.push(at[key]);
  }
  return way;
}

test('ids and titles are unique', () => {
  for (const field of ['id', 'title'] as const)
    expect(new Set(CHECKS.map((check) => check[field])).size).toBe(CHECKS.length);
});

test.each(CHECKS)('$id points to a rule that the contract has, with its source', ({ rule, source, assumption }) => {
  const way = wayTo(rule);
  expect(way, rule).toBeDefined();
  expect(assumption !== undefined).toBe(source === 'assumption');
  if (source === 'documented') return;
  // The mark stands at the rule, or at what contains it.
  const texts = (way ?? []).slice(2).map((node) => {
    const { description = '' } = Object(node) as { description?: string };
    return typeof node === 'string' ? node : description;
  });
  expect(texts.join('\n')).toMatch(source === 'assumption' ? /assumption/i : /observed/i);
});

const METHODS = ['get', 'post', 'put', 'delete'];
const operations = Object.entries<Record<string, Operation>>(contract.paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => {
    const operation = item[method];
    return operation ? [{ pointer: `#/paths/${path.replaceAll('/', '~1')}/${method}`, operation }] : [];
  }),
);
interface Operation {
  operationId: string;
  responses: Record<string, unknown>;
}

/** Rules of the contract that no check covers, each with its reason. A prefix of the row's name. */
const WITHOUT_CHECK: readonly (readonly [row: RegExp, reason: string])[] = [
  [/ 403$/, 'needs a second key, without the permission'],
  [/ 429$/, 'a test must not provoke it; a 429 that comes must have Retry-After'],
  [/ default$/, 'a test cannot provoke it'],
  [/^(get|delete)Secret 400$/, 'an assumption; which tagOrId is invalid is not documented'],
  [/^ErrorBody\.(gatewayHttpStatus|details|requestId)/, 'optional; its type is checked in every error'],
  [/^ErrorBody\.type x-extensible-enum$/, 'open: any string is valid'],
  [/ (format|examples|description)$/, 'says nothing that a response could break'],
];

/** What covers a row beyond a check whose rule is the row's pointer or below it. */
const COVERED_BY: Record<string, RegExp> = {
  'createSecret 400': /^create-rejects-/,
  'createSecret 401': /^key-createSecret$|^key-401$/,
  'listSecrets 200': /^list-size-/,
  'listSecrets 400': /^list-rejects-/,
  'listSecrets 401': /^key-401$/,
  'getSecret 200': /^create-found$/,
  'getSecret 401': /^key-getSecret$/,
  'updateSecret 400': /^update-rejects-/,
  'updateSecret 401': /^key-updateSecret$/,
  'deleteSecret 401': /^key-deleteSecret$/,
};
/** Every response is checked for the types and the required fields of its schema. */
const IN_EVERY_RESPONSE = /^(Secret|SecretPage|ErrorBody)[. ].*(type|required|items)$/;
const SCHEMA_CHECKS: readonly (readonly [RegExp, RegExp])[] = [
  [/^NewSecret required$/, /^create-rejects-missing-field$/],
  [/^NewSecret type$/, /^create-rejects-body-/],
  [/^NewSecret additionalProperties$/, /^create-rejects-unknown-field$/],
  [/^NewSecret\.(\w+) type$/, /^create-rejects-\w+-types$/],
  [/^NewSecret\.secret minLength$/, /^create-rejects-secret-empty$/],
  [/^NewSecret\.tag pattern$/, /^create-rejects-tag-characters$/],
  [/^SecretUpdate minProperties$/, /^update-rejects-nothing$/],
  [/^SecretUpdate type$/, /^update-rejects-bodies$/],
  [/^SecretUpdate additionalProperties$/, /^update-rejects-unknown-field$/],
  [/^SecretUpdate\.(\w+) type$/, /^update-rejects-\w+-types$/],
  [/^SecretUpdate\.secret minLength$/, /^update-rejects-secret-empty$/],
  [/^page (type|minimum)$/, /^list-rejects-page-/],
  [/^page default$/, /^list-no-query$/],
  [/^pageSize (type|minimum|maximum)$/, /^list-rejects-pageSize-/],
  [/^pageSize default$/, /^list-default-size$/],
];

/** Each sentence of the contract with a word of obligation, and the checks of it, or the reason for none. */
const SENTENCES: readonly (readonly [sentence: RegExp, checks: RegExp | string])[] = [
  [/never return|never contains the value|never its value/i, /^(create|update|delete)/],
  [/must be between|may have an expiry|it may have an expiry date/, 'says what a key may be'],
  [/may share|may not share|may add types/, 'about the contract itself'],
  [/up to 2 MB/, /^(create-value-1-mb|update-values)$/],
  [/may be empty/, /^create-name-empty$/],
  [/^May be missing|never null/, 'a name that was sent must come back, and null counts as missing'],
  [/may contain any string/, 'allows more than a test could break'],
  [/may or may not have (been )?processed/, 'about connections that break'],
  [/limits may change/, 'about the future'],
  [/another secret may appear twice/, 'about lists while others change them'],
  [/which may be a body/, /^delete-body$/],
];

test('each rule has a check, or a reason for none', () => {
  const ids = CHECKS.map(({ id }) => id);
  const rows: { rule: string; checks: string[] | string }[] = [];
  const reasonFor = (rule: string) => WITHOUT_CHECK.find(([row]) => row.test(rule))?.[1] ?? [];
  for (const { pointer, operation } of operations) {
    for (const status of Object.keys(operation.responses)) {
      const rule = `${operation.operationId} ${status}`;
      const found = CHECKS.filter(
        (check) => check.rule.startsWith(`${pointer}/responses/${status}`) || COVERED_BY[rule]?.test(check.id),
      ).map(({ id }) => id);
      rows.push({ rule, checks: found.length > 0 ? found : reasonFor(rule) });
    }
  }
  const addSchema = (name: string, schema: Record<string, unknown>) => {
    for (const keyword of Object.keys(schema)) {
      if (['properties', 'description', 'examples'].includes(keyword)) continue;
      const rule = `${name} ${keyword}`;
      const pattern = SCHEMA_CHECKS.find(([row]) => row.test(rule))?.[1];
      const found = pattern ? ids.filter((id) => pattern.test(id)) : [];
      const always = IN_EVERY_RESPONSE.test(rule) ? 'in every response' : reasonFor(rule);
      rows.push({ rule, checks: found.length > 0 ? found : always });
    }
    for (const [field, property] of Object.entries(Object(schema.properties)))
      addSchema(`${name}.${field}`, Object(property));
  };
  for (const [name, schema] of Object.entries(contract.components.schemas)) addSchema(name, Object(schema));
  for (const { name, schema } of contract.paths['/api/v1/secrets'].get.parameters) addSchema(name, schema);

  const lines = rows.map(({ rule, checks }) => {
    const text =
      typeof checks === 'string' ? `- (${checks})` : checks.length > 3 ? `${checks.length} checks` : checks.join(', ');
    return `${rule.padEnd(40)} ${text}`;
  });
  console.log(lines.join('\n'));
  expect(rows.filter(({ checks }) => checks.length === 0).map(({ rule }) => rule)).toEqual([]);
});

/** The sentences of all descriptions outside of the section of retries and errors, which are about clients. */
function sentences(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'examples' || key === 'x-codeSamples' || key === 'tags') return [];
    if (key !== 'description' || typeof value !== 'string') return sentences(value);
    return value.replace(/\s+/g, ' ').split(/(?<=[.:]) (?=[A-Z*`])/);
  });
}

test('each sentence that says must, may or never has a check, or a reason for none', () => {
  const found = [...new Set(sentences(contract))].filter((sentence) => /\b(must|may|never)\b/i.test(sentence));
  const missing = found.filter((sentence) => !SENTENCES.some(([pattern]) => pattern.test(sentence)));
  expect(missing).toEqual([]);
  for (const [, checks] of SENTENCES)
    if (checks instanceof RegExp) expect(CHECKS.some(({ id }) => checks.test(id))).toBe(true);
});
