#!/usr/bin/env node
/** `npx cortex-secrets mock`: an in-memory Cortex on a port, for programs in any language. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { VERSION } from '../client.js';
import { type FakeCortexOptions, fakeCortex } from '../testing/fake.js';
import type { SeedSecret } from '../testing/store.js';
import { control } from './control.js';
import { type ListenOptions, listen } from './http.js';

const USAGE = `cortex-secrets mock [options]    an in-memory Cortex on a port, to test against

  --port N           where to listen; 0 takes any that is free (default 4020)
  --host NAME        on which address (default 127.0.0.1)
  --seed FILE        secrets to begin with: JSON, [{ "tag", "name", "secret" }]; - reads standard input
  --rate-limit N/S   answer 429 to more than N requests in S seconds, such as 1000/60 (default: no limit)
  --latency MS       hold every answer for so many milliseconds (default 0)
  --api-key KEY      the key that is let in (default fake-api-key)
  --cors             let pages of any origin call it from a browser
  --control PORT     listen there too, for what is to go wrong and what was asked; 0 takes any that is free:
                     POST /fail { "operation", "fault", "times" }, POST /reset, GET /requests, GET /values/TAG
  --json             print the address and the keys as one line of JSON
  --help, --version`;

/** What the caller got wrong: said in one line, with exit code 2. */
class UsageError extends Error {}

interface Command {
  fake: FakeCortexOptions;
  at: ListenOptions;
  controlPort: number | undefined;
  json: boolean;
}

function commandOf(args: string[]): Command | 'help' | 'version' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (positionals.length !== 1 || positionals[0] !== 'mock')
    throw new UsageError(positionals[0] === undefined ? 'Give a command: mock' : 'There is one command: mock');
  const { port = '4020', host = '127.0.0.1', latency = '0', 'api-key': apiKey, 'rate-limit': limit } = values;
  if (host === '') throw new UsageError('--host takes a name or an address');
  if (!/^\d+$/.test(latency)) throw new UsageError('--latency takes a whole number of milliseconds');
  const [, requests, seconds] = /^(\d+)\/(\d+(?:\.\d+)?)$/.exec(limit ?? '1/1') ?? [];
  if (requests === undefined || Number(seconds) === 0)
    throw new UsageError('--rate-limit takes requests/seconds, such as 1000/60');
  return {
    at: { port: portOf('--port', port), host, cors: values.cors },
    controlPort: values.control === undefined ? undefined : portOf('--control', values.control),
    json: values.json,
    fake: {
      latencyMs: Number(latency),
      ...(apiKey !== undefined && { apiKey }),
      ...(limit !== undefined && { rateLimit: { requests: Number(requests), perMs: Number(seconds) * 1000 } }),
      ...(values.seed !== undefined && { seed: seedOf(values.seed) }),
    },
  };
}

function portOf(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new UsageError(`${option} takes a number from 0 to 65535`);
  return Number(text);
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        seed: { type: 'string' },
        'rate-limit': { type: 'string' },
        latency: { type: 'string' },
        'api-key': { type: 'string' },
        cors: { type: 'boolean', default: false },
        control: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function seedOf(file: string): SeedSecret[] {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`--seed: can't read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The error of JSON.parse quotes the text, and the text holds values.
    throw new UsageError(`--seed: ${file} is not JSON; it takes [{ "tag", "name", "secret" }]`);
  }
}

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

async function main(): Promise<void> {
  const command = commandOf(process.argv.slice(2));
  if (command === 'help') return console.log(USAGE);
  if (command === 'version') return console.log(VERSION);
  const { at, controlPort } = command;
  const { cortex, handle } = started(command.fake, controlPort !== undefined);
  const mock = await listen(handle, at);
  const second = controlPort === undefined ? undefined : await listen(control(cortex), { ...at, port: controlPort });
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
  console.log(`A Cortex in memory listens on ${url}. It keeps what it is told until it ends.

  curl ${url}/api/v1/secrets --header ${quoted(`Authorization: Bearer ${apiKey}`)}
${ways}
  CORTEX_BASE_URL=${url}
  CORTEX_API_KEY=${quoted(apiKey)}

A key without the permission, for a 403: ${apiKeyWithoutPermission}
${LOOPBACK.test(url) ? '' : 'Other machines can reach it. The client of this package takes http for loopback hosts alone.\n'}Stop it with Ctrl+C.`);
}

main().catch((error) => {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nSee cortex-secrets --help`);
    process.exitCode = 2;
    return;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  console.error(code === 'EADDRINUSE' ? 'The port is taken. Try --port 0.' : `The mock could not start: ${message}`);
  process.exitCode = 1;
});
