/** `--rate-limit N/SECONDS`: stays below the limit of the server, which all users of a workspace may share. */
import type { ClientOptions } from '../options.js';
import { UsageError } from './exit.js';

/** An attempt that waits for the limiter longer than the time limit of the client is sent without it. */
const MAX_WAIT_MS = 20_000;
const MAX_CONCURRENCY = 16;
/** Requests don't start exactly when they may. */
const MARGIN = 1.01;

export interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** `500/60`, or `500` for a minute, as the vendor's CLI takes it. */
export function parseRateLimit(option: string | undefined): RateLimit | undefined {
  const [source, given] =
    option === undefined ? ['CORTEX_RATE_LIMIT', process.env.CORTEX_RATE_LIMIT] : ['--rate-limit', option];
  if (given === undefined || (option === undefined && given === '')) return undefined;
  const [, requests, seconds = '60'] = /^\s*(\d{1,6})(?:\/(\d{1,6}))?\s*$/.exec(given) ?? [];
  const limit = { requests: Number(requests), seconds: Number(seconds) };
  if (requests === undefined || limit.requests === 0 || limit.seconds === 0)
    throw new UsageError(`${source}: must be REQUESTS/SECONDS, such as 500/60`);
  if ((limit.seconds * 1000) / limit.requests > MAX_WAIT_MS)
    throw new UsageError(`${source}: must allow at least one request in ${MAX_WAIT_MS / 1000} s, such as 3/60`);
  return limit;
}

const intervalOf = ({ requests, seconds }: RateLimit) => ((seconds * 1000) / requests) * MARGIN;

/** The options of a client that starts a request at most every `seconds / requests` seconds, retries included. */
export function limiterOptions(limit: RateLimit | undefined, now = () => performance.now()): ClientOptions {
  if (limit === undefined) return {};
  const intervalMs = intervalOf(limit);
  let free = Number.NEGATIVE_INFINITY;
  return {
    // Few enough that the last of those that wait gets its turn in time.
    maxConcurrency: Math.max(1, Math.min(MAX_CONCURRENCY, Math.floor(MAX_WAIT_MS / intervalMs))),
    limiter: {
      async acquire({ signal }) {
        const turn = Math.max(now(), free);
        free = turn + intervalMs;
        for (let wait = turn - now(); wait > 0; wait = turn - now()) await sleep(wait, signal);
      },
    },
  };
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, Math.ceil(ms));
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
