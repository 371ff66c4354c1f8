/** Updates: of the name, the value, both, by id, and of what is missing. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import type { Secret, Tester } from '../tester.js';
import { NAMES } from './create.js';

const base = { operation: 'updateSecret', source: 'documented' } as const;

/** Updates must be seen at once by tag, by id and in the list. */
async function updates(t: Tester, secret: Secret, key: 'tag' | 'id', fields: { name?: string; secret?: string }) {
  const expected: Secret = { id: secret.id, tag: secret.tag, name: fields.name ?? secret.name };
  t.secret(await t.update(secret[key], fields), expected);
  t.secret(await t.get(secret.tag), expected);
  t.secret(await t.get(secret.id), expected);
  return expected;
}

export const UPDATE_CHECKS: readonly Check[] = [
  {
    ...base,
    id: 'update-name',
    title: 'an update of the name changes it at once, by tag, by id and in the list; id and tag stay',
    rule: `${RULES.update}/responses/200`,
    async run(t) {
      const secret = await t.created();
      await t.walk();
      const { name } = await updates(t, secret, 'tag', { name: 'Renamed' });
      await t.stable(async (differs) => {
        const { secrets, last } = await t.walk();
        const found = secrets.find(({ id }) => id === secret.id);
        if (found?.name !== name) differs(last, `the secret ${secret.tag} with its new name in the list`);
      });
      const again = await updates(t, secret, 'tag', { name: 'Renamed again' });
      await updates(t, again, 'tag', { name: 'Renamed' });
    },
  },
  {
    ...base,
    id: 'update-value',
    title: 'an update of the value keeps the name',
    rule: `${RULES.update}/description`,
    source: 'observed',
    async run(t) {
      const secret = await t.created();
      const again = await updates(t, secret, 'tag', { secret: t.newValue() });
      await updates(t, again, 'tag', { secret: t.newValue() });
    },
  },
  {
    ...base,
    id: 'update-both',
    title: 'an update of name and value changes the name',
    rule: `${RULES.update}/responses/200`,
    run: async (t) => void (await updates(t, await t.created(), 'tag', { name: 'Both', secret: t.newValue() })),
  },
  {
    ...base,
    id: 'update-by-id',
    title: 'an update finds the secret by its id',
    rule: `${RULES.update}/parameters/0`,
    run: async (t) => void (await updates(t, await t.created(), 'id', { name: 'By id', secret: t.newValue() })),
  },
  {
    ...base,
    id: 'update-names',
    title: 'an update stores a name exactly',
    rule: `${RULES.changes}/properties/name`,
    async run(t) {
      const { tag } = await t.created();
      for (const [, , name] of NAMES) t.secret(await t.update(tag, { name }), { tag, name });
      t.secret(await t.get(tag), { tag, name: NAMES.at(-1)?.[2] });
      const [, , spaces] = NAMES[0] as (typeof NAMES)[number];
      t.secret(await t.update(tag, { name: spaces }), { name: spaces });
      t.secret(await t.get(tag), { name: spaces });
    },
  },
  {
    ...base,
    id: 'update-values',
    title: 'an update takes a value of several lines, and of 1 MB',
    rule: `${RULES.update}/description`,
    async run(t) {
      const { tag } = await t.created();
      for (const ending of ['\nline two\n', ` ${'x'.repeat(1_000_000)}`])
        t.secret(await t.update(tag, { secret: t.newValue(ending) }), { tag });
    },
  },
  {
    ...base,
    id: 'update-missing',
    title: 'an update of a missing secret responds with 404, and creates nothing',
    rule: `${RULES.update}/responses/404`,
    async run(t) {
      const tag = t.newTag();
      t.session.toRemove.add(tag);
      t.error(await t.update(tag, { name: 'Missing', secret: t.newValue() }), [404]);
      t.error(await t.get(tag), [404]);
      t.session.toRemove.delete(tag);
    },
  },
];
