/** `cortex-secrets mock`: an in-memory Cortex on a port, for programs in any language. */
import { isLoopback } from '../base-url.js';
import { createFake } from '../testing/fake-cortex.js';
import type { FakeCortexOptions } from '../testing/options.js';
import { VERSION } from '../version.js';
import { controlTemplate, createControlHandler, MAX_CONTROL_BODY_BYTES } from './control-server.js';
import { listen, type RunningServer } from './http-server.js';
import { type MockCommand, parseCommandLine, USAGE } from './parse-args.js';
import { TOKEN_VARIABLE } from './parse-control.js';
import { apiTemplate, requestLog } from './request-log.js';
import { UsageError } from './usage-error.js';

/** Options of createFakeCortex, as its messages name them, and their names on the command line. */
const OPTIONS: Record<string, string> = {
  apiKey: '--api-key',
  seed: '--seed',
  latencyMs: '--latency',
  rateLimit: '--rate-limit',
};

function createFakeOfCommand(options: FakeCortexOptions) {
  try {
    return createFake(options);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(message.replace(/^\w+/, (name) => OPTIONS[name] ?? name));
  }
}

const isLocal = (url: string) => isLoopback(new URL(url).hostname);
const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Starts the control server. If it fails, closes the mock: its port would keep the program alive. */
async function listenForControl(
  mock: RunningServer,
  fake: ReturnType<typeof createFake>,
  { control, listenOptions, log }: MockCommand,
) {
  if (!control) return undefined;
  const { port, host, token } = control;
  const { cors = false, tls } = listenOptions;
  try {
    return await listen(createControlHandler(fake, { cors, token }), {
      port,
      host,
      cors,
      tls,
      maxBodyBytes: MAX_CONTROL_BODY_BYTES,
      logRequest: log ? requestLog('control', controlTemplate, printLog) : undefined,
    });
  } catch (error) {
    await mock.close();
    throw error;
  }
}

const printLog = (line: string) => void process.stderr.write(`${line}\n`);

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
  let close = async () => {};
  // Before it listens: process 1 of a container ignores a signal that it has no listener for.
  const stop = () => void close().then(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stderr.on('error', () => {}); // whoever read the log has gone away
  const fake = createFakeOfCommand(command.fakeOptions);
  const { cortex, handleRequest } = fake;
  const mock = await listen(handleRequest, {
    ...command.listenOptions,
    logRequest: command.log ? requestLog('api', apiTemplate, printLog) : undefined,
  });
  close = mock.close;
  const control = await listenForControl(mock, fake, command);
  close = async () => void (await Promise.all([mock.close(), control?.close()]));
  const { apiKey, apiKeyWithoutPermission } = cortex;
  const addresses = { baseUrl: mock.url, apiKey, apiKeyWithoutPermission, ...(control && { controlUrl: control.url }) };
  console.log(command.json ? JSON.stringify(addresses) : startUpText(addresses, command));
}

interface Addresses {
  baseUrl: string;
  apiKey: string;
  apiKeyWithoutPermission: string;
  controlUrl?: string;
}

function startUpText(
  { baseUrl, apiKey, apiKeyWithoutPermission, controlUrl }: Addresses,
  { control, listenOptions }: MockCommand,
): string {
  const curl = listenOptions.tls ? 'curl --cacert CERTIFICATE' : 'curl';
  const token = control?.token === undefined ? '' : ` --header "Authorization: Bearer $${TOKEN_VARIABLE}"`;
  const fail = controlUrl
    ? `\n  ${curl} ${controlUrl}/fail${token} --data '{ "operation": "list", "fault": { "status": 503 }, "times": 2 }'\n`
    : '';
  const remote = isLocal(baseUrl) ? '' : `${remoteText(baseUrl, controlUrl)}\n`;
  return `In-memory Cortex listening on ${baseUrl}. State is lost on exit.

  ${curl} ${baseUrl}/api/v1/secrets --header ${shellQuoted(`Authorization: Bearer ${apiKey}`)}
${fail}
  CORTEX_BASE_URL=${baseUrl}
  CORTEX_API_KEY=${shellQuoted(apiKey)}

API key without the permission, for a 403: ${apiKeyWithoutPermission}
${remote}Stop it with Ctrl+C.`;
}

function remoteText(baseUrl: string, controlUrl: string | undefined): string {
  const control = controlUrl && isLocal(controlUrl) ? ', but not to its control port' : '';
  const client = baseUrl.startsWith('https:') ? '' : ' The client of this package needs allowInsecureConnection: true.';
  return `Other machines can connect to it${control}.${client}`;
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
