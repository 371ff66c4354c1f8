/** Parses and validates the command line: `--port`, `--seed` and the others. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NAMED_FAULTS, OBJECT_FAULTS } from '../testing/faults.js';
import type { FakeCortexOptions } from '../testing/options.js';
import type { SeedSecret } from '../testing/store.js';
import { ROUTE_NAMES } from './control-server.js';
import type { ListenOptions } from './http-server.js';
import { type ControlCommand, parseControl, readTls, TOKEN_VARIABLE } from './parse-control.js';
import { UsageError } from './usage-error.js';

export const USAGE = `cortex-secrets mock [options]    in-memory Cortex on a port, for tests in any language

  --port N           listens on this port; 0 picks a free one (default 4020)
  --host NAME        listens on this address (default 127.0.0.1)
  --seed FILE        initial secrets: JSON, [{ "tag", "name", "secret" }]; - reads standard input
  --rate-limit N/S   responds with 429 to more than N requests in S seconds, such as 1000/60 (default: no limit)
  --window KIND      fixed or sliding: the window of --rate-limit (default fixed)
  --latency MS       delays every response by MS milliseconds (default 0)
  --api-key KEY      the accepted API key (default fake-api-key)
  --cors             allows requests from web pages of any origin
  --conflict STATUS  the status of a create of a tag that exists: 400 or 409 (default 409)
  --allow-empty-values
                     stores empty values; without it they get a 400, as the contract assumes
  --tls-cert FILE, --tls-key FILE
                     serves https on both ports, with this certificate and key (PEM)
  --control PORT     takes faults and shows requests on a second port, without an API key; 0 picks a free one
  --control-host NAME
                     the address of the control port (default 127.0.0.1); others than loopback need a token
  --control-token TOKEN
                     the bearer token of the control port; better set ${TOKEN_VARIABLE}, since other
                     programs can read arguments
  --request-log-limit N
                     keeps the newest N requests for the control port (default 10000)
  --log              prints a line for each request to stderr: time, port, method, path, status, duration
  --json             prints baseUrl, apiKey, apiKeyWithoutPermission and controlUrl as one line of JSON
  --debug            shows where an internal error comes from
  --help, --version

GET /health responds with 200 on both ports, without a key. The control port has
${wrapped(ROUTE_NAMES)}

POST /fail takes { "operation", "fault", "times" }: the operation is list, get, create, update, delete or any, times an
integer or "all", and the fault one of
${wrapped([...NAMED_FAULTS.filter((name) => name !== 'connection refused').map((name) => `"${name}"`), ...OBJECT_FAULTS])}

docs/mock.md describes them. This is not the mock of "npm run mock" in the repository, which is Prism: it is stateless, and
responds with the examples of the contract.`;

/** The items, separated by commas, in lines of at most 118 characters. */
function wrapped(items: readonly string[]): string {
  return items
    .join(', ')
    .replace(/(.{1,116})(?: (?=[A-Z"{])|$)/g, '  $1\n')
    .trimEnd();
}

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  'rate-limit': { type: 'string' },
  window: { type: 'string' },
  latency: { type: 'string' },
  'api-key': { type: 'string' },
  cors: { type: 'boolean', default: false },
  conflict: { type: 'string', default: '409' },
  'allow-empty-values': { type: 'boolean', default: false },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  control: { type: 'string' },
  'control-host': { type: 'string' },
  'control-token': { type: 'string' },
  'request-log-limit': { type: 'string', default: '10000' },
  log: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  // Read by src/cli/main.ts, which prints internal errors.
  debug: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** The names of the options, for the completion of a shell. */
export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS).map((name) => `--${name}`);

export interface MockCommand {
  fakeOptions: FakeCortexOptions;
  listenOptions: ListenOptions;
  control: ControlCommand | undefined;
  /** Whether to print a line for each request. */
  log: boolean;
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
  const { conflict, 'request-log-limit': logLimit, 'allow-empty-values': allowEmptyValues } = values;
  if (conflict !== '400' && conflict !== '409') throw new UsageError('--conflict: must be 400 or 409');
  if (!/^\d{1,9}$/.test(logLimit)) throw new UsageError('--request-log-limit: must be an integer');
  const control = parseControl(values, parsePort);
  return {
    listenOptions: { port: parsePort('--port', port), host, cors: values.cors, tls: readTls(values) },
    control,
    log: values.log,
    json: values.json,
    fakeOptions: {
      conflictStatus: conflict === '400' ? 400 : 409,
      allowEmptyValues,
      // Without a control port nobody can read the requests.
      requestLogLimit: control ? Number(logLimit) : 0,
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
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    // Without the name: it may be the JSON itself, with its values.
    throw new UsageError(`--seed: can't read the file (${(error as NodeJS.ErrnoException).code})`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // without a byte order mark
  } catch {
    throw new UsageError('--seed: the file is not UTF-8; encode the JSON as UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: the SyntaxError of JSON.parse quotes the text.
    throw new UsageError('--seed: the file is not JSON; expected [{ "tag", "name", "secret" }]');
  }
}
