/** What the command line says, checked. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FakeCortexOptions } from '../testing/fake.js';
import type { SeedSecret } from '../testing/store.js';
import type { ListenOptions } from './http.js';

export const USAGE = `cortex-secrets mock [options]    an in-memory Cortex on a port, to test against

  --port N           where to listen; 0 takes any that is free (default 4020)
  --host NAME        on which address (default 127.0.0.1)
  --seed FILE        secrets to begin with: JSON, [{ "tag", "name", "secret" }]; - reads standard input
  --rate-limit N/S   answer 429 to more than N requests in S seconds, such as 1000/60 (default: no limit)
  --latency MS       hold every answer for so many milliseconds (default 0)
  --api-key KEY      the key that is let in (default fake-api-key)
  --cors             let pages of any origin call it from a browser
  --control PORT     listen on 127.0.0.1 there too, for what is to go wrong and what was asked, without a key; 0 takes
                     any that is free:
                     POST /fail { "operation", "fault", "times" }, POST /reset, GET /requests, GET /values/TAG
  --json             print the address and the keys as one line of JSON
  --help, --version`;

/** What the caller got wrong: said in one line, with exit code 2. */
export class UsageError extends Error {}

export interface Command {
  fake: FakeCortexOptions;
  at: ListenOptions;
  controlPort: number | undefined;
  json: boolean;
}

/** @throws UsageError */
export function commandOf(args: string[]): Command | 'help' | 'version' {
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
