#!/usr/bin/env node
/** The command line: runs a command, and turns what it throws into a message and an exit code. */
import { CommanderError } from 'commander';
import { runMock } from './commands/mock.js';
import { describeError } from './describe-error.js';
import { EXIT } from './exit.js';
import { createIo } from './io.js';
import { createProgram } from './program.js';
import { usageErrorOf } from './usage-errors.js';

const args = process.argv.slice(2);

async function main(): Promise<void> {
  const [first, ...rest] = args;
  // Its options are its own: the ones of all commands don't apply.
  if (first === 'mock') return runMock(rest);
  const program = createProgram();
  if (args.length === 0) {
    process.stderr.write(program.helpInformation());
    process.exitCode = EXIT.usage;
    return;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return; // the help or the version was printed
    const names = new Set(program.commands.map((command) => command.name()));
    const name = args.find((arg) => names.has(arg));
    const { message, details } = usageErrorOf(error, name);
    createIo({}).error(message, [...details, `Run "cortex-secrets ${name === undefined ? '' : `${name} `}--help".`]);
    process.exitCode = EXIT.usage;
  }
}

/** Prints an error and sets the exit code. The message of an error that nobody expected may quote a value. */
function report(error: unknown): void {
  const io = createIo({});
  const described = describeError(error);
  process.exitCode = described?.exitCode ?? EXIT.failed;
  if (described) {
    io.error(described.message, described.details);
    return;
  }
  const { name = 'Error', stack = '' } = Object(error) as Error;
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  const isDebug = args.includes('--debug');
  io.error(`internal error (${name})${isDebug ? '' : '; --debug shows where'}`, isDebug ? frames : []);
}

/** Without these, Node prints the message and the source line of what was thrown. */
process.on('uncaughtException', (error) => {
  report(error);
  process.exit();
});

await main().catch(report);
