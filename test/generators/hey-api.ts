import { createClient } from './made/client/index.js';
import { createSecret, type ErrorBody, getSecret, listSecrets, type Secret } from './made/index.js';

export async function use(url: string, apiKey: string) {
  const client = createClient({ baseUrl: url, auth: apiKey });
  const { data } = await createSecret({ client, body: { tag: 'a', name: 'A', secret: 'v' } });
  const created: Secret | undefined = data;
  const page = (await listSecrets({ client, query: { pageSize: 10 } })).data;
  const { error, response } = await getSecret({ client, path: { tagOrId: 'none' } });
  // The body of a 429 is `unknown`, which absorbs the types of the others.
  const problem = error as ApiError | undefined;
  // @ts-expect-error the value is required
  const wrong = () => createSecret({ client, body: { tag: 'a', name: 'A' } });
  return { tag: created?.tag, total: page?.total, status: response?.status, type: problem?.type, wrong };
}
