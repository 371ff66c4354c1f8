import {
  createSecret,
  type ErrorBody,
  type GetSecret404,
  type GetSecret429,
  getSecret,
  listSecrets,
} from './made/index.js';
import type { Same } from './types.js';

export const errorTypes: [Same<GetSecret404, ErrorBody>, Same<GetSecret429, ErrorBody>] = [true, true];

export async function use(baseURL: string, apiKey: string) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const created = await createSecret({ tag: 'a', name: 'A', secret: 'v' }, { baseURL, headers });
  const page = await listSecrets({ pageSize: 10 }, { baseURL, headers });
  // Its fetch client returns error bodies, too, with the type of a success.
  const missing: { status: number; data: unknown } = await getSecret('none', { baseURL, headers });
  const { type } = missing.data as GetSecret404;
  // @ts-expect-error the value is required
  const wrong = () => createSecret({ tag: 'a', name: 'A' }, { baseURL, headers });
  return { tag: created.data.tag, total: page.data.total, status: missing.status, type, wrong };
}
