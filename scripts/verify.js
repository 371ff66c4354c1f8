// npm run verify -- --server URL   whether a server does what the contract says, with a secret of its own
//
// The key comes from CORTEX_API_KEY. Ends with 0 if nothing differs, 1 if something does, 2 if it could not begin.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createSecretsClient } from 'cortex-secrets';
import { respect } from './lib/respect.js';

const usage = 'CORTEX_API_KEY=... npm run verify -- --server https://api.getcortexapp.com';

function begin() {
  try {
    const { values } = parseArgs({ options: { server: { type: 'string' } } });
    if (values.server === undefined) throw new Error('--server: say which');
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
// The workflow ends by the same signal; what it has created must go first.
process.on('SIGINT', () => {}).on('SIGTERM', () => {});

let failed = true;
let refused = false;
try {
  console.log(`The contract against ${server}, with the secret ${tag}:`);
  const apiKey = String(process.env.CORTEX_API_KEY);
  const { passed, steps, notRun } = await respect({ server, apiKey, tag, value: hex(), rotated: hex() });
  for (const { step, description, request, status, differs } of steps) {
    console.log(`${differs.length === 0 ? '  as it should be' : '  DIFFERS        '}  ${step}: ${description}`);
    if (differs.length === 0) continue;
    console.log(`      ${request} was answered with ${status || 'nothing'}`);
    for (const text of differs) console.log(text.replace(/^/gm, '      '));
  }
  // A create that was refused has left nothing behind.
  refused = steps.length === 1 && Number(steps[0]?.status) >= 400 && Number(steps[0]?.status) < 500;
  if (notRun.length > 0) console.log(`  not tried: ${notRun.join(', ')}`);
  failed = !passed;
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
} finally {
  if (!refused && !(await gone())) failed = true;
}
console.log(failed ? 'The server does not do what the contract says.' : 'The server does what the contract says.');
process.exitCode = failed ? 1 : 0;

/** Deletes the secret if it is still there, and looks whether it is gone. */
async function gone() {
  try {
    await secrets.delete(tag).catch(unlessMissing);
    await secrets.get(tag).then(() => {
      throw new Error(`${tag} is still there after its delete`);
    }, unlessMissing);
    return true;
  } catch (error) {
    console.error(`Could not clean up: ${/** @type {Error} */ (error).message}. Look for ${tag}, and delete it.`);
    return false;
  }
}

function unlessMissing(error) {
  if (error.status !== 404) throw error;
}
