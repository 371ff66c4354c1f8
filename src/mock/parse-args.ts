/** Parses and validates the command line: `--port`, `--seed` and the others. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FakeCortexOptions } from '../testing/options.js';
import type { SeedSecret } from '../testing/store.js';
import type { ListenOptions } from './http-server.js';

export const USAGE = `cortex-secrets mock [options]    in-memory Cortex on a port, for tests in any language

  --port N           listens on this port; 0 picks a free one (default 4020)
  --host NAME        listens on this address (default 127.0.0.1)
  --seed FILE        initial secrets: JSON, [{ "tag", "name", "secret" }]; - reads standard input
  --rate-limit N/S   responds with 429 to more than N requests in S seconds, such as 1000/60 (default: no limit)
  --window KIND      fixed or sliding: the window of --rate-limit (default fixed)
  --latency MS       delays every response by MS milliseconds (default 0)
  --api-key KEY      the accepted API key (default fake-api-key)
  --cors             allows requests from web pages of any origin
  --control PORT     takes faults on a second, control port of 127.0.0.1, without an API key; 0 picks a free one:
                     POST /fail { "operation", "fault", "times" }, POST /reset, GET /requests, GET /values/TAG
  --json             prints baseUrl, apiKey, apiKeyWithoutPermission and controlUrl as one line of JSON
  --help, --version`;

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  'rate-limit': { type: 'string' },
  window: { type: 'string' },
  latency: { type: 'string' },
  'api-key': { type: 'string' },
  cors: { type: 'boolean', default: false },
  control: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** The names of the options, for the completion of a shell. */
export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS).map((name) => `--${name}`);

/** A mistake in the command line: printed as one line, with exit code 2. Never quotes what may be a secret. */
export class UsageError extends Error {}

export interface MockCommand {
  fakeOptions: FakeCortexOptions;
  listenOptions: ListenOptions;
  controlPort: number | undefined;
  json: boolean;
}

/** @throws UsageError */
export function parseCommandLine(args: string[]): MockCommand | 'help' | 'version' {
  const { values, positionals } = parseOptions(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (positionals.length > 0) throw new UsageError('mock: takes options only');
  const { port = '4020', host = '127.0.0.1', latency = '0', 'api-key': apiKey, 'rate-limit': limit } = values;
  if (host === '') throw new UsageError('--host: must be a host name or an address');
  if (!/^\d+$/.test(latency)) throw new UsageError('--latency: must be an integer number of milliseconds');
  const [, requests, seconds] = /^(\d+)\/(\d+(?:\.\d+)?)$/.exec(limit ?? '1/1') ?? [];
  if (requests === undefined || Number(seconds) === 0)
    throw new UsageError('--rate-limit: must be requests/seconds, such as 1000/60');
  const { window } = values;
  if (window !== undefined && window !== 'fixed' && window !== 'sliding')
    throw new UsageError('--window: must be fixed or sliding');
  if (window !== undefined && limit === undefined) throw new UsageError('--window: needs --rate-limit');
  return {
    listenOptions: { port: parsePort('--port', port), host, cors: values.cors },
    controlPort: values.control === undefined ? undefined : parsePort('--control', values.control),
    json: values.json,
    fakeOptions: {
      latencyMs: Number(latency),
      apiKey,
      rateLimit:
        limit === undefined ? undefined : { requests: Number(requests), perMs: Number(seconds) * 1000, window },
      seed: values.seed === undefined ? undefined : readSeed(values.seed),
    },
  };
}

function parsePort(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new UsageError(`${option}: must be an integer from 0 to 65535`);
  return Number(text);
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: OPTIONS,
    });
  } catch (error) {
    const [sentence] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(sentence);
  }
}

function readSeed(file: string): SeedSecret[] {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    // Without the name: it may be the JSON itself, with its values.
    throw new UsageError(`--seed: can't read the file (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Without the cause: the SyntaxError of JSON.parse quotes the text.
    throw new UsageError('--seed: the file is not JSON; expected [{ "tag", "name", "secret" }]');
  }
}
