/** The key: every operation needs it, and does nothing without it. */
import type { Check } from '../check.js';
import { RULES } from '../rules.js';
import { pathOf, type Secret, type Tester } from '../tester.js';
import type { ContractOperation } from '../types.js';

interface Guarded {
  readonly operation: ContractOperation;
  readonly rule: string;
  readonly method: string;
  readonly path: (secret: Secret) => string;
  readonly body?: (t: Tester, newTag: string) => object;
}

const OPERATIONS: readonly Guarded[] = [
  { operation: 'listSecrets', rule: RULES.list, method: 'GET', path: () => '?page=0&pageSize=1' },
  {
    operation: 'createSecret',
    rule: RULES.create,
    method: 'POST',
    path: () => '',
    body: (t, tag) => ({ tag, name: 'Made without a key', secret: t.newValue() }),
  },
  { operation: 'getSecret', rule: RULES.get, method: 'GET', path: ({ tag }) => pathOf(tag) },
  {
    operation: 'updateSecret',
    rule: RULES.update,
    method: 'PUT',
    path: ({ tag }) => pathOf(tag),
    body: () => ({ name: 'Changed without a key' }),
  },
  { operation: 'deleteSecret', rule: RULES.delete, method: 'DELETE', path: ({ tag }) => pathOf(tag) },
];

export const AUTH_CHECKS: readonly Check[] = [
  ...OPERATIONS.map(
    ({ operation, rule, method, path, body }): Check => ({
      id: `key-${operation}`,
      title: `${operation} needs the key: without one, and with a wrong one, it is rejected and does nothing`,
      operation,
      rule: '#/security',
      source: 'documented',
      async run(t) {
        const secret = await t.shared();
        const newTag = t.newTag();
        for (const authorization of [null, `Bearer ${t.session.otherKey}`]) {
          const exchange = await t.send(method, path(secret), body?.(t, newTag), authorization);
          if (exchange.status < 400 || exchange.status > 499)
            t.fail(exchange, 'a status from 400 to 499', '#/security');
        }
        t.secret(await t.get(secret.tag), secret);
        if (method === 'POST') t.error(await t.get(newTag), [404], `${rule}/description`);
      },
    }),
  ),
  {
    id: 'key-scheme',
    title: 'the key is taken in the scheme Bearer only',
    operation: 'getSecret',
    rule: '#/components/securitySchemes/bearerAuth',
    source: 'documented',
    async run(t) {
      const { tag } = await t.shared();
      for (const scheme of ['Basic', 'none'] as const) {
        const exchange = await t.send('GET', pathOf(tag), undefined, t.session.authorization(scheme));
        if (exchange.status < 400 || exchange.status > 499) t.fail(exchange, 'a status from 400 to 499');
      }
    },
  },
  {
    id: 'key-401',
    title: 'a missing or wrong key gets 401, with the body of an error',
    operation: 'listSecrets',
    rule: `${RULES.response}/Unauthorized`,
    source: 'assumption',
    assumption: 'a missing or wrong key gets 401, with the body of an error',
    async run(t) {
      for (const authorization of [null, `Bearer ${t.session.otherKey}`])
        t.error(await t.send('GET', '?page=0&pageSize=1', undefined, authorization), [401]);
    },
  },
  {
    id: 'key-401-challenge',
    title: 'a 401 has the header WWW-Authenticate',
    operation: 'listSecrets',
    rule: `${RULES.response}/Unauthorized/headers/WWW-Authenticate`,
    source: 'assumption',
    assumption: 'a 401 has the header WWW-Authenticate',
    async run(t) {
      const exchange = await t.send('GET', '?page=0&pageSize=1', undefined, null);
      const header = exchange.headers.get('www-authenticate');
      t.observation = header === null ? `${exchange.status} without WWW-Authenticate` : `WWW-Authenticate: ${header}`;
      if (header === null) t.fail(exchange, 'the header WWW-Authenticate');
    },
  },
];
