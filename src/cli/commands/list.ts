/** `cortex-secrets list` */
import type { Command } from 'commander';
import type { Secret } from '../../../generated/schema.js';
import { createContext } from '../context.js';
import { type Row, SECRET_COLUMNS, secretRow, writeRows } from '../output.js';
import { checkPrefix } from './arguments.js';

export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('list every secret: tag, name, id')
    .option('--prefix <prefix>', 'lists only tags that begin with it')
    .action(async ({ prefix }: { prefix?: string }, command: Command) => {
      checkPrefix(prefix);
      const { client, io, format } = createContext(command.optsWithGlobals());
      const secrets = await client();
      await writeRows(io, format, SECRET_COLUMNS, rowsOf(secrets.listAll(), prefix));
    });
}

async function* rowsOf(secrets: AsyncIterable<Secret>, prefix = ''): AsyncGenerator<Row> {
  for await (const secret of secrets) if (secret.tag.startsWith(prefix)) yield secretRow(secret);
}
