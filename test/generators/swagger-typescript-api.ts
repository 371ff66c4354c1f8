import { Api, type ErrorBody, type HttpResponse, type Secret } from './made/api.js';
import type { Same } from './types.js';

export async function use(url: string, apiKey: string) {
  const securityWorker = () => ({ headers: { authorization: `Bearer ${apiKey}` } });
  const { api } = new Api({ baseUrl: url, securityWorker });
  const { data } = await api.createSecret({ tag: 'a', name: 'A', secret: 'v' });
  const page = await api.listSecrets({ pageSize: 10 });
  const request = api.getSecret('none');
  // One error type for all statuses.
  const typed: Same<typeof request, Promise<HttpResponse<Secret, ErrorBody>>> = true;
  const missing = await request.then(() => undefined).catch((response: HttpResponse<Secret, ErrorBody>) => response);
  // @ts-expect-error the value is required
  const wrong = () => api.createSecret({ tag: 'a', name: 'A' });
  return { tag: data.tag, total: page.data.total, status: missing?.status, type: missing?.error.type, typed, wrong };
}
