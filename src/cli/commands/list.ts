/** `cortex-secrets list` */
import type { Command } from 'commander';
import type { Secret } from '../../../generated/schema.js';
import { createContext } from '../context.js';
import { type Row, SECRET_COLUMNS, secretRow, writeRows } from '../output.js';

export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('list every secret: tag, name, id')
    .action(async (_: object, command: Command) => {
      const { client, io, format } = createContext(command.optsWithGlobals());
      const secrets = await client();
      await writeRows(io, format, SECRET_COLUMNS, rowsOf(secrets.listAll()));
    });
}

async function* rowsOf(secrets: AsyncIterable<Secret>): AsyncGenerator<Row> {
  for await (const secret of secrets) yield secretRow(secret);
}
