/** The rate limit of the in-memory Cortex: so many requests in a window of time that begins with the first of them. */

export interface RateLimit {
  /** How many requests are answered in each window. */
  requests: number;
  /** How long a window is, in milliseconds. `Retry-After` has whole seconds: under 1000 a client waits for a second. */
  perMs: number;
}

/** Whole seconds until the limit resets for a request that is over it, undefined for one that is not. */
export type Limiter = () => number | undefined;

export function limiter({ requests, perMs }: RateLimit, now: () => number): Limiter {
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
