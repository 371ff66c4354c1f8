import {
  createSecretsClient,
  isCortexError,
} from 'cortex-secrets';

// reads CORTEX_API_KEY and CORTEX_BASE_URL
const secrets = createSecretsClient();

try {
  const { id, name } = await secrets.get('my-secret');
  console.log(id, name ?? '(no name)');
} catch (error) {
  if (!isCortexError(error)) throw error;
  // secrets.get("my-secret"): 404 NOT_FOUND ...
  console.error(error.message);
}
