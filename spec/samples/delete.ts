import { createSecretsClient } from 'cortex-secrets';

// reads CORTEX_API_KEY and CORTEX_BASE_URL
const secrets = createSecretsClient();

await secrets.delete('my-secret');
console.log('deleted');
