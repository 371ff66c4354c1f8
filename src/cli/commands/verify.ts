/** `cortex-secrets verify` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { UsageError } from '../exit.js';
import { fitted } from '../help.js';

const HELP = `
Tests a server against the contract, also a workspace that others use: it
changes only secrets whose tag begins with verify- and 8 random characters,
removes them in any case, and sends about 300 requests without --thorough.`;

interface Options {
  thorough?: boolean;
  assumptions?: string;
  junit?: string;
  seed?: string;
  runs?: string;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check whether a server does what the contract says')
    .option('--thorough', 'adds 251 secrets at once, and random sequences of operations')
    .option('--assumptions <how>', 'warn or fail if the server differs from an assumption (default: fail)')
    .option('--junit <file>', 'writes the results as JUnit XML too')
    .option('--seed <number>', 'repeats the random sequences of an earlier run')
    .option('--runs <number>', 'the number of random sequences (default: 20)')
    .addHelpText('after', () => fitted(HELP))
    .action(async (options: Options, command: Command) => {
      const { thorough = false, assumptions = 'fail', junit } = options;
      if (assumptions !== 'warn' && assumptions !== 'fail') throw new UsageError('--assumptions: must be warn or fail');
      const [seed, runs] = [integer('--seed', options.seed), integer('--runs', options.runs)];
      if (!thorough && (seed ?? runs) !== undefined) throw new UsageError('--seed and --runs need --thorough');
      const context = createContext(command.optsWithGlobals());
      const { runVerify } = await import('../verify/run-verify.js');
      await runVerify(context, { thorough, assumptions, junit, seed, runs });
    });
}

function integer(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,10}$/.test(text)) throw new UsageError(`${name}: must be an integer`);
  return Number(text);
}
