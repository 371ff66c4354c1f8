/** `cortex-secrets check` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { fitted } from '../help.js';

const HELP = `
Shows the address, the key and the proxy, and where each comes from, and lists
one secret. Changes nothing. Of the key it shows at most the last 4 characters.`;

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('check address, key, proxy and certificate')
    .addHelpText('after', () => fitted(HELP))
    .action(async (_: object, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      const { runCheck } = await import('../check/run-check.js');
      await runCheck(context);
    });
}
