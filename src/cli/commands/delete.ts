/** `cortex-secrets delete TAG_OR_ID...` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { describeError } from '../describe-error.js';
import { CliError, EXIT, exitCodeOfMany } from '../exit.js';
import { confirm } from '../values/prompt.js';
import { checkTagOrId } from './arguments.js';

export function addDeleteCommand(program: Command): void {
  program
    .command('delete')
    .description('delete secrets for good')
    .argument('<tag-or-id...>', 'tags, or generated ids')
    .option('-y, --yes', 'does not ask; needed without a terminal')
    .action(async (given: string[], { yes }: { yes?: boolean }, command: Command) => {
      const { io, client } = createContext(command.optsWithGlobals());
      for (const tagOrId of given) checkTagOrId(tagOrId);
      const tags = [...new Set(given)];
      const secrets = await client();
      if (!yes) {
        if (!io.canAsk) throw new CliError('delete needs --yes without a terminal', EXIT.needsTerminal);
        const what = tags.length === 1 ? `"${tags[0]}"` : `${tags.length} secrets`;
        if (!(await confirm(`Delete ${what} for good?`))) throw new CliError('nothing was deleted');
      }
      const codes: number[] = [];
      for (const [index, tagOrId] of tags.entries()) {
        try {
          await secrets.delete(tagOrId);
          io.note(`deleted ${tagOrId}`);
        } catch (error) {
          const described = describeError(error);
          if (!described) throw error;
          io.error(described.message, described.details);
          codes.push(described.exitCode);
          const isFinal = described.exitCode === EXIT.auth || described.exitCode === EXIT.rateLimit;
          if (!isFinal) continue;
          const left = tags.length - index - 1;
          if (left > 0) io.note(`${left} not tried`);
          break;
        }
      }
      process.exitCode = exitCodeOfMany(tags.length, codes);
    });
}
