import { createSecretsClient } from 'cortex-secrets';

const secrets = createSecretsClient(); // reads CORTEX_API_KEY

for await (const secret of secrets.listAll()) {
  console.log(secret.tag, secret.name ?? '(no name)');
}
