// Uses the Cortex API from a Backstage plugin. Backstage's proxy adds the key, so the browser never has it:
//
//   # app-config.yaml of Backstage
//   proxy:
//     endpoints:
//       /cortex:
//         target: https://api.getcortexapp.com
//         headers:
//           Authorization: Bearer ${CORTEX_API_KEY}
//
// Everybody who may use this endpoint of Backstage has the rights of the key.
import { createSecretsClient, type SecretsClient } from 'cortex-secrets';

/** `DiscoveryApi` and `FetchApi` of `@backstage/core-plugin-api`, as far as they are used here. */
export interface BackstageApis {
  discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  fetchApi: { fetch: typeof globalThis.fetch };
}

/** With `useApi(discoveryApiRef)` and `useApi(fetchApiRef)`: create it once, in a `createApiFactory` for example. */
export async function cortexBehindBackstage({ discoveryApi, fetchApi }: BackstageApis): Promise<SecretsClient> {
  const proxy = await discoveryApi.getBaseUrl('proxy'); // such as https://backstage.example/api/proxy
  return createSecretsClient({
    apiKey: null, // the proxy adds it
    baseUrl: `${proxy}/cortex`,
    fetch: (url, init) => fetchApi.fetch(url, init), // adds the token of the Backstage user
  });
}
