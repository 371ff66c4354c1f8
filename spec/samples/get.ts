import { createSecretsClient, isCortexError } from 'cortex-secrets';

const secrets = createSecretsClient(); // reads CORTEX_API_KEY

try {
  const secret = await secrets.get('my-secret');
  console.log(secret.id, secret.name ?? '(no name)');
} catch (error) {
  if (!isCortexError(error)) throw error;
  console.error(error.message); // secrets.get: 404 NOT_FOUND Secret not found
}
