// npm run verify -- --server URL   checks a server against the contract, with a secret that it creates and deletes
//
// The key comes from CORTEX_API_KEY. Exits with 0 if the server passes, 1 if it differs, 2 if an argument is wrong.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createSecretsClient } from 'cortex-secrets';
import { respect } from './lib/respect.js';

const usage = 'CORTEX_API_KEY=... npm run verify -- --server https://api.getcortexapp.com';

function begin() {
  try {
    const { values } = parseArgs({ options: { server: { type: 'string' } } });
    if (values.server === undefined) throw new Error('--server: missing');
    const secrets = createSecretsClient({ baseUrl: values.server });
    return { server: values.server.replace(/\/+$/, ''), secrets };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${usage}`);
    process.exit(2);
  }
}

const { server, secrets } = begin();
const tag = `cortex-secrets-verify-${randomBytes(6).toString('hex')}`;
const hex = () => randomBytes(16).toString('hex');
// The same signal ends the workflow; the secret that it has created is deleted before this process exits.
process.on('SIGINT', () => {}).on('SIGTERM', () => {});

let failed = true;
let rejected = false;
try {
  console.log(`Checking ${server} with the secret ${tag}:`);
  const apiKey = String(process.env.CORTEX_API_KEY);
  const { passed, steps, notRun } = await respect({ server, apiKey, tag, value: hex(), rotated: hex() });
  for (const { step, description, request, status, differs } of steps) {
    console.log(`${differs.length === 0 ? '  ok     ' : '  DIFFERS'}  ${step}: ${description}`);
    if (differs.length === 0) continue;
    console.log(`      ${request} got ${status || 'no response'}`);
    for (const text of differs) console.log(text.replace(/^/gm, '      '));
  }
  // A rejected create leaves nothing to clean up.
  rejected = steps.length === 1 && Number(steps[0]?.status) >= 400 && Number(steps[0]?.status) < 500;
  if (notRun.length > 0) console.log(`  not run: ${notRun.join(', ')}`);
  failed = !passed;
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
} finally {
  if (!rejected && !(await cleanUp())) failed = true;
}
console.log(failed ? 'The server does not keep the contract.' : 'The server keeps the contract.');
process.exitCode = failed ? 1 : 0;

/** Deletes the secret if it still exists, and checks that it is deleted. */
async function cleanUp() {
  try {
    await secrets.delete(tag).catch(unlessMissing);
    await secrets.get(tag).then(() => {
      throw new Error(`${tag} still exists after its delete`);
    }, unlessMissing);
    return true;
  } catch (error) {
    console.error(`Could not clean up: ${/** @type {Error} */ (error).message}. Delete ${tag} by hand.`);
    return false;
  }
}

function unlessMissing(error) {
  if (error.status !== 404) throw error;
}
