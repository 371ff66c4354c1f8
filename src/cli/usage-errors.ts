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

/** @param words what is left of the command line without the options of all commands: the command and its arguments */
export function usageErrorOf({ code, message }: CommanderError, words: readonly string[]): UsageError {
  const [commandName] = words;
  const of = code === 'commander.unknownCommand' || commandName === undefined ? '' : `${commandName}: `;
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  // Commander suggests names of its own options and commands, which are nobody's text.
  const suggestion = /\(Did you mean (.*)\?\)$/.exec(message)?.[1];
  const advice = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  if (code === 'commander.unknownOption') {
    const [name = ''] = quoted.split('=');
    if (VALUE_OPTIONS.has(name)) return new UsageError(`${of}${VALUE_PROBLEM}`, VALUE_ADVICE);
    if (KEY_OPTIONS.has(name))
      return new UsageError(`${of}the API key is never an argument: other programs can read it`, [
        'Set CORTEX_API_KEY.',
      ]);
    return new UsageError(`${of}unknown option${isWord(name) ? ` ${name}` : ''}${advice}`);
  }
  if (code === 'commander.unknownCommand')
    return new UsageError(`unknown command${isWord(quoted) ? ` "${quoted}"` : ''}${advice}`);
  if (code === 'commander.excessArguments') {
    if (TAKES_VALUE.has(commandName ?? '')) return new UsageError(`${of}${VALUE_PROBLEM}`, VALUE_ADVICE);
    return new UsageError(`${of}${excessText(message, words)}`);
  }
  // The names of commander's own options and arguments are no user's text.
  if (code === 'commander.missingArgument') return new UsageError(`${of}the argument <${quoted}> is missing`);
  if (code === 'commander.optionMissingArgument')
    return new UsageError(`${of}${quoted.replace(/^-\w, /, '')} needs a value`);
  return new UsageError(`${of}wrong arguments`);
}

/** `takes 1 argument, and "b" is one too many` */
function excessText(message: string, [, ...args]: readonly string[]): string {
  const expected = Number(/Expected (\d+)/.exec(message)?.[1] ?? 0);
  const excess = args.filter((arg) => !arg.startsWith('-'))[expected] ?? '';
  const shown = isWord(excess) ? `"${excess}"` : `argument ${expected + 1}`;
  const count = expected === 0 ? 'no arguments' : expected === 1 ? '1 argument' : `${expected} arguments`;
  return `takes ${count}, and ${shown} is one too many`;
}
