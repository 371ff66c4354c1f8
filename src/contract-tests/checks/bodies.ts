/** Requests that must be rejected, and change nothing. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import type { Exchange } from '../session.js';
import { Raw, type Tester } from '../tester.js';

const WRONG_TYPES = [null, 12345, true, ['a'], { a: 'b' }];
const NO_OBJECTS: readonly (readonly [id: string, what: string, text: string | undefined])[] = [
  ['none', 'no body', undefined],
  ['broken', 'a body that is not JSON', '{"name":'],
  ['array', 'a body that is an array', '[]'],
  ['string', 'a body that is a string', '"text"'],
  ['null', 'the body null', 'null'],
];

function rejected(t: Tester, exchange: Exchange, rule: string): void {
  t.observation = `${exchange.sent.method} ${exchange.status}`;
  t.error(exchange, [400], rule);
}

/** Sends creates that must get a 400 with an error body, and looks whether one of them was processed. */
async function rejectsCreates(
  t: Tester,
  rule: string,
  bodies: readonly unknown[],
  tags: readonly string[],
): Promise<void> {
  for (const body of bodies) rejected(t, await t.send('POST', '', body), rule);
  if (tags.length === 0) return;
  const { secrets, last } = await t.walk();
  const found = secrets.find(({ tag }) => tags.includes(tag));
  if (found) t.fail(last, `no secret ${found.tag}, whose create was rejected`, rule);
}

async function rejectsUpdates(t: Tester, rule: string, bodies: readonly unknown[]): Promise<void> {
  const secret = await t.shared();
  for (const body of bodies) rejected(t, await t.update(secret.tag, body), rule);
  t.secret(await t.get(secret.tag), secret);
}

function createCheck(id: string, what: string, rule: string, bodiesOf: (t: Tester, tag: string) => unknown[]): Check {
  return {
    id: `create-rejects-${id}`,
    title: `a create with ${what} responds with 400, and creates nothing`,
    operation: 'createSecret',
    rule,
    source: 'documented',
    async run(t) {
      const tag = t.newTag();
      await rejectsCreates(t, rule, bodiesOf(t, tag), [tag]);
    },
  };
}

function updateCheck(id: string, what: string, rule: string, bodiesOf: (t: Tester) => unknown[]): Check {
  return {
    id: `update-rejects-${id}`,
    title: `an update with ${what} responds with 400, and changes nothing`,
    operation: 'updateSecret',
    rule,
    source: 'documented',
    run: (t) => rejectsUpdates(t, rule, bodiesOf(t)),
  };
}

const fields = (t: Tester, tag: string) => ({ tag, name: 'Made to verify the contract', secret: t.newValue() });
const assumed = (check: Check, assumption: string): Check => ({ ...check, source: 'assumption', assumption });

export const BODY_CHECKS: readonly Check[] = [
  createCheck('missing-field', 'no name, no secret or no tag', `${RULES.newSecret}/required`, (t, tag) =>
    ['name', 'secret', 'tag'].map((field) => ({ ...fields(t, tag), [field]: undefined })),
  ),
  ...['tag', 'name', 'secret'].map((field) =>
    createCheck(
      `${field}-types`,
      `a ${field} that is no string`,
      `${RULES.newSecret}/properties/${field}/type`,
      (t, tag) => WRONG_TYPES.map((value) => ({ ...fields(t, tag), [field]: value })),
    ),
  ),
  ...NO_OBJECTS.map(([id, what, text]) => ({
    ...createCheck(`body-${id}`, what, `${RULES.create}/requestBody`, () => []),
    run: (t: Tester) =>
      rejectsCreates(t, `${RULES.create}/requestBody`, [text === undefined ? undefined : new Raw(text)], []),
  })),
  {
    ...createCheck('broken-with-value', 'a body that ends in its value', `${RULES.create}/requestBody`, () => []),
    async run(t) {
      const body = new Raw(`{"tag":"${t.newTag()}","name":"n","secret":"${t.newValue()}`);
      await rejectsCreates(t, `${RULES.create}/requestBody`, [body], []);
    },
  },
  assumed(
    createCheck('secret-empty', 'an empty value', `${RULES.newSecret}/properties/secret/minLength`, (t, tag) => [
      { ...fields(t, tag), secret: '' },
    ]),
    'a create with an empty value responds with 400',
  ),
  assumed(
    createCheck(
      'tag-characters',
      'an empty tag, or one with other characters',
      `${RULES.newSecret}/properties/tag/pattern`,
      (t, tag) => [
        { ...fields(t, tag), tag: '' },
        ...[' b', '.b', '/b', 'ü'].map((ending) => ({ ...fields(t, tag), tag: tag + ending })),
      ],
    ),
    'a tag may have letters, digits, - and _ only',
  ),
  assumed(
    createCheck('unknown-field', 'an unknown field', `${RULES.newSecret}/additionalProperties`, (t, tag) => [
      { ...fields(t, tag), description: 'unknown' },
    ]),
    'a create with an unknown field responds with 400',
  ),
  ...['name', 'secret'].map((field) =>
    updateCheck(`${field}-types`, `a ${field} that is no string`, `${RULES.changes}/properties/${field}/type`, (t) =>
      WRONG_TYPES.map((value) => ({ name: 'Changed', secret: t.newValue(), [field]: value })),
    ),
  ),
  updateCheck('bodies', 'no body, or one that is no JSON object', `${RULES.update}/requestBody`, () =>
    NO_OBJECTS.map(([, , text]) => (text === undefined ? undefined : new Raw(text))),
  ),
  assumed(
    updateCheck('nothing', 'neither name nor secret', `${RULES.changes}/minProperties`, () => [{}]),
    'an update with neither name nor secret responds with 400',
  ),
  assumed(
    updateCheck('secret-empty', 'an empty value', `${RULES.changes}/properties/secret/minLength`, () => [
      { name: 'Changed', secret: '' },
    ]),
    'an update with an empty value responds with 400',
  ),
  assumed(
    updateCheck('unknown-field', 'an unknown field', `${RULES.changes}/additionalProperties`, (t) => [
      { name: 'Changed', secret: t.newValue(), description: 'unknown' },
    ]),
    'an update with an unknown field responds with 400',
  ),
  assumed(
    updateCheck('tag', 'a tag', `${RULES.changes}/additionalProperties`, (t) => [{ name: 'Changed', tag: t.newTag() }]),
    'an update with a tag responds with 400',
  ),
  ...[
    'pageSize=0',
    'pageSize=-1',
    'pageSize=1001',
    'pageSize=abc',
    'pageSize=1.5',
    'page=-1',
    'page=abc',
    'page=1.5',
  ].map(
    (query): Check => ({
      id: `list-rejects-${query.replace('=', '-').replace('--', '-minus-')}`,
      title: `a list with ${query} responds with 400`,
      operation: 'listSecrets',
      rule: `${RULES.list}/parameters/${query.startsWith('pageSize') ? 1 : 0}/schema`,
      source: 'documented',
      run: async (t) => t.error(await t.list(`?${query}`), [400]),
    }),
  ),
];
