// TanStack Query over `secrets.api`, which is an openapi-fetch client: openapi-react-query takes it as it is.
//
// For a tool of your own, whose server holds the API key and stands at `baseUrl`: a key that a browser has, everybody has.
import { QueryClient } from '@tanstack/react-query';
import { isCortexError, type SecretsClient } from 'cortex-secrets';
import type { paths } from 'cortex-secrets/schema';
import createQueries, { type OpenapiQueryClient } from 'openapi-react-query';
import { useActionState } from 'react';

/** The client retries, and waits as long as the server asks it to; what retries above it multiplies that. */
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

/** A form for a new value. It goes by the method, not by `useMutation`: TanStack keeps what a mutation was called with. */
export function NewValue({ secrets, tag }: { secrets: SecretsClient; tag: string }) {
  const [said, send, isPending] = useActionState(async (_: string, form: FormData) => {
    try {
      await secrets.update(tag, { secret: String(form.get('value')) });
      return 'Stored';
    } catch (error) {
      if (isCortexError(error)) return error.message; // it holds no value
      throw error;
    }
  }, '');
  return (
    <form action={send}>
      <input name="value" type="password" autoComplete="off" aria-label={`New value of ${tag}`} required />
      <button type="submit" disabled={isPending}>
        Store
      </button>
      <output>{said}</output>
    </form>
  );
}
