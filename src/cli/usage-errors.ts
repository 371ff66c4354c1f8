/** What a mistake in the command line is called. Commander's own messages quote arguments, and one may be a value. */
import type { CommanderError } from 'commander';
import { UsageError } from './exit.js';

const TAKES_VALUE = new Set(['set', 'create', 'update']);
const VALUE_PROBLEM = 'a value is never an argument: other programs can read it';
const VALUE_ADVICE = ['Pipe it in, or use --value-file PATH or --value-env NAME.'];
/** Options that other tools have for a value or a key. */
const VALUE_OPTIONS = new Set(['--value', '--secret', '--password', '--body']);
const KEY_OPTIONS = new Set(['--api-key', '--key', '--token']);

/** Anything but a plain word may be a value. */
const isWord = (text: string) => /^[a-z-]{1,20}$/.test(text);

/** @param commandName the command that was given, if it is one */
export function usageErrorOf({ code, message }: CommanderError, commandName: string | undefined): UsageError {
  const of = commandName === undefined ? '' : `${commandName}: `;
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  if (code === 'commander.unknownOption') {
    const [name = ''] = quoted.split('=');
    if (VALUE_OPTIONS.has(name)) return new UsageError(`${of}${VALUE_PROBLEM}`, VALUE_ADVICE);
    if (KEY_OPTIONS.has(name))
      return new UsageError(`${of}the API key is never an argument: other programs can read it`, [
        'Set CORTEX_API_KEY.',
      ]);
    return new UsageError(`${of}unknown option${isWord(name) ? ` ${name}` : ''}`);
  }
  if (code === 'commander.unknownCommand')
    return new UsageError(`unknown command${isWord(quoted) ? ` "${quoted}"` : ''}`);
  if (code === 'commander.excessArguments') {
    if (TAKES_VALUE.has(commandName ?? '')) return new UsageError(`${of}${VALUE_PROBLEM}`, VALUE_ADVICE);
    return new UsageError(`${of}too many arguments`);
  }
  // The names of commander's own options and arguments are no user's text.
  if (code === 'commander.missingArgument') return new UsageError(`${of}the argument <${quoted}> is missing`);
  if (code === 'commander.optionMissingArgument')
    return new UsageError(`${of}${quoted.replace(/^-\w, /, '')} needs a value`);
  return new UsageError(`${of}wrong arguments`);
}
