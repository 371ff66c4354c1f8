// The clients that are measured side by side, and how each of them does the same work.
import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import axios from 'axios';
import ky from 'ky';
import { createFetch } from 'ofetch';
import OpenAI from 'openai';
import { AbstractPage } from 'openai/core/pagination';
import createOpenapiFetch from 'openapi-fetch';
import { Agent, interceptors, request } from 'undici';
import { createSecretsClient } from '../dist/index.js';
import { apiKey } from './work.js';

const PATH = '/api/v1/secrets';

/** What is bundled to see what a client weighs. */
export const IMPORTS = {
  'cortex-secrets': "export { createSecretsClient, isCortexError } from '../dist/index.js';",
  'openapi-fetch': "export { default } from 'openapi-fetch';",
  ky: "export { default } from 'ky';",
  ofetch: "export { ofetch } from 'ofetch';",
  axios: "export { default } from 'axios';",
  openai: "export { default } from 'openai';",
  'octokit + retry':
    "import { Octokit } from '@octokit/core'; import { retry } from '@octokit/plugin-retry'; export default Octokit.plugin(retry);",
  'undici.request': undefined, // for Node alone
};

/** So often a refused create is repeated: our default, given to each peer that can repeat. */
const RETRIES = 3;

/**
 * Each peer as its users have it, and set to repeat a refused create where it can do that.
 *
 * @param {{ baseUrl: string, fetch?: typeof globalThis.fetch }} setup without `fetch` the platform's
 */
function clients({ baseUrl, fetch }) {
  const given = fetch && { fetch };
  const headers = { authorization: `Bearer ${apiKey}` };
  const Retrying = Octokit.plugin(retry);
  return {
    headers,
    ours: createSecretsClient({ apiKey, baseUrl, ...given }),
    openapi: createOpenapiFetch({ baseUrl, headers, ...given }),
    ky: ky.create({ prefixUrl: baseUrl, headers, ...given }),
    ofetch: createFetch({ fetch: fetch ?? globalThis.fetch, Headers, AbortController }),
    axios: axios.create({ baseURL: baseUrl, headers, adapter: 'fetch', env: { ...given } }),
    openai: new OpenAI({ apiKey, baseURL: baseUrl, maxRetries: RETRIES, ...given }),
    octokit: new Retrying({ baseUrl, request: { ...given } }),
  };
}

/**
 * One page, as an object.
 *
 * @returns {Record<string, () => Promise<{ total: number }>>}
 */
export function readers({ baseUrl, pageSize, fetch }) {
  const { headers, ours, openapi, ky, ofetch, axios, openai, octokit } = clients({ baseUrl, fetch });
  const query = { page: 0, pageSize };
  const url = `${baseUrl}${PATH}?page=0&pageSize=${pageSize}`;
  return {
    'raw fetch': async () => (await (fetch ?? globalThis.fetch)(url, { headers })).json(),
    'cortex-secrets': () => ours.list(query),
    'openapi-fetch': async () => (await openapi.GET(PATH, { params: { query } })).data,
    ky: () => ky.get(PATH.slice(1), { searchParams: query }).json(),
    ofetch: () => ofetch(PATH, { baseURL: baseUrl, query, headers }),
    axios: async () => (await axios.get(PATH, { params: query })).data,
    openai: () => openai.get(PATH, { query }),
    'octokit + retry': async () => (await octokit.request(`GET ${PATH}`, { ...query, headers })).data,
    ...(!fetch && { 'undici.request': async () => (await request(url, { headers })).body.json() }),
  };
}

/** How a Stainless client is told of numbered pages. */
class NumberedPage extends AbstractPage {
  constructor(client, response, body, options) {
    super(client, response, body, options);
    Object.assign(this, body);
  }
  getPaginatedItems() {
    return this.secrets;
  }
  nextPageRequestOptions() {
    const page = this.page + 1;
    return page < this.totalPages ? { ...this.options, query: { ...this.options.query, page } } : null;
  }
}

/**
 * Every secret, one by one, with what the peer has for that.
 *
 * @returns {Record<string, (() => AsyncIterable<unknown>) | undefined>}
 */
export function listers({ baseUrl }) {
  const { headers, ours, openai } = clients({ baseUrl });
  return {
    'raw fetch': async function* () {
      for (let page = 0, pages = 1; page < pages; page++) {
        const answer = await (await fetch(`${baseUrl}${PATH}?page=${page}&pageSize=1000`, { headers })).json();
        pages = answer.totalPages;
        yield* answer.secrets;
      }
    },
    'cortex-secrets': () => ours.listAll(),
    openai: () => openai.getAPIList(PATH, NumberedPage, { query: { page: 0, pageSize: 1000 } }),
  };
}

/**
 * Creates one secret, and repeats that while it is refused.
 *
 * @returns {Record<string, (secret: { tag: string, name: string, secret: string }) => Promise<unknown>>}
 */
export function creators({ baseUrl }) {
  const { headers, ours, ky, ofetch, openai, octokit } = clients({ baseUrl });
  const repeated = { maxRetries: RETRIES, statusCodes: [429], methods: ['POST'] };
  const dispatcher = new Agent().compose(interceptors.retry(repeated));
  const url = `${baseUrl}${PATH}`;
  return {
    'cortex-secrets': (body) => ours.create(body),
    // Its time limit holds for all attempts together: off, since the waits are long here.
    ky: (json) => ky.post(PATH.slice(1), { json, retry: { limit: RETRIES, methods: ['post'] }, timeout: false }).json(),
    ofetch: (body) =>
      ofetch(PATH, { baseURL: baseUrl, method: 'POST', headers, body, retry: RETRIES, retryStatusCodes: [429] }),
    openai: (body) => openai.post(PATH, { body }),
    'octokit + retry': (body) => octokit.request(`POST ${PATH}`, { ...body, headers }),
    'undici.request': async (body) => {
      const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
      const answer = await request(url, { ...init, body: JSON.stringify(body), dispatcher });
      const value = await answer.body.json();
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}`);
      return value;
    },
  };
}
