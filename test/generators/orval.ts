import {
  createSecret,
  type ErrorBody,
  getSecret,
  type getSecretResponse404,
  type getSecretResponse429,
  listSecrets,
} from './made/api.js';
import type { Same } from './types.js';

export const errorTypes: [
  Same<getSecretResponse404['data'], ErrorBody>,
  Same<getSecretResponse429['data'], ErrorBody>,
] = [true, true];

export async function use(_: string, apiKey: string) {
  const init = { headers: { authorization: `Bearer ${apiKey}` } };
  const created = await createSecret({ tag: 'a', name: 'A', secret: 'v' }, init);
  const page = await listSecrets({ pageSize: 10 }, init);
  const missing = await getSecret('none', init);
  // @ts-expect-error the value is required
  const wrong = () => createSecret({ tag: 'a', name: 'A' }, init);
  return {
    tag: created.status === 200 ? created.data.tag : undefined,
    total: page.status === 200 ? page.data.total : undefined,
    status: missing.status,
    type: missing.status === 404 ? missing.data.type : undefined,
    wrong,
  };
}
