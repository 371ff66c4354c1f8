/** The rate limit of the in-memory Cortex: a fixed window that starts with its first request, or a sliding one. */

/** At most `requests` requests in each window of `perMs` milliseconds. */
export interface RateLimit {
  /** How many requests each window allows. */
  requests: number;
  /** The length of a window in milliseconds. `Retry-After` has integer seconds: clients wait at least 1000 ms. */
  perMs: number;
  /**
   * `fixed`: the window starts with its first request, and the next one with the first request after its end. `sliding`: the
   * limit holds for each span of `perMs` milliseconds. The vendor doesn't say which of them Cortex has.
   * @defaultValue `fixed`
   */
  window?: 'fixed' | 'sliding' | undefined;
}

/** Counts a request. Returns the seconds until the limit allows one if the request is over the limit. */
export type RateLimiter = () => number | undefined;

export const createRateLimiter = ({ requests, perMs, window }: RateLimit, now: () => number): RateLimiter =>
  window === 'sliding' ? slidingWindow(requests, perMs, now) : fixedWindow(requests, perMs, now);

function fixedWindow(requests: number, perMs: number, now: () => number): RateLimiter {
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

function slidingWindow(requests: number, perMs: number, now: () => number): RateLimiter {
  /** When the last requests were allowed; a ring, whose oldest entry is at `next`. */
  const allowed: number[] = [];
  let next = 0;
  return () => {
    const at = now();
    if (requests === 0) return Math.ceil(perMs / 1000);
    const oldest = allowed[next] ?? Number.NEGATIVE_INFINITY;
    if (at < oldest + perMs) return Math.ceil((oldest + perMs - at) / 1000);
    allowed[next] = at;
    next = (next + 1) % requests;
    return undefined;
  };
}
