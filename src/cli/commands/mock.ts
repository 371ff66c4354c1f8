/** `cortex-secrets mock` */
import type { Command } from 'commander';
import { createContext } from '../context.js';
import { CliError, UsageError } from '../exit.js';
import { fitted } from '../help.js';
import type { MockOptions } from '../mock/options.js';

const OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--port <n>', 'listens on this port; 0 picks a free one (default: 4020)'],
  ['--host <name>', 'listens on this address (default: 127.0.0.1)'],
  ['--seed <file>', 'initial secrets: JSON, [{ "tag", "name", "secret" }]; - reads stdin'],
  ['--rate-limit <n/s>', 'responds with 429 to more than N requests in S seconds, such as 1000/60 (default: no limit)'],
  ['--window <kind>', 'fixed or sliding: the window of --rate-limit (default: fixed)'],
  ['--latency <ms>', 'delays every response, in milliseconds (default: 0)'],
  ['--api-key <key>', 'the accepted API key (default: fake-api-key)'],
  ['--cors', 'allows requests from web pages of any origin'],
  ['--conflict <status>', 'the status of a create of a tag that exists: 400 or 409 (default: 409)'],
  ['--allow-empty-values', 'stores empty values; without it they get a 400, as the contract assumes'],
  ['--tls-cert <file>', 'serves https on both ports, with this certificate (PEM)'],
  ['--tls-key <file>', 'the key of --tls-cert (PEM)'],
  ['--control <port>', 'takes faults and shows requests on a second port, without an API key; 0 picks a free one'],
  ['--control-host <name>', 'the address of the control port (default: 127.0.0.1); others than loopback need a token'],
  [
    '--control-token <token>',
    `the bearer token of the control port; better set CORTEX_MOCK_CONTROL_TOKEN, since other programs can read arguments`,
  ],
  ['--request-log-limit <n>', 'keeps the newest N requests for the control port (default: 10000)'],
  ['--log', 'prints a line for each request to stderr: time, port, method, path, status, duration'],
  ['--json', 'prints baseUrl, apiKey, apiKeyWithoutPermission and controlUrl as one line of JSON'],
];

const HELP = `
GET /health responds with 200 on both ports, without a key. The control port has
POST /fail, GET /faults, DELETE /faults, DELETE /faults/ID, GET /requests,
GET /values/TAG, GET /state, PUT /state and POST /reset.

POST /fail takes { "operation", "fault", "times" }: the operation is list, get,
create, update, delete or any, times an integer or "all", and the fault one of
"reset before processing", "reset after processing",
"hang before processing", "hang after processing", "truncated body", "not JSON",
"wrong shape", "ingress 404", "log-in page", "shifting pages", { status },
{ redirectTo }, { slowBodyMs }, { delayMs }

docs/mock.md describes them. This is not the mock of "npm run mock" in the
repository, which is Prism: it is stateless, and responds with the examples of
the contract.`;

/** Options of createFakeCortex, as its messages name them, and their names on the command line. */
const FAKE_OPTIONS: Record<string, string> = {
  apiKey: '--api-key',
  seed: '--seed',
  latencyMs: '--latency',
  rateLimit: '--rate-limit',
};

export function addMockCommand(program: Command): void {
  const command = program
    .command('mock')
    .description('in-memory Cortex on a port, for tests in any language')
    .configureHelp({ ...program.configureHelp(), showGlobalOptions: false });
  for (const [flags, description] of OPTIONS) command.option(flags, description);
  command
    .addHelpText('after', () => fitted(HELP))
    .action(async (options: MockOptions, command: Command) => {
      refuseGlobalOptions(command);
      const { io } = createContext(command.optsWithGlobals());
      const [{ checkMockOptions }, { runMock }] = await Promise.all([
        import('../mock/options.js'),
        import('../../mock/run.js'),
      ]);
      try {
        await runMock(await checkMockOptions(options, io), io.data);
      } catch (error) {
        throw mockError(error);
      }
    });
}

/** Its options are its own: those of all commands are for a client. */
function refuseGlobalOptions(command: Command): void {
  const { parent } = command;
  const given = parent?.options.find(
    (option) => option.long !== '--debug' && parent.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given) throw new UsageError(`mock: ${given.long} is an option of the other commands`);
}

function mockError(error: unknown): unknown {
  if (error instanceof CliError) return error;
  const { code, message, port, syscall } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    return new CliError(`mock: port ${port} is in use; choose another one, or 0 for a free one`);
  if (syscall !== undefined) return new CliError(`mock: failed to start: ${message}`);
  const option = /^\w+/.exec(message)?.[0] ?? '';
  const name = FAKE_OPTIONS[option];
  return name === undefined ? error : new UsageError(message.replace(option, name));
}
