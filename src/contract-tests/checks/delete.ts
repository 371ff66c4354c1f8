/** Deletes: by tag, by id, again, and what stays. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import type { Secret, Tester } from '../tester.js';

const base = { operation: 'deleteSecret', source: 'documented' } as const;

async function isGone(t: Tester, { id, tag }: Secret): Promise<void> {
  t.error(await t.get(tag), [404]);
  t.error(await t.get(id), [404]);
  await t.stable(async (differs) => {
    const { secrets, last } = await t.walk();
    if (secrets.some((one) => one.id === id || one.tag === tag)) differs(last, `no deleted secret ${tag} in the list`);
  });
}

export const DELETE_CHECKS: readonly Check[] = [
  {
    ...base,
    id: 'delete',
    title: 'a delete by tag responds with 200; the secret is gone by its tag, its id and from the list',
    rule: `${RULES.delete}/responses/200`,
    async run(t) {
      const secret = await t.created();
      t.secret(await t.get(secret.id), secret);
      t.status(await t.delete(secret.tag), [200]);
      await isGone(t, secret);
    },
  },
  {
    ...base,
    id: 'delete-by-id',
    title: 'a delete finds the secret by its id',
    rule: `${RULES.delete}/parameters/0`,
    async run(t) {
      const secret = await t.created();
      t.status(await t.delete(secret.id), [200]);
      t.error(await t.get(secret.tag), [404]);
    },
  },
  {
    ...base,
    id: 'delete-body',
    title: 'the 200 of a delete has no body',
    rule: `${RULES.delete}/responses/200`,
    source: 'assumption',
    assumption: 'the 200 of a delete has no body',
    async run(t) {
      const { tag } = await t.created();
      const exchange = await t.delete(tag);
      t.status(exchange, [200]);
      t.observation = exchange.text === '' ? '200 without a body' : `200 with ${exchange.text.length} characters`;
      if (exchange.text !== '') t.fail(exchange, 'no body');
    },
  },
  {
    ...base,
    id: 'delete-again',
    title: 'a second delete responds with 404',
    rule: `${RULES.delete}/responses/404`,
    async run(t) {
      const { id, tag } = await t.created();
      t.status(await t.delete(tag), [200]);
      t.error(await t.delete(tag), [404]);
      t.error(await t.delete(id), [404]);
      t.error(await t.delete(t.newTag()), [404]);
    },
  },
  {
    ...base,
    id: 'delete-one',
    title: 'a delete takes no other secret, also if its tag begins alike',
    rule: `${RULES.delete}/description`,
    async run(t) {
      const tag = t.newTag('-a');
      const sibling = await t.created({ tag: `${tag}-b` });
      const parent = await t.created({ tag: tag.slice(0, -1) });
      await t.created({ tag });
      t.status(await t.delete(tag), [200]);
      t.secret(await t.get(sibling.tag), sibling);
      t.secret(await t.get(parent.tag), parent);
    },
  },
];
