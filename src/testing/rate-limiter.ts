/** The rate limit of the in-memory Cortex: a fixed window that starts with its first request. */

/** At most `requests` requests in each window of `perMs` milliseconds. */
export interface RateLimit {
  /** How many requests each window allows. */
  requests: number;
  /** The length of a window in milliseconds. `Retry-After` has integer seconds: clients wait at least 1000 ms. */
  perMs: number;
}

/** Counts a request. Returns the seconds until the limit resets if the request is over the limit. */
export type RateLimiter = () => number | undefined;

export function createRateLimiter({ requests, perMs }: RateLimit, now: () => number): RateLimiter {
  let end = Number.NEGATIVE_INFINITY;
  let left = 0;
  return () => {
    const at = now();
    if (at >= end) {
      end = at + perMs;
      left = requests;
    }
    return left-- > 0 ? undefined : Math.ceil((end - at) / 1000);
  };
}
