// The clients that are measured side by side: each asks for the same page of secrets, and gives it as an object.
import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import axios from 'axios';
import ky from 'ky';
import { createFetch } from 'ofetch';
import OpenAI from 'openai';
import createOpenapiFetch from 'openapi-fetch';
import { request } from 'undici';
import { createSecretsClient } from '../dist/index.js';

const PATH = '/api/v1/secrets';

/** What is bundled to see what a client weighs. */
export const IMPORTS = {
  'cortex-secrets': "export { createSecretsClient, isCortexError } from '../dist/index.js';",
  'openapi-fetch': "export { default } from 'openapi-fetch';",
  ky: "export { default } from 'ky';",
  ofetch: "export { ofetch } from 'ofetch';",
  axios: "export { default } from 'axios';",
  openai: "export { default } from 'openai';",
  '@octokit/core':
    "import { Octokit } from '@octokit/core'; import { retry } from '@octokit/plugin-retry'; export default Octokit.plugin(retry);",
  'undici.request': undefined, // for Node alone
};

/**
 * @param {{ baseUrl: string, apiKey: string, pageSize: number, fetch?: typeof globalThis.fetch }} setup without `fetch`
 *   the platform's
 * @returns {Record<string, () => Promise<{ total: number }>>}
 */
export function peers({ baseUrl, apiKey, pageSize, fetch }) {
  const query = { page: 0, pageSize };
  const headers = { authorization: `Bearer ${apiKey}` };
  const url = `${baseUrl}${PATH}?page=0&pageSize=${pageSize}`;
  const given = fetch && { fetch };

  const ours = createSecretsClient({ apiKey, baseUrl, ...given });
  const openapi = createOpenapiFetch({ baseUrl, headers, ...given });
  const kyClient = ky.create({ prefixUrl: baseUrl, headers, ...given });
  const ofetchClient = createFetch({ fetch: fetch ?? globalThis.fetch, Headers, AbortController });
  const axiosClient = axios.create({ baseURL: baseUrl, headers, adapter: 'fetch', env: { ...given } });
  const openai = new OpenAI({ apiKey, baseURL: baseUrl, ...given });
  const Retrying = Octokit.plugin(retry);
  const octokit = new Retrying({ baseUrl, request: { ...given }, auth: undefined });

  return {
    'raw fetch': async () => (await (fetch ?? globalThis.fetch)(url, { headers })).json(),
    'openapi-fetch': async () => (await openapi.GET(PATH, { params: { query } })).data,
    'cortex-secrets': () => ours.list(query),
    ky: () => kyClient.get(PATH.slice(1), { searchParams: query }).json(),
    ofetch: () => ofetchClient(PATH, { baseURL: baseUrl, query, headers }),
    axios: async () => (await axiosClient.get(PATH, { params: query })).data,
    openai: () => openai.get(PATH, { query }),
    '@octokit/core': async () => (await octokit.request(`GET ${PATH}`, { ...query, headers })).data,
    ...(!fetch && {
      'undici.request': async () => (await request(url, { headers })).body.json(),
    }),
  };
}
