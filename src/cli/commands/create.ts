/** `cortex-secrets create TAG` */
import type { Command } from 'commander';
import type { SecretsClient } from '../../client.js';
import { isCortexError } from '../../errors.js';
import { createContext } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { fitted } from '../help.js';
import { writeSecret } from '../output.js';
import { addValueOptions, readValue, type ValueOptions } from '../values/source.js';
import { checkTag, checkValue } from './arguments.js';
import { VALUE_HELP } from './set.js';

export function addCreateCommand(program: Command): void {
  const command = program
    .command('create')
    .description('create a secret; fails if the tag exists')
    .argument('<tag>', 'the tag')
    .option('--name <name>', 'the name (default: the tag)');
  addValueOptions(command)
    .addHelpText('after', () => fitted(VALUE_HELP.replaceAll('cortex-secrets set', 'cortex-secrets create')))
    .action(async (tag: string, options: ValueOptions & { name?: string }, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      checkTag(tag);
      context.settings(); // without a key, nothing is asked for
      const secret = { tag, name: options.name ?? tag, secret: await readValue(options, context.io) };
      checkValue(secret, options);
      const secrets = await context.client();
      try {
        await writeSecret(context, await secrets.create(secret, { allowEmptyValue: options.allowEmpty }));
      } catch (error) {
        if (await isConflict(error, secrets, tag))
          throw new CliError(`create("${tag}"): the tag exists already`, EXIT.exists);
        throw error;
      }
    });
}

/** The vendor doesn't document the status of a tag that exists: after a 400 only a look says what it was. */
async function isConflict(error: unknown, secrets: SecretsClient, tag: string): Promise<boolean> {
  if (!isCortexError(error) || error.name !== 'ApiError' || error.outcome !== 'rejected') return false;
  if (error.status === 409) return true;
  if (error.status !== 400) return false;
  return secrets.get(tag).then(
    (found) => found.tag === tag,
    () => false,
  );
}
