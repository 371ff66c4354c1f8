/** `cortex-secrets import FILE` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { fitted } from '../help.js';
import type { ImportOptions } from '../import/options.js';
import { addBulkOptions } from './arguments.js';

const HELP = `
The file is a .env file, or JSON or YAML: a map of tags to values, or a list of
{ tag, name, secret }. All of it is checked before the first request. No
response of Cortex contains a value, so a secret that exists counts as a change.

In a .env file "#" begins a comment only after white space, "$" has no meaning,
and equal keys are an error. Values may be quoted by ' " or \`, with line breaks;
in double quotes \\n, \\r, \\t, \\", \\\\ and \\$ are escapes.
A value that begins with { or [ needs quotes.

  cortex-secrets import .env --prefix app- --dry-run --exit-code
  cortex-secrets import .env --lower-case --only 'DB_*' --state secrets.state
  cortex-secrets import secrets.yaml --report report.ndjson
  cortex-secrets import secrets.yaml --resume report.ndjson`;

const collect = (one: string, earlier: readonly string[] = []) => [...earlier, one];

export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('create or update many secrets from a file')
    .argument('<file>', 'the file, or - for stdin')
    .option('--format <format>', 'env, json or yaml (default: by the name of the file)')
    .option('--prefix <prefix>', 'goes before each tag of the file')
    .option('--only <glob>', 'takes only the keys that match, without the prefix; repeatable', collect)
    .option('--except <glob>', 'leaves out the keys that match; repeatable', collect)
    .option('--lower-case', 'makes db_password of DB_PASSWORD')
    .option('--replace-dashes', 'makes db_password of db-password')
    .option('--state <file>', 'leaves out what is unchanged, by this file, and updates it')
    .option('--force', 'with --state: writes what is unchanged too')
    .option('--on-existing <what>', 'update, skip or fail (default: update)')
    .option('--allow-empty', 'stores empty values too')
    .option('--allow-encrypted', 'stores values that another tool has encrypted')
    .option('--prune', 'deletes what the file does not name, within --prefix, or with --all')
    .option('--all', 'with --prune: within the whole workspace')
    .option('--prune-excluded', 'with --prune: also what --only and --except leave out')
    .option('--max-deletes <n>', 'fails if --prune would delete more (default: 10)');
  addBulkOptions(command)
    .addHelpText('after', () => fitted(HELP))
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const context = createContext(command.optsWithGlobals());
      const { runImport } = await import('../import/run-import.js');
      await runImport(file, options, context);
    });
}
