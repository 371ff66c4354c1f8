/** The commands and the options that all of them take. */
import { Command } from 'commander';
import { VERSION } from '../version.js';
import { addCheckCommand } from './commands/check.js';
import { addCompletionCommand } from './commands/completion.js';
import { addCreateCommand } from './commands/create.js';
import { addDeleteCommand } from './commands/delete.js';
import { addGetCommand } from './commands/get.js';
import { addImportCommand } from './commands/import.js';
import { addListCommand } from './commands/list.js';
import { addMockCommand } from './commands/mock.js';
import { addSetCommand } from './commands/set.js';
import { addUpdateCommand } from './commands/update.js';
import { addVerifyCommand } from './commands/verify.js';
import { fitted, formatItem, helpWidth, MIN_WIDTH } from './help.js';
import { hasColors } from './io.js';

const HELP = `
The API key comes from CORTEX_API_KEY, the address from CORTEX_BASE_URL. Without
CORTEX_API_KEY, both come from ~/.cortex/config, the file of Cortex's own CLI;
a CORTEX_BASE_URL with another address is then an error. --base-url goes first.
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured. "check" tries all of it.

Exit codes:
  0    done
  1    failed
  2    usage, or a bad file
  3    some of several failed
  4    API key or permission
  5    not found
  6    exists already
  7    rate limit
  8    needs an answer, has no terminal
  10   changes pending (--exit-code)
  130  interrupted`;

const ADD_COMMANDS = [
  addListCommand,
  addGetCommand,
  addSetCommand,
  addCreateCommand,
  addUpdateCommand,
  addDeleteCommand,
  addImportCommand,
  addCheckCommand,
  addVerifyCommand,
  addMockCommand,
  addCompletionCommand,
];

/**
 * A program that throws a CommanderError instead of printing one, since its messages quote arguments.
 *
 * @param print takes the help and the version
 */
export function createProgram(print: (text: string) => void): Command {
  const program = new Command('cortex-secrets')
    .description('Manage the secrets of a Cortex workspace.')
    .option('--base-url <url>', 'the address of Cortex')
    .option('--allow-insecure-connection', 'allows http to any host: keys and values travel unencrypted')
    .option('--tenant <name>', 'the section of ~/.cortex/config')
    .option('--output <format>', 'table, json, ndjson or tsv (default: table on a terminal)')
    .option('--no-input', 'never asks, as with CI=true')
    .option('-q, --quiet', 'prints data and errors only')
    .option('-v, --verbose', 'prints each attempt, retry and pause')
    .option('--debug', 'the same, and where an internal error comes from')
    .version(VERSION, '--version', 'display the version')
    .helpOption('-h, --help', 'display help')
    .helpCommand('help [command]', 'display help for a command')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: MIN_WIDTH, formatItem })
    .configureOutput({
      writeOut: print,
      writeErr: print,
      outputError: () => {},
      getOutHelpWidth: () => helpWidth() as number,
      getErrHelpWidth: () => helpWidth() as number,
      getOutHasColors: () => hasColors(process.stdout),
      getErrHasColors: () => hasColors(process.stderr),
    })
    .addHelpText('after', () => fitted(HELP));
  for (const add of ADD_COMMANDS) add(program);
  return program;
}
