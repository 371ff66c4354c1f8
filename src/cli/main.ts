#!/usr/bin/env node
/** The command line: runs a command, and turns what it throws into a message and an exit code. */
import { CommanderError } from 'commander';
import { currentContext } from './context.js';
import { describeError } from './describe-error.js';
import { EXIT, UsageError } from './exit.js';
import { createIo, type Failure } from './io.js';
import { isJson } from './output.js';
import { createProgram } from './program.js';
import { ignoreStreamErrors, writeStdout } from './stdout.js';
import { usageErrorOf } from './usage-errors.js';

const args = process.argv.slice(2);
const isDebug = args.includes('--debug');
/** What commander prints is written when the program knows whether it was right to print it. */
let printed = '';
const program = createProgram((text) => {
  printed += text;
});

async function main(): Promise<void> {
  if (args.length === 0) {
    process.stderr.write(program.helpInformation());
    process.exitCode = EXIT.usage;
    return;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const mistake = await mistakeOf(error);
    if (mistake) throw mistake;
  }
  await writeStdout(printed);
}

const isCommand = (word: string | undefined) => program.commands.some((command) => command.name() === word);

/** Undefined if the help or the version was asked for. */
async function mistakeOf(error: CommanderError): Promise<UsageError | undefined> {
  const words = program.args;
  if (error.exitCode !== 0 && !error.code.startsWith('commander.help')) return withHelp(error, words);
  // For a command that does not exist commander prints the main help, as if nothing was wrong.
  const topic = words[0] === 'help' ? words[1] : words[0];
  if (topic === undefined || topic === 'help' || HELP_OPTIONS.has(topic) || isCommand(topic)) return undefined;
  return createProgram(() => {})
    .parseAsync([topic], { from: 'user' })
    .then(
      () => undefined,
      (unknown) => withHelp(unknown, [topic]),
    );
}

const HELP_OPTIONS = new Set(['-h', '--help', '--version']);

function withHelp(error: CommanderError, words: readonly string[]): UsageError {
  const command = isCommand(words[0]) ? `${words[0]} ` : '';
  const { message, details } = usageErrorOf(error, command === '' ? [] : words);
  return new UsageError(message, [...details, `Run "cortex-secrets ${command}--help".`]);
}

/** Prints an error and sets the exit code. The message of an error that nobody expected may quote a value. */
function report(error: unknown): void {
  const context = currentContext();
  const failure = describeError(error, context?.connection()) ?? internalError(error);
  process.exitCode = failure.exitCode;
  const { output } = program.opts();
  const io = context?.io ?? createIo({ json: isJson(output) });
  io.progress('');
  io.fail(failure);
}

function internalError(error: unknown): Failure {
  const { name = 'Error', stack = '' } = Object(error) as Error;
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  const message = `internal error (${name})${isDebug ? '' : '; --debug shows where'}`;
  return { message, exitCode: EXIT.failed, details: isDebug ? frames : [] };
}

ignoreStreamErrors();
/** Without these, Node prints the message and the source line of what was thrown. */
process.on('uncaughtException', (error) => {
  report(error);
  process.exit();
});

await main().catch(report);
