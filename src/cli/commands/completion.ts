/** `cortex-secrets completion bash|zsh|fish` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { UsageError } from '../exit.js';
import { fitted } from '../help.js';

const HELP = `
  eval "$(cortex-secrets completion bash)"        # in ~/.bashrc
  source <(cortex-secrets completion zsh)         # in ~/.zshrc, after compinit
  cortex-secrets completion fish | source         # in ~/.config/fish/config.fish`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', () => fitted(HELP))
    .action(async (shell: string, _: object, command: Command) => {
      const { io } = createContext(command.optsWithGlobals());
      const { COMPLETION_SCRIPTS } = await import('../completion/scripts.js');
      const script = COMPLETION_SCRIPTS[shell];
      if (script === undefined) throw new UsageError('completion: the shell must be one of bash, zsh, fish');
      await io.data(script);
    });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { runComplete } = await import('../completion/run-complete.js');
      await runComplete(program, words);
    });
}
