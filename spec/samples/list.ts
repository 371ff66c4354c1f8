import { createSecretsClient } from 'cortex-secrets';

// reads CORTEX_API_KEY and CORTEX_BASE_URL
const secrets = createSecretsClient();

for await (const { tag, name } of secrets.listAll()) {
  console.log(tag, name ?? '(no name)');
}
