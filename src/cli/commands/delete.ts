/** `cortex-secrets delete TAG_OR_ID...` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import type { DeleteOptions } from '../delete/run-delete.js';
import { fitted } from '../help.js';
import { addBulkOptions } from './arguments.js';

const HELP = `
With --prefix or --from it lists what exists first, shows what it will delete,
and deletes at most 10 secrets unless --max-deletes says more.

  cortex-secrets delete my-secret
  cortex-secrets delete --prefix app-old- --dry-run
  cortex-secrets delete --from tags.txt --yes --max-deletes 500
  cortex-secrets list --prefix tmp- | cut -f1 | cortex-secrets delete --from - -y`;

export function addDeleteCommand(program: Command): void {
  const command = program
    .command('delete')
    .description('delete secrets for good')
    .argument('[tag-or-id...]', 'tags, or generated ids')
    .option('--prefix <prefix>', 'deletes every secret whose tag begins with it')
    .option('--from <file>', 'deletes the tags or ids in a file, one a line; - reads stdin')
    .option('--ignore-missing', 'a secret that does not exist is no failure')
    .option('--max-deletes <n>', 'fails if it would delete more (default: 10 with --prefix and --from)');
  addBulkOptions(command)
    .addHelpText('after', () => fitted(HELP))
    .action(async (given: string[], options: DeleteOptions, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      const { runDelete } = await import('../delete/run-delete.js');
      await runDelete(given, options, context);
    });
}
