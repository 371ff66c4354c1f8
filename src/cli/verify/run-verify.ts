/** `cortex-secrets verify`: whether a server does what the contract says, with a secret of its own that it removes. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { DEFAULT_BASE_URL, validBaseUrl } from '../../base-url.js';
import type { SecretsClient } from '../../client.js';
import { isCortexError } from '../../errors.js';
import type { Context } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { writeRows } from '../output.js';
import { printable } from '../printable.js';
import { isMissing } from '../values/store.js';
import { findRedocly, respect, type Verification } from './respect.js';

/** From dist/cli/, where the bundle is. */
const WORKFLOW = fileURLToPath(new URL('../../spec/lifecycle.arazzo.yaml', import.meta.url));

export async function runVerify(context: Context): Promise<void> {
  const { io, settings, client } = context;
  const redocly = findRedocly();
  const { apiKey, baseUrl } = settings();
  const secrets = await client();
  const server = validBaseUrl(baseUrl ?? DEFAULT_BASE_URL, 'CORTEX_BASE_URL', true);
  await checkAccess(secrets);
  const tag = `cortex-secrets-verify-${randomBytes(6).toString('hex')}`;
  const hex = () => randomBytes(16).toString('hex');

  // The workflow ends by the same signal; what it has created must go first.
  let interruptedBy: number | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interruptedBy = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  io.note(`The contract against ${server}, with the secret ${tag}:`);
  let result: Verification | undefined;
  try {
    result = await respect({ redocly, workflow: WORKFLOW, server }, { apiKey, tag, value: hex(), rotated: hex() });
    await show(context, result);
  } catch (error) {
    if (interruptedBy === undefined) throw error;
  } finally {
    if (!wasRejected(result)) await remove(secrets, tag);
  }
  if (interruptedBy !== undefined) throw new CliError('verify: interrupted', interruptedBy);
  const rejection = rejectionOf(result);
  if (rejection) throw rejection;
  if (!result?.passed) throw new CliError('verify: the server does not do what the contract says');
  io.note('The server does what the contract says.');
}

async function show({ io, format }: Context, { steps, notRun }: Verification): Promise<void> {
  const rows = [
    ...steps.map(({ step, description, differences }) => ({
      result: differences.length === 0 ? 'passed' : 'failed',
      step,
      description,
    })),
    ...notRun.map(({ step, description }) => ({ result: 'not run', step, description })),
  ];
  await writeRows(io, format, ['result', 'step', 'description'], rows);
  for (const { step, request, status, differences } of steps) {
    if (differences.length === 0) continue;
    const lines = differences.flatMap((text) => text.split('\n')).map((line) => `  ${printable(line)}`);
    io.error(`${step}: ${request} ${status === undefined ? 'got no response' : `responded with ${status}`}`, lines);
  }
}

/** A wrong key, a rate limit and a missing connection say nothing about the contract: they end the command as any other. */
async function checkAccess(secrets: SecretsClient): Promise<void> {
  try {
    await secrets.list({ pageSize: 1 });
  } catch (error) {
    if (!isCortexError(error) || error.name === 'ConnectionError') throw error;
    if (error.name === 'ApiError' && [401, 403, 429].includes(error.status)) throw error;
    // Anything else is what the workflow is for.
  }
}

/** The same for what only the workflow meets: a key that may read and not write, a limit that it reaches. */
function rejectionOf(result: Verification | undefined): CliError | undefined {
  const last = result?.steps.at(-1)?.status;
  if (last === 429) return new CliError('verify: the rate limit was reached; run it again later', EXIT.rateLimit);
  if (wasRejected(result) && (last === 401 || last === 403))
    return new CliError('verify: the API key may not create secrets; give it the permission', EXIT.auth);
  return undefined;
}

/** Whether the create was rejected: then nothing is there that could be removed. */
function wasRejected(result: Verification | undefined): boolean {
  const status = result?.steps.length === 1 ? (result.steps[0]?.status ?? 0) : 0;
  return status >= 400 && status < 500;
}

/** Deletes the secret if it is still there, and looks whether it is gone. */
async function remove(secrets: SecretsClient, tag: string): Promise<void> {
  try {
    await secrets.delete(tag).catch(unlessMissing);
    await secrets.get(tag).then(() => {
      throw new CliError(`${tag} is still there after its delete`);
    }, unlessMissing);
  } catch (error) {
    throw new CliError(`verify: could not remove the secret ${tag}; delete it`, EXIT.failed, [
      (error as Error).message,
    ]);
  }
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
