import { createSecretsClient } from 'cortex-secrets';

const value = process.env.NEW_VALUE; // from the environment, never an argument
if (!value) throw new Error('Set NEW_VALUE');

const secrets = createSecretsClient(); // reads CORTEX_API_KEY

const created = await secrets.create({ tag: 'my-secret', name: 'My secret', secret: value });
console.log(created.id);
