/** `cortex-secrets mock`, which parses its own options: see src/mock/parse-args.ts. */
import type { Command } from 'commander';

export function addMockCommand(program: Command): void {
  program
    .command('mock')
    .description('in-memory Cortex on a port, for tests in any language')
    .usage('[options]')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_: object, command: Command) => runMock(command.args));
}

/** Loads the mock, and runs it with the arguments that follow its name. */
export async function runMock(args: string[]): Promise<void> {
  const mock = await import('../../mock/run.js');
  await mock.runMock(args);
}
