/** `cortex-secrets get TAG_OR_ID` */
import { Argument, type Command } from 'commander';
import { createContext } from '../context.js';
import { writeSecret } from '../output.js';
import { checkTagOrId } from './arguments.js';

export function addGetCommand(program: Command): void {
  program
    .command('get')
    .description('show one secret; no response contains its value')
    .addArgument(new Argument('<tag-or-id>', 'the tag, or the generated id'))
    .action(async (tagOrId: string, _: object, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      checkTagOrId(tagOrId);
      const secrets = await context.client();
      await writeSecret(context, await secrets.get(tagOrId));
    });
}
