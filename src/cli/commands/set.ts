/** `cortex-secrets set TAG` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { fitted } from '../help.js';
import { writeSecret } from '../output.js';
import { addValueOptions, readValue, type ValueOptions } from '../values/source.js';
import { storeValue } from '../values/store.js';
import { checkTag, checkValue } from './arguments.js';

export function addSetCommand(program: Command): void {
  const command = program
    .command('set')
    .description('create or update a secret')
    .argument('<tag>', 'the tag')
    .option('--name <name>', 'the name (default: it keeps its name; of a new secret, the tag)');
  addValueOptions(command)
    .addHelpText('after', () => fitted(VALUE_HELP))
    .action(async (tag: string, options: ValueOptions & { name?: string }, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      checkTag(tag);
      context.settings(); // without a key, nothing is asked for
      const { name } = options;
      const secret = await readValue(options, context.io);
      checkValue({ tag, name: name ?? tag, secret }, options);
      const secrets = await context.client();
      await writeSecret(
        context,
        await storeValue(secrets, { tag, name, secret }, { allowEmptyValue: options.allowEmpty }),
      );
    });
}

export const VALUE_HELP = `
Without one of --value-file, --value-env and --value-stdin the value comes from
stdin, or on a terminal from a prompt that does not show it. It is never an
argument, since other programs can read arguments.

  printf %s "$VALUE" | cortex-secrets set my-secret
  cortex-secrets set my-secret --value-env VALUE`;
