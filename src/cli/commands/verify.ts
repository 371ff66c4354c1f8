/** `cortex-secrets verify` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { fitted } from '../help.js';

const HELP = `
Creates a secret of its own, reads, updates, lists and deletes it, and checks
each response. Runs spec/lifecycle.arazzo.yaml by "redocly respect", so the
project must have @redocly/cli.`;

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check whether a server does what the contract says')
    .addHelpText('after', () => fitted(HELP))
    .action(async (_: object, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      const { runVerify } = await import('../verify/run-verify.js');
      await runVerify(context);
    });
}
