/** `cortex-secrets update TAG_OR_ID` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { UsageError } from '../exit.js';
import { fitted } from '../help.js';
import type { Io } from '../io.js';
import { writeSecret } from '../output.js';
import { addValueOptions, namesSource, readValue, type ValueOptions } from '../values/source.js';
import { hasInput } from '../values/stdin.js';
import { checkTagOrId, checkValue } from './arguments.js';

const HELP = `
With --name and without one of --value-file, --value-env and --value-stdin only
the name changes; a value that is piped in is then an error. Without --name the value comes from stdin, or on a terminal
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
    .addHelpText('after', () => fitted(HELP))
    .action(async (tagOrId: string, options: ValueOptions & { name?: string }, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      checkTagOrId(tagOrId);
      context.settings(); // without a key, nothing is asked for
      const { name, allowEmpty } = options;
      const secret = name === undefined || namesSource(options) ? await readValue(options, context.io) : undefined;
      if (secret === undefined) await refuseUnreadValue(context.io);
      else checkValue({ tag: '', name: name ?? '', secret }, options);
      const secrets = await context.client();
      await writeSecret(context, await secrets.update(tagOrId, { name, secret }, { allowEmptyValue: allowEmpty }));
    });
}

/** A rotation whose value got lost on the way must not look like one that was done. */
async function refuseUnreadValue(io: Io): Promise<void> {
  const input = await hasInput();
  if (input === 'yes')
    throw new UsageError('update: with --name only the name would change, and what comes from stdin be lost', [
      'Add --value-stdin to store it as the value; for the name alone use "< /dev/null".',
    ]);
  if (input === 'unknown') io.note('update: only the name changes; stdin is open, and nothing has come from it');
}
