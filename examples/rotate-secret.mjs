// NEW_VALUE=... CORTEX_API_KEY=... node rotate-secret.mjs TAG
//
// Stores a new value for an existing secret. The value comes from the environment, since arguments appear in the
// process list, in the shell history and in CI logs. Uses `update`, not `set`, so that a misspelt tag is an error and
// does not create another secret.
import { createSecretsClient, isCortexError } from 'cortex-secrets';

const [tag, ...more] = process.argv.slice(2);
const secret = process.env.NEW_VALUE;
if (!tag || more.length > 0 || !secret) {
  console.error('Usage: NEW_VALUE=... CORTEX_API_KEY=... node rotate-secret.mjs TAG');
  process.exit(2);
}
try {
  const { id } = await createSecretsClient({ deadlineMs: 120_000 }).update(tag, { secret });
  console.log(`${tag} has a new value (${id})`);
} catch (error) {
  if (!isCortexError(error)) throw error;
  console.error(
    error.outcome === 'unknown' ? `${error.message}. The value may be stored; run this again` : error.message,
  );
  process.exitCode = 1;
}
