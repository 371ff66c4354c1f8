import { createClient } from './made/client/index.js';
import { createSecret, type ErrorBody, getSecret, listSecrets, type Secret } from './made/index.js';

export async function use(url: string, apiKey: string) {
  const client = createClient({ baseUrl: url, auth: apiKey });
  const { data } = await createSecret({ client, body: { tag: 'a', name: 'A', secret: 'v' } });
  const created: Secret | undefined = data;
  const page = (await listSecrets({ client, query: { pageSize: 10 } })).data;
  const { error, response } = await getSecret({ client, path: { tagOrId: 'none' } });
  // 429 has no documented body, and its `unknown` swallows the type of the others.
  const problem = error as ErrorBody | undefined;
  // @ts-expect-error a secret without a value is none
  const wrong = () => createSecret({ client, body: { tag: 'a', name: 'A' } });
  return { tag: created?.tag, total: page?.total, status: response?.status, type: problem?.type, wrong };
}
