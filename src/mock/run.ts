/** `cortex-secrets mock`: an in-memory Cortex on a port, for programs in any language. */
import { createFake, type FakeCortex } from '../testing/fake-cortex.js';
import type { FakeCortexOptions } from '../testing/options.js';
import { VERSION } from '../version.js';
import { createControlHandler } from './control-server.js';
import { type ListenOptions, listen, type RunningServer } from './http-server.js';
import { parseCommandLine, USAGE, UsageError } from './parse-args.js';

/** Options of createFakeCortex, as its messages name them, and their names on the command line. */
const OPTIONS: Record<string, string> = {
  apiKey: '--api-key',
  seed: '--seed',
  latencyMs: '--latency',
  rateLimit: '--rate-limit',
};

function createFakeOfCommand(options: FakeCortexOptions, recordRequests: boolean) {
  try {
    return createFake(options, { recordRequests });
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(message.replace(/^\w+/, (name) => OPTIONS[name] ?? name));
  }
}

const LOOPBACK = /^http:\/\/(127\.|\[::1\])/;
const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Starts the control server. If it fails, closes the mock: its port would keep the program alive. */
async function listenForControl(mock: RunningServer, cortex: FakeCortex, { cors }: ListenOptions, port?: number) {
  if (port === undefined) return undefined;
  try {
    return await listen(createControlHandler(cortex, cors), { port, host: '127.0.0.1', cors: cors ?? false });
  } catch (error) {
    await mock.close();
    throw error;
  }
}

/** Runs the command with the arguments that follow `mock`. */
export async function runMock(args: string[]): Promise<void> {
  try {
    await start(args);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

async function start(args: string[]): Promise<void> {
  const command = parseCommandLine(args);
  if (command === 'help') return console.log(USAGE);
  if (command === 'version') return console.log(VERSION);
  const { listenOptions, controlPort } = command;
  // Without a control port nobody can read the requests.
  const { cortex, handleRequest } = createFakeOfCommand(command.fakeOptions, controlPort !== undefined);
  const mock = await listen(handleRequest, listenOptions);
  const control = await listenForControl(mock, cortex, listenOptions, controlPort);
  const stop = () => {
    Promise.all([mock.close(), control?.close()]).then(() => process.exit(0));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const { apiKey, apiKeyWithoutPermission } = cortex;
  const addresses = { baseUrl: mock.url, apiKey, apiKeyWithoutPermission, ...(control && { controlUrl: control.url }) };
  console.log(command.json ? JSON.stringify(addresses) : startUpText(addresses));
}

interface Addresses {
  baseUrl: string;
  apiKey: string;
  apiKeyWithoutPermission: string;
  controlUrl?: string;
}

function startUpText({ baseUrl, apiKey, apiKeyWithoutPermission, controlUrl }: Addresses): string {
  const fail = controlUrl
    ? `\n  curl ${controlUrl}/fail --data '{ "operation": "list", "fault": { "status": 503 }, "times": 2 }'\n`
    : '';
  const remote = LOOPBACK.test(baseUrl)
    ? ''
    : `Other machines can connect to it${controlUrl ? ', but not to its control port' : ''}. The client of this package accepts http for loopback hosts only.\n`;
  return `In-memory Cortex listening on ${baseUrl}. State is lost on exit.

  curl ${baseUrl}/api/v1/secrets --header ${shellQuoted(`Authorization: Bearer ${apiKey}`)}
${fail}
  CORTEX_BASE_URL=${baseUrl}
  CORTEX_API_KEY=${shellQuoted(apiKey)}

API key without the permission, for a 403: ${apiKeyWithoutPermission}
${remote}Stop it with Ctrl+C.`;
}

/** Prints the error, and returns the exit code. */
function reportError(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}; run with --help`);
    return 2;
  }
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  const inUse = `mock: port ${port} is in use; choose another one, or 0 for a free one`;
  console.error(code === 'EADDRINUSE' ? inUse : `mock: failed to start: ${message}`);
  return 1;
}
