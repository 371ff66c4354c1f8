/** Creates: what is stored, and what happens to a tag that is taken. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import { Raw } from '../tester.js';

const base = { operation: 'createSecret', source: 'documented' } as const;

/** Names that servers change when they store them. The contract has no limit for their length or characters. */
export const NAMES: readonly (readonly [id: string, what: string, name: string])[] = [
  ['spaces', 'spaces', '  two  spaces, at both ends  '],
  ['markup', 'quotes, markup and escapes', `<b>"it's"</b> &amp; \\n %41 \${x} {{ y }}`],
  ['unicode', 'characters outside ASCII', 'Zürich, e\u0301, 東京, שלום, 🔑'],
  ['lines', 'line breaks and tabs', 'one\ntwo\r\nthree\tfour'],
  ['case', 'both letter cases and digits', 'AbC 007 1e3'],
  ['long', '500 characters', `${'0123456789'.repeat(50)}`],
];

const VALUES: readonly (readonly [id: string, what: string, ending: string])[] = [
  ['lines', 'several lines', '\nline two\r\nline three\n'],
  ['unicode', 'characters outside ASCII', ' Zürich 🔑 "quoted" \\ <b>'],
  ['1-mb', '1 MB', ` ${'x'.repeat(1_000_000)}`],
];

const TAGS: readonly (readonly [id: string, what: string, ending: string])[] = [
  ['case', 'upper case', '-AbC'],
  ['dashes', 'dashes and underscores', '--a__b-'],
  ['long', '60 characters', `-${'a'.repeat(40)}`],
];

export const CREATE_CHECKS: readonly Check[] = [
  {
    ...base,
    id: 'create',
    title: 'a create responds with 200, and with id, tag and name',
    rule: `${RULES.create}/responses/200`,
    run: async (t) => void (await t.created()),
  },
  {
    ...base,
    id: 'create-found',
    title: 'a new secret is found at once by its tag, by its id and in the list',
    rule: `${RULES.create}/description`,
    async run(t) {
      const secret = await t.created();
      t.secret(await t.get(secret.tag), secret);
      t.secret(await t.get(secret.id), secret);
      await t.stable(async (differs) => {
        const { secrets, last } = await t.walk();
        const found = secrets.filter(({ id }) => id === secret.id);
        if (found.length !== 1) differs(last, `the secret ${secret.tag} once in the list`);
        else if (found[0]?.tag !== secret.tag || found[0].name !== secret.name)
          differs(last, `the secret ${secret.tag} with the name ${JSON.stringify(secret.name)} in the list`);
      });
    },
  },
  ...NAMES.map(
    ([id, what, name]): Check => ({
      ...base,
      id: `create-name-${id}`,
      title: `a create stores a name with ${what} exactly`,
      rule: `${RULES.newSecret}/properties/name`,
      async run(t) {
        const { tag } = await t.created({ name });
        t.secret(await t.get(tag), { name });
      },
    }),
  ),
  {
    ...base,
    id: 'create-name-empty',
    title: 'a create stores an empty name',
    rule: `${RULES.newSecret}/properties/name`,
    source: 'assumption',
    assumption: 'an empty name is stored',
    run: async (t) => void (await t.created({ name: '' })),
  },
  ...VALUES.map(
    ([id, what, ending]): Check => ({
      ...base,
      id: `create-value-${id}`,
      title: `a create takes a value of ${what}`,
      rule: id === '1-mb' ? `${RULES.create}/description` : `${RULES.newSecret}/properties/secret`,
      run: async (t) => void (await t.created({ secret: t.newValue(ending) })),
    }),
  ),
  ...TAGS.map(
    ([id, what, ending]): Check => ({
      ...base,
      id: `create-tag-${id}`,
      title: `a create stores a tag with ${what} exactly`,
      rule: `${RULES.newSecret}/properties/tag`,
      async run(t) {
        const secret = await t.created({ tag: t.newTag(ending) });
        t.secret(await t.get(secret.tag), secret);
      },
    }),
  ),
  {
    ...base,
    id: 'create-similar-tags',
    title: 'tags that begin like another one are other tags, with ids of their own',
    rule: `${RULES.secret}/properties/id`,
    async run(t) {
      const first = await t.created();
      const second = await t.created({ tag: `${first.tag}-more`, name: 'Another one' });
      if (first.id === second.id) t.fail(t.last as never, 'another id than that of the secret before');
      t.secret(await t.get(first.tag), first);
      t.secret(await t.get(second.id), second);
    },
  },
  {
    ...base,
    id: 'create-tag-letter-case',
    title: 'tags that differ in letter case are two tags',
    rule: `${RULES.newSecret}/properties/tag`,
    source: 'assumption',
    assumption: 'tags that differ in letter case are two tags',
    async run(t) {
      const tag = t.newTag('-a');
      await t.created({ tag });
      t.error(await t.get(tag.replace(/a$/, 'A')), [404]);
      await t.created({ tag: tag.replace(/a$/, 'A') });
    },
  },
  {
    ...base,
    id: 'create-taken',
    title: 'a create of a tag that is taken is rejected, and changes nothing',
    rule: `${RULES.newSecret}/properties/tag`,
    async run(t) {
      const secret = await t.created();
      const second = await t.create({ tag: secret.tag, name: 'Made twice', secret: t.newValue() });
      if (second.status < 400 || second.status > 499) t.fail(second, 'a status from 400 to 499, since a tag is unique');
      t.secret(await t.get(secret.tag), secret);
    },
  },
  {
    ...base,
    id: 'create-taken-status',
    title: 'a create of a tag that is taken responds with 400 or 409',
    rule: `${RULES.create}/responses/409`,
    source: 'assumption',
    assumption: 'a create of a tag that is taken responds with 400 or 409, and the body of an error',
    async run(t) {
      const { tag } = await t.created();
      t.error(await t.create({ tag, name: 'Made twice', secret: t.newValue() }), [400, 409]);
    },
  },
  {
    ...base,
    id: 'create-at-once',
    title: 'of two creates of one tag at once, one succeeds',
    rule: `${RULES.newSecret}/properties/tag`,
    async run(t) {
      const tag = t.newTag();
      const both = await Promise.all(
        ['One', 'Other'].map(async (name) => ({
          name,
          exchange: await t.create({ tag, name, secret: t.newValue() }),
        })),
      );
      const [won, ...more] = both.filter(({ exchange }) => exchange.status === 200);
      const exchange = both[1]?.exchange ?? (t.last as never);
      if (!won || more.length > 0) return t.fail(exchange, 'success for one of two creates at once');
      const { id } = t.secret(won.exchange, { tag, name: won.name });
      t.secret(await t.get(tag), { id, name: won.name });
    },
  },
  {
    ...base,
    id: 'create-again',
    title: 'the tag of a deleted secret can be used again, with a new id',
    rule: `${RULES.secret}/properties/id`,
    async run(t) {
      const { id, tag } = await t.created();
      t.status(await t.delete(tag), [200]);
      const again = await t.created({ tag, name: 'Created again' });
      if (again.id === id) t.fail(t.last as never, 'another id than that of the deleted secret');
      t.error(await t.get(id), [404]);
    },
  },
  {
    ...base,
    id: 'create-json-only',
    title: 'white space and the order of fields in the JSON of a create mean nothing',
    rule: `${RULES.create}/requestBody`,
    async run(t) {
      const tag = t.newTag();
      const body = new Raw(` {\n "secret" : "${t.newValue()}",\t"tag" : "${tag}", "name" : "\\u0041" }\n`);
      t.secret(await t.send('POST', '', body), { tag, name: 'A' });
    },
  },
];
