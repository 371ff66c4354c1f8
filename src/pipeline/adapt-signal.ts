/** Calls a `fetch` function that may not take a signal. */
import { readText, settled } from '../util/foreign.js';
import type { Fetch, FetchInit, FetchResponse } from './types.js';

/**
 * A rejection within this many microtasks of the call comes before any response, which takes I/O between macrotasks. A fetch
 * that rejects its init, or posts it to another window, does so in a few.
 */
const MICROTASKS_BEFORE_RESPONSE = 32;

/**
 * How a fetch ended. `isEarly`: so soon that it can only have been its arguments; not looked at once a fetch has worked.
 * `isAdapted`: the next attempt is made without a signal, and may succeed.
 */
export type FetchResult =
  | { readonly response: FetchResponse }
  | { readonly error: unknown; readonly isEarly: boolean; readonly isAdapted?: true };

/**
 * A fetch that hands its init to another window, as that of a Cortex plugin does, can't take a signal: the structured clone
 * of the init fails before anything is sent. It is then called without one; the time limits don't depend on it.
 */
export function adaptSignal(fetch: Fetch): (url: string, init: FetchInit) => Promise<FetchResult> {
  let takesSignal = true;
  /** A fetch that has returned a response to a request with a signal can take one. */
  let hasTakenSignal = false;

  const attempt = async (url: string, init: FetchInit): Promise<FetchResult> => {
    const sent = settled(() => fetch(url, init));
    const isEarly = hasTakenSignal ? false : rejectsEarly(sent);
    try {
      return { response: await sent };
    } catch (error) {
      return { error, isEarly: await isEarly };
    }
  };

  return async (url, init) => {
    const { signal } = init;
    if (!signal) return attempt(url, init);
    if (!takesSignal) return attempt(url, withoutSignal(init));
    const result = await attempt(url, init);
    if ('response' in result) {
      hasTakenSignal = true;
      return result;
    }
    if (signal.aborted || hasTakenSignal || !isDataCloneError(result.error)) return result;
    takesSignal = false;
    // A later one may be about the response: the request may have been processed.
    return result.isEarly ? attempt(url, withoutSignal(init)) : { ...result, isAdapted: true };
  };
}

/** By its descriptors: to read the init is to be left to fetch. */
function withoutSignal(init: FetchInit): FetchInit {
  const { signal: _, ...descriptors } = Object.getOwnPropertyDescriptors(init);
  return Object.defineProperties({}, descriptors) as FetchInit;
}

async function rejectsEarly(sent: Promise<unknown>): Promise<boolean> {
  let hasRejected = false;
  sent.catch(() => {
    hasRejected = true;
  });
  for (let turn = 0; turn < MICROTASKS_BEFORE_RESPONSE && !hasRejected; turn++) await undefined;
  return hasRejected;
}

const isDataCloneError = (error: unknown) => readText(() => (error as Error).name) === 'DataCloneError';
