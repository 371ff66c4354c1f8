// One of the processes of shared-limit.js: creates secrets, all at once. Bundled, since Node 20 takes no TypeScript.
import { createSecretsClient } from 'cortex-secrets';
import { sharedLimit } from '../examples/shared-limit/shared-limit.ts';

const { name, count, baseUrl, apiKey, redisUrl, requests, perSeconds, processes } = JSON.parse(process.argv[2]);

const limiterErrors = [];
const limiter = redisUrl && sharedLimit({ url: redisUrl, requests, perSeconds, processes });
const secrets = createSecretsClient({
  apiKey,
  baseUrl,
  ...(limiter && { limiter }),
  onAttempt: ({ limiterError }) => limiterError && limiterErrors.push(limiterError),
});

process.once('message', async () => {
  const begin = Date.now();
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => secrets.create({ tag: `${name}-${i}`, name: 'n', secret: 'a value' })),
  );
  const failed = results.filter(({ status }) => status === 'rejected').map(({ reason }) => String(reason));
  process.send({ begin, end: Date.now(), failed, limiterErrors }, () => {
    limiter?.close();
    process.disconnect();
  });
});
process.send('ready');
