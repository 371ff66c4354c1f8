import { isErrorFromAlias, type ZodiosErrorByAlias } from '@zodios/core';
import type { z } from 'zod';
import { api, createApiClient, type schemas } from './made/api.js';
import type { Same } from './types.js';

type ErrorBody = z.infer<typeof schemas.ErrorBody>;
type ErrorOf<Alias extends 'createSecret' | 'getSecret', Status extends number> = ZodiosErrorByAlias<
  typeof api.api,
  Alias,
  Status
>;
export const errorTypes: [
  Same<ErrorOf<'getSecret', 404>, ErrorBody>,
  Same<ErrorOf<'getSecret', 429>, ErrorBody>,
  Same<ErrorOf<'createSecret', 409>, ErrorBody>,
] = [true, true, true];

export async function use(url: string, apiKey: string) {
  const client = createApiClient(url, { axiosConfig: { headers: { authorization: `Bearer ${apiKey}` } } });
  const { tag } = await client.createSecret({ tag: 'a', name: 'A', secret: 'v' });
  const { total } = await client.listSecrets({ queries: { pageSize: 10 } });
  const error: unknown = await client.getSecret({ params: { tagOrId: 'none' } }).catch((thrown) => thrown);
  const known =
    isErrorFromAlias(api.api, 'getSecret', error) && error.response.status === 404 ? error.response : undefined;
  // @ts-expect-error the value is required
  const wrong = () => client.createSecret({ tag: 'a', name: 'A' });
  return { tag, total, status: known?.status, type: known?.data.type, wrong };
}
