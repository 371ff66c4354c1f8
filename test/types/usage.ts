/** Code that must compile, and code that must not. Checked by `npm test`; never run. */
import {
  ApiError,
  createSecretsClient,
  type ErrorType,
  isCortexError,
  type NewSecret,
  type Secret,
  type SecretPage,
  type SecretUpdate,
} from 'cortex-secrets';
import { createFakeCortex, type Fault, type FaultOptions } from 'cortex-secrets/testing';
import type { fetch as FetchOfUndici } from 'undici-types';
import type { components, operations, paths } from '../../generated/schema.js';

const secrets = createSecretsClient({ apiKey: async () => 'k', retry: { limit: 1 }, deadlineMs: 5, maxConcurrency: 2 });
createSecretsClient();
createSecretsClient({ fetch: globalThis.fetch, baseUrl: new URL('https://a.test'), retry: false });

declare const undici: { fetch: typeof FetchOfUndici };
createSecretsClient({ fetch: undici.fetch });
createSecretsClient({ fetch: (url, init) => undici.fetch(url, { ...init, keepalive: true }) });

// @ts-expect-error a misspelt option
createSecretsClient({ apikey: 'k' });
// @ts-expect-error retry can't be true
createSecretsClient({ retry: true });
// An option may be undefined, also under exactOptionalPropertyTypes.
createSecretsClient({ apiKey: undefined, baseUrl: undefined, retry: undefined, onAttempt: undefined });

export async function methods(): Promise<void> {
  const page: SecretPage = await secrets.list({ page: 0, pageSize: 10 }, { timeoutMs: 5, retry: false });
  const first: Secret | undefined = page.secrets[0];
  const name: string | undefined = first?.name;
  const id: string = (await secrets.get('a', { signal: AbortSignal.timeout(5) })).id;
  const input: NewSecret = { tag: 't', name: 'n', secret: 's' };
  const change: SecretUpdate = { secret: 's' };
  await secrets.create(input);
  await secrets.update('a', change);
  await secrets.delete('a');
  for await (const secret of secrets.listAll()) console.log(secret.tag, name, id);

  // @ts-expect-error create requires the value
  await secrets.create({ tag: 't', name: 'n' });
  // @ts-expect-error the value must be a string
  await secrets.create({ tag: 't', name: 'n', secret: 5 });
  // @ts-expect-error the tag can't be changed
  await secrets.update('a', { tag: 'b' });
  // @ts-expect-error a response never contains the value
  (await secrets.get('a')).secret;
  // @ts-expect-error the tag or id must be a string
  await secrets.get(5);
  // @ts-expect-error a misspelt option of one call
  await secrets.get('a', { timeout: 5 });
  // @ts-expect-error the name may be missing
  const requiredName: string = (await secrets.get('a')).name;
  console.log(requiredName);
}

export async function api(): Promise<void> {
  const { data, error, response } = await secrets.api.GET('/api/v1/secrets/{tagOrId}', {
    params: { path: { tagOrId: 'a' } },
  });
  if (data) console.log(data.id, response.status);
  else console.log(error?.message, error?.type); // a 429 has no body
  // @ts-expect-error a path that is not in the contract
  await secrets.api.GET('/api/v1/secret');
  // @ts-expect-error the path requires its tag
  await secrets.api.GET('/api/v1/secrets/{tagOrId}');
}

export function errors(error: unknown): string {
  if (!isCortexError(error)) throw error;
  // The name narrows the type to one class.
  if (error.name === 'ApiError') {
    const type: ErrorType | undefined = error.type;
    if (type === 'NOT_FOUND' || type === 'A_TYPE_THAT_WILL_COME') return `${error.status} ${error.requestId}`;
    return error.violations?.[0]?.description ?? '';
  }
  if (error.name === 'ConnectionError') return `${error.timedOut} ${error.code} ${error.outcome}`;
  // @ts-expect-error a ContractError has no type
  error.type;
  return error instanceof ApiError ? '' : error.pointer;
}

export type FromTheSchema = [
  paths['/api/v1/secrets']['get'],
  components['schemas']['ErrorBody'],
  operations['createSecret']['requestBody'],
];

export function fake(given: {
  status?: number | undefined;
  name?: string | undefined;
  times?: number | undefined;
}): void {
  const { name, times } = given;
  const seed = [{ tag: 't', secret: 's', name, id: undefined }];
  const rest = { apiKey: name, rateLimit: undefined, latencyMs: times, now: undefined, random: undefined };
  const cortex = createFakeCortex({ seed, ...rest });
  createSecretsClient({ ...cortex.clientOptions, retry: false });
  const fault: Fault = { status: 503, retryAfter: times, message: name, type: name, processed: undefined };
  const options: FaultOptions = { times, when: undefined };
  const recover: () => void = cortex.fail('get', fault, options);
  cortex.fail('any', { redirectTo: '/', status: given.status }, { when: ({ tagOrId }) => tagOrId === 'a' });
  cortex.fail('list', 'log-in page');
  const value: string | undefined = cortex.storedValue('t');
  console.log(value, recover);
  // @ts-expect-error an unknown fault
  cortex.fail('get', 'log-in');
  // @ts-expect-error an unknown operation
  cortex.fail('lists', 'not JSON');
  // @ts-expect-error an unknown option
  cortex.fail('get', 'not JSON', { while: () => true });
}
