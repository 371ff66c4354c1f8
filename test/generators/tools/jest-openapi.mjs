// jest-openapi, which only supports OpenAPI 3.0, accepts the responses of the in-memory Cortex, and rejects a wrong one.
import axios from 'axios';
import { expect } from 'expect';
import jestOpenApi from 'jest-openapi';

globalThis.expect = expect;
const [folder, json] = process.argv.slice(2);
const { baseUrl, apiKey } = JSON.parse(json);
jestOpenApi.default(`${folder}/openapi-3.0.json`);

const all = '/api/v1/secrets';
const authorization = `Bearer ${apiKey}`;
const client = axios.create({ baseURL: baseUrl, headers: { authorization }, validateStatus: () => true });
const secret = { tag: 'a', name: 'A', secret: 'v' };
const expected = [
  [200, await client.post(all, secret)],
  [409, await client.post(all, secret)],
  [400, await client.post(all, {})],
  [200, await client.get(all)],
  [400, await client.get(`${all}?pageSize=0`)],
  [200, await client.get(`${all}/a`)],
  [401, await client.get(`${all}/a`, { headers: { authorization: 'Bearer unknown' } })],
  [200, await client.put(`${all}/a`, { name: 'B' })],
  [404, await client.put(`${all}/none`, { name: 'B' })],
  [200, await client.delete(`${all}/a`)],
  [404, await client.delete(`${all}/a`)],
];
for (const [status, response] of expected) {
  expect(response.status).toBe(status);
  expect(response).toSatisfyApiSpec();
}
const [, , , [, page]] = expected;
expect({ ...page, data: { ...page.data, total: 'many' } }).not.toSatisfyApiSpec();
