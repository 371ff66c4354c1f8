/** Servers that break the contract, and the step of spec/lifecycle.arazzo.yaml that must find each. */
import type { FakeHttpResponse } from '../../src/testing/responses.js';
import { edited, isList, type Tamper, unprocessed } from './tampered-cortex.js';

const crash: FakeHttpResponse = { status: 500, headers: { 'content-type': 'text/html' }, body: '<h1>Error</h1>' };

const jsonResponse = async (value: object): Promise<FakeHttpResponse> => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

interface ServerFault {
  /** What the server does, as a row of the table in docs/contract-testing.md begins if the fault has one. */
  fault: string;
  step: string;
  tamper: Tamper;
}

export const SERVER_FAULTS: readonly ServerFault[] = [
  {
    fault: 'crashes on an update without a field',
    step: 'updateNothing',
    tamper: async ({ method, body }, respond) => (method === 'PUT' && body === '{}' ? crash : respond()),
  },
  {
    fault: 'crashes on an update without a body',
    step: 'updateWithoutBody',
    tamper: async ({ method, body }, respond) => (method === 'PUT' && body === '' ? crash : respond()),
  },
  {
    fault: 'takes a `pageSize` over 1000',
    step: 'pageTooLarge',
    tamper: (request, respond) =>
      respond({ ...request, target: request.target.replace('pageSize=1001', 'pageSize=1000') }),
  },
  {
    fault: 'returns the value of a secret',
    step: 'create',
    tamper: edited('POST', 200, (body, { body: sent }) => ({ ...body, secret: JSON.parse(String(sent)).secret })),
  },
  {
    fault: 'returns a page without `total`',
    step: 'listOne',
    tamper: edited('GET', 200, ({ total, ...rest }) => (isList(rest) ? rest : { ...rest, total })),
  },
  {
    fault: 'responds to a delete, but deletes nothing',
    step: 'getDeleted',
    tamper: unprocessed('DELETE', { status: 200, headers: {}, body: '' }),
  },
  {
    fault: 'responds to an update, but does not change the value',
    step: 'getUpdated',
    tamper: async (request, respond) => {
      if (request.method !== 'PUT' || request.body === '{}') return respond();
      const response = await respond();
      await respond({ ...request, body: '{"name":"Made to verify the contract"}' });
      return response;
    },
  },
  {
    fault: 'creates a secret whose tag exists',
    step: 'clash',
    tamper: async (_, respond) => {
      const response = await respond();
      return response.status === 409 ? { ...response, status: 200, body: '{"id":"se1","tag":"verified"}' } : response;
    },
  },
  {
    fault: 'leaves the secret out of a list',
    step: 'listAll',
    tamper: edited('GET', 200, (body) =>
      isList(body) && Number((body.secrets as unknown[]).length) > 1
        ? { ...body, secrets: (body.secrets as { tag: string }[]).filter(({ tag }) => tag !== 'verified') }
        : body,
    ),
  },
  {
    fault: 'does not check the API key',
    step: 'wrongKey',
    tamper: (request, respond) =>
      request.header('authorization') === 'Bearer not-a-key' ? jsonResponse({ id: 'se1', tag: 'verified' }) : respond(),
  },
];
