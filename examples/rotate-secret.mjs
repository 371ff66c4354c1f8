// NEW_VALUE=... CORTEX_API_KEY=... node rotate-secret.mjs TAG
//
// Stores a new value under a tag that is there. The value comes from the environment: arguments are in the list of
// processes, in the shell's history and in the log of a CI job. It is an update, not a `set`: a misspelt tag is an error,
// and not one more secret.
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
  console.error(error.outcome === 'unknown' ? `${error.message}. It may be done: run this again` : error.message);
  process.exitCode = 1;
}
