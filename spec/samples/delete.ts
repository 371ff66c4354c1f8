import { createSecretsClient } from 'cortex-secrets';

const secrets = createSecretsClient(); // reads CORTEX_API_KEY

await secrets.delete('my-secret');
console.log('deleted');
