/** `cortex-secrets update TAG_OR_ID` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { addValueOptions, hasInput, namesSource, readValue, type ValueOptions } from '../values/source.js';
import { checkTagOrId, checkValue } from './arguments.js';
import { writeSecret } from './secret-columns.js';

const HELP = `
With --name and without one of --value-file, --value-env and --value-stdin only
the name changes. Without --name the value comes from stdin, or on a terminal
from a prompt that does not show it.

  cortex-secrets update my-secret --name "My secret"
  printf %s "$VALUE" | cortex-secrets update my-secret
  printf %s "$VALUE" | cortex-secrets update my-secret --name "My secret" --value-stdin`;

export function addUpdateCommand(program: Command): void {
  const command = program
    .command('update')
    .description('change the name, the value, or both; fails if there is no such secret')
    .argument('<tag-or-id>', 'the tag, or the generated id')
    .option('--name <name>', 'the new name');
  addValueOptions(command)
    .addHelpText('after', HELP)
    .action(async (tagOrId: string, options: ValueOptions & { name?: string }, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      checkTagOrId(tagOrId);
      context.settings(); // without a key, nothing is asked for
      const { name, allowEmpty } = options;
      const secret = name === undefined || namesSource(options) ? await readValue(options, context.io) : undefined;
      if (secret === undefined && hasInput())
        context.io.note('update: only the name changes, stdin is not read; --value-stdin takes the value from it');
      if (secret !== undefined) checkValue({ tag: '', name: name ?? '', secret }, allowEmpty);
      const secrets = await context.client();
      await writeSecret(context, await secrets.update(tagOrId, { name, secret }, { allowEmptyValue: allowEmpty }));
    });
}
