/** The judge of the other tests must itself detect invalid responses. */
import { expect, test } from 'vitest';
import { judge } from './judge.js';

const headers = { 'content-type': 'application/json' };
const secret = { id: 'se1', tag: 't' };
const ok = (value: unknown) => ({ status: 200, headers, body: JSON.stringify(value) });
const page = { page: 0, secrets: [secret], total: 1, totalPages: 1 };
const error = { message: 'm', type: 'NEW_ONE' };

test.each([
  ['getSecret', ok(secret)],
  ['getSecret', ok({ ...secret, name: 'n' })],
  ['listSecrets', ok(page)],
  ['deleteSecret', { status: 200, headers: {}, body: '' }],
  ['getSecret', { status: 429, headers: { ...headers, 'retry-after': '5' }, body: JSON.stringify(error) }],
  ['getSecret', { status: 418, headers, body: JSON.stringify(error) }],
])('accepts %s %j', (operation, response) => {
  expect(judge(operation, response)).toEqual([]);
});

test.each([
  ['a value', 'getSecret', ok({ ...secret, secret: 'v' }), 'must NOT have additional properties'],
  ['a value in a list', 'listSecrets', ok({ ...page, secrets: [{ ...secret, secret: 'v' }] }), 'the body/secrets/0'],
  ['no total', 'listSecrets', ok({ ...page, total: undefined }), "must have required property 'total'"],
  ['a total that is a string', 'listSecrets', ok({ ...page, total: '1' }), 'must be integer'],
  ['a name that is null', 'getSecret', ok({ ...secret, name: null }), 'must be string'],
  ['a body of a delete', 'deleteSecret', ok({}), 'has a body'],
  ['HTML', 'getSecret', { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }, 'not JSON'],
  [
    'a 429 without Retry-After',
    'getSecret',
    { status: 429, headers, body: JSON.stringify(error) },
    'Retry-After is missing',
  ],
  ['a 429 without a body', 'getSecret', { status: 429, headers: { 'retry-after': '5' }, body: '' }, 'not JSON'],
  ['an error without a type', 'getSecret', { status: 404, headers, body: '{"message":"m"}' }, "property 'type'"],
  [
    'a Retry-After that is not a number',
    'getSecret',
    { status: 429, headers: { 'retry-after': 'soon' }, body: '' },
    'must be integer',
  ],
  [
    'an undeclared header',
    'getSecret',
    { ...ok(secret), headers: { ...headers, 'x-value': 'v' } },
    'x-value is not declared',
  ],
  ['another operation', 'getAll', ok(secret), 'unknown operation'],
])('rejects %s', (_, operation, response, problem) => {
  expect(judge(operation, response).join('; ')).toContain(problem);
});
