import { createSecretsClient } from 'cortex-secrets';

// from the environment, not from an argument
const secret = process.env.NEW_VALUE;
if (!secret) throw new Error('Set NEW_VALUE');

// reads CORTEX_API_KEY and CORTEX_BASE_URL
const secrets = createSecretsClient();

const created = await secrets.create({
  tag: 'deploy-token',
  name: 'Deploy token',
  secret,
});
console.log(created.id);
