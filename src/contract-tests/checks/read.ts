/** Gets: by tag, by id, and of what is missing. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import { pathOf } from '../tester.js';

const base = { operation: 'getSecret', source: 'documented' } as const;

export const READ_CHECKS: readonly Check[] = [
  {
    ...base,
    id: 'get-missing',
    title: 'a get of a tag or an id that does not exist responds with 404',
    rule: `${RULES.get}/responses/404`,
    async run(t) {
      const secret = await t.created({ tag: t.newTag('-ab') });
      // The beginning of a tag or an id, and more than it, are other ones.
      for (const other of [secret.tag.slice(0, -1), `${secret.tag}-`, `${secret.id}0`])
        t.error(await t.get(other), [404]);
    },
  },
  {
    ...base,
    id: 'get-encoded',
    title: 'a percent-encoded tag is the tag',
    rule: `${RULES.get}/parameters/0`,
    async run(t) {
      const secret = await t.created();
      t.secret(await t.send('GET', `/%76${secret.tag.slice(1)}`), secret);
    },
  },
  {
    ...base,
    id: 'get-other-path',
    title: 'a tag with a slash and more behind it is not the tag',
    rule: `${RULES.get}/parameters/0`,
    async run(t) {
      const { tag } = await t.created();
      const exchange = await t.send('GET', pathOf(`${tag}/more`));
      if (exchange.status < 400 || exchange.status > 499) t.fail(exchange, 'a status from 400 to 499');
    },
  },
  {
    ...base,
    id: 'error-http-status',
    title: 'httpStatus of an error is its status',
    rule: `${RULES.error}/properties/httpStatus`,
    source: 'assumption',
    assumption: 'httpStatus of an error is its status',
    async run(t) {
      const exchange = await t.get(t.newTag());
      const { httpStatus } = t.json(exchange);
      t.observation = `${exchange.status}, httpStatus ${JSON.stringify(httpStatus) ?? 'missing'}`;
      if (httpStatus !== undefined && httpStatus !== exchange.status)
        t.fail(exchange, `httpStatus: ${exchange.status}`);
    },
  },
];
