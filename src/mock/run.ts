/** `cortex-secrets mock`: an in-memory Cortex on a port, for programs in any language. */
import { isLoopback } from '../base-url.js';
import { createFake } from '../testing/fake-cortex.js';
import type { FakeCortexOptions } from '../testing/options.js';
import { controlTemplate, createControlHandler, MAX_CONTROL_BODY_BYTES } from './control-server.js';
import { type ListenOptions, listen, type RunningServer } from './http-server.js';
import { apiTemplate, requestLog } from './request-log.js';

/** The variable of the token: unlike an option, other programs can't read it in the list of processes. */
export const TOKEN_VARIABLE = 'CORTEX_MOCK_CONTROL_TOKEN';

export interface MockCommand {
  fakeOptions: FakeCortexOptions;
  listenOptions: ListenOptions;
  control: { port: number; host: string; token: string | undefined } | undefined;
  /** Whether to print a line for each request. */
  log: boolean;
  json: boolean;
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

/**
 * Runs until a signal ends the process.
 *
 * @param print prints the addresses
 * @throws what createFakeCortex says of an option, or the node:http error if listening fails
 */
export async function runMock(command: MockCommand, print: (text: string) => Promise<void>): Promise<void> {
  let close = async () => {};
  // Before it listens: process 1 of a container ignores a signal that it has no listener for.
  const stop = () => void close().then(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stderr.on('error', () => {}); // whoever read the log has gone away
  const fake = createFake(command.fakeOptions);
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
  await print(`${command.json ? JSON.stringify(addresses) : startUpText(addresses, command)}\n`);
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
