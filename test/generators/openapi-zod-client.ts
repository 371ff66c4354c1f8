import { isErrorFromAlias } from '@zodios/core';
import { api, createApiClient, schemas } from './made/api.js';

export async function use(url: string, apiKey: string) {
  const client = createApiClient(url, { axiosConfig: { headers: { authorization: `Bearer ${apiKey}` } } });
  const { tag } = await client.createSecret({ tag: 'a', name: 'A', secret: 'v' });
  const { total } = await client.listSecrets({ queries: { pageSize: 10 } });
  const error: unknown = await client.getSecret({ params: { tagOrId: 'none' } }).catch((thrown) => thrown);
  const known = isErrorFromAlias(api.api, 'getSecret', error) ? error.response : undefined;
  const parsed = schemas.Error.safeParse(known?.data);
  // @ts-expect-error the value is required
  const wrong = () => client.createSecret({ tag: 'a', name: 'A' });
  return { tag, total, status: known?.status, type: parsed.success ? parsed.data.type : undefined, wrong };
}
