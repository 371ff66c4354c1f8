#!/usr/bin/env node
/** `npx cortex-secrets mock`: an in-memory Cortex on a port, for programs in any language. */
import { type FakeCortex, type FakeCortexOptions, fakeCortex } from '../testing/fake.js';
import { VERSION } from '../version.js';
import { commandOf, USAGE, UsageError } from './command.js';
import { control } from './control.js';
import { type Listening, type ListenOptions, listen } from './http.js';

/** The option that a message of createFakeCortex speaks of, as it is called here. */
const OPTIONS: Record<string, string> = {
  apiKey: '--api-key',
  seed: '--seed',
  latencyMs: '--latency',
  rateLimit: '--rate-limit',
};

/** Keeps what it was asked if somebody may ask for it. */
function started(options: FakeCortexOptions, keepRequests: boolean) {
  try {
    return fakeCortex(options, keepRequests);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(message.replace(/^\w+/, (name) => OPTIONS[name] ?? name));
  }
}

const LOOPBACK = /^http:\/\/(127\.|\[::1\])/;
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The second port, if there is to be one. Without it the first is of no use, and must not keep the program alive. */
async function listenBeside(mock: Listening, cortex: FakeCortex, at: ListenOptions, port: number | undefined) {
  if (port === undefined) return undefined;
  try {
    return await listen(control(cortex, at.cors), { ...at, host: '127.0.0.1', port });
  } catch (error) {
    await mock.close();
    throw error;
  }
}

async function main(): Promise<void> {
  const command = commandOf(process.argv.slice(2));
  if (command === 'help') return console.log(USAGE);
  if (command === 'version') return console.log(VERSION);
  const { at, controlPort } = command;
  const { cortex, handle } = started(command.fake, controlPort !== undefined);
  const mock = await listen(handle, at);
  const second = await listenBeside(mock, cortex, at, controlPort);
  const stop = () => {
    Promise.all([mock.close(), second?.close()]).then(() => process.exit(0));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const { url } = mock;
  const { apiKey, apiKeyWithoutPermission } = cortex;
  const controlUrl = second && { controlUrl: second.url };
  if (command.json) return console.log(JSON.stringify({ url, apiKey, apiKeyWithoutPermission, ...controlUrl }));
  const ways = second
    ? `\n  curl ${second.url}/fail --data '{ "operation": "list", "fault": { "status": 503 }, "times": 2 }'\n`
    : '';
  const elsewhere = `Other machines can reach it${second ? ', not the second port' : ''}. The client of this package takes http for loopback hosts alone.\n`;
  console.log(`A Cortex in memory listens on ${url}. It keeps what it is told until it ends.

  curl ${url}/api/v1/secrets --header ${quoted(`Authorization: Bearer ${apiKey}`)}
${ways}
  CORTEX_BASE_URL=${url}
  CORTEX_API_KEY=${quoted(apiKey)}

A key without the permission, for a 403: ${apiKeyWithoutPermission}
${LOOPBACK.test(url) ? '' : elsewhere}Stop it with Ctrl+C.`);
}

main().catch((error) => {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nSee cortex-secrets --help`);
    process.exitCode = 2;
    return;
  }
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  const taken = `The port ${port} is taken. Try another one, or 0 for any that is free.`;
  console.error(code === 'EADDRINUSE' ? taken : `The mock could not start: ${message}`);
  process.exitCode = 1;
});
