// One rate limit for all processes that use the same API key, in Redis (7.0 or later, or Valkey by RateLimiterValkey).
//
// npm install rate-limiter-flexible@11 ioredis@5. With node-redis 5 in place of ioredis: `useRedisPackage: true`.
import type { Limiter } from 'cortex-secrets';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface SharedLimitOptions {
  /** Such as `redis://127.0.0.1:6379`. */
  url: string;
  /** The limit of the server: so many requests ... @defaultValue 1000 */
  requests?: number;
  /** ... in so many seconds. @defaultValue 60 */
  perSeconds?: number;
  /** How many processes there are: without Redis each takes its share of the limit. */
  processes: number;
  /** How much longer a window is than it need be, since not all requests take the same time to arrive. @defaultValue 0.05 */
  margin?: number;
  /** Processes with the same name share the limit. @defaultValue `cortex` */
  name?: string;
  /** Called if Redis can't be reached. Its errors may name the address of Redis. */
  onError?: (error: Error) => void;
}

/** The library's own script takes whole seconds only; this one takes the `duration` as it is. */
const CONSUME = `
redis.call('set', KEYS[1], 0, 'PX', math.floor(ARGV[4] * 1000), 'NX')
local consumed = redis.call('incrby', KEYS[1], ARGV[1])
return { consumed, redis.call('pttl', KEYS[1]) }
`;

/** Pass it as the `limiter` of every client, and close it at the end. */
export function sharedLimit(options: SharedLimitOptions): Limiter & { close(): void } {
  const { url, requests = 1000, perSeconds = 60, processes, margin = 0.05, name = 'cortex', onError } = options;
  // Windows of about a second, however long that of the server is: requests are spread over it, and waits are short.
  const points = Math.max(1, Math.floor(requests / perSeconds));
  const duration = (points / (requests / perSeconds)) * (1 + margin);
  const redis = new Redis(url, {
    enableOfflineQueue: false, // otherwise a command waits until Redis is back
    connectTimeout: 1000,
    commandTimeout: 300,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 1000,
  });
  redis.on('error', (error) => onError?.(error)); // without a listener ioredis prints it
  // Otherwise the first requests would be counted by each process for itself.
  const hasTriedToConnect = new Promise<void>((resolve) => {
    redis.once('ready', () => resolve()).once('error', () => resolve());
  });
  const limit = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: 'cortex-secrets',
    points,
    duration,
    customIncrTtlLuaScript: CONSUME,
    inMemoryBlockOnConsumed: points, // asks Redis only once for each window that is used up
    // Without Redis: a share of the limit for this process.
    insuranceLimiter: new RateLimiterMemory({ points: Math.max(1, Math.floor(points / processes)), duration }),
  });

  return {
    async acquire({ signal } = {}) {
      await hasTriedToConnect;
      for (;;) {
        try {
          await limit.consume(name);
          return;
        } catch (refused) {
          if (!(refused instanceof RateLimiterRes)) throw refused;
          // A few milliseconds more: those who come a moment early are only refused again.
          await sleep(Math.max(1, refused.msBeforeNext) + Math.random() * 10, signal);
        }
      }
    },

    /** The server throttles: nobody sends until it allows requests again. */
    async pause(ms) {
      const seconds = Math.ceil(ms / 1000);
      // block() would shorten a longer pause that another process has begun.
      const current = await limit.get(name);
      const isBlocked = current !== null && current.consumedPoints > points;
      if (!isBlocked || current.msBeforeNext < ms) await limit.block(name, seconds);
    },

    close: () => redis.disconnect(),
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}
