// TanStack Query on `secrets.api`, which is an openapi-fetch client and works with openapi-react-query as it is.
//
// For an internal tool whose own server at `baseUrl` adds the API key: never send the key to a browser.
import { QueryClient } from '@tanstack/react-query';
import { isCortexError, type SecretsClient } from 'cortex-secrets';
import type { paths } from 'cortex-secrets/schema';
import createQueries, { type OpenapiQueryClient } from 'openapi-react-query';
import { useActionState } from 'react';

/** Without retries of TanStack Query: the client already retries and respects `Retry-After`. */
export const newQueryClient = () => new QueryClient({ defaultOptions: { queries: { retry: false } } });

export type SecretsQueries = OpenapiQueryClient<paths>;

/** `useQuery`, `useSuspenseQuery`, `queryOptions` and the like, with the contract's paths and types. */
export const secretsQueries = (secrets: SecretsClient): SecretsQueries => createQueries(secrets.api);

/** The tags and names of the first secrets. */
export function SecretList({ queries }: { queries: SecretsQueries }) {
  const params = { query: { page: 0, pageSize: 250 } };
  const { data } = queries.useSuspenseQuery('get', '/api/v1/secrets', { params });
  return (
    <ul>
      {data.secrets.map(({ id, tag, name }) => (
        <li key={id}>
          {tag}: {name}
        </li>
      ))}
    </ul>
  );
}

/** A form for a new value. It does not use `useMutation`, since TanStack Query keeps the variables of a mutation. */
export function NewValue({ secrets, tag }: { secrets: SecretsClient; tag: string }) {
  const [message, send, isPending] = useActionState(async (_: string, form: FormData) => {
    try {
      await secrets.update(tag, { secret: String(form.get('value')) });
      return 'Stored';
    } catch (error) {
      if (isCortexError(error)) return error.message; // contains no value
      throw error;
    }
  }, '');
  return (
    <form action={send}>
      <input name="value" type="password" autoComplete="off" aria-label={`New value of ${tag}`} required />
      <button type="submit" disabled={isPending}>
        Store
      </button>
      <output>{message}</output>
    </form>
  );
}
