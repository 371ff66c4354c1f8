import { createClient } from './made/client/index.js';
import {
  createSecret,
  type ErrorBody,
  type GetSecretErrors,
  getSecret,
  listSecrets,
  type Secret,
} from './made/index.js';
import type { Same } from './types.js';

export const errorTypes: [Same<GetSecretErrors[404], ErrorBody>, Same<GetSecretErrors[429], ErrorBody>] = [true, true];

export async function use(url: string, apiKey: string) {
  const client = createClient({ baseUrl: url, auth: apiKey });
  const { data } = await createSecret({ client, body: { tag: 'a', name: 'A', secret: 'v' } });
  const created: Secret | undefined = data;
  const page = (await listSecrets({ client, query: { pageSize: 10 } })).data;
  const { error, response } = await getSecret({ client, path: { tagOrId: 'none' } });
  const typed: Same<typeof error, ErrorBody | undefined> = true;
  // @ts-expect-error the value is required
  const wrong = () => createSecret({ client, body: { tag: 'a', name: 'A' } });
  return { tag: created?.tag, total: page?.total, status: response?.status, type: error?.type, typed, wrong };
}
