/** Calls a `fetch` function that may not take a signal. */
import { readText, settled } from '../util/foreign.js';
import type { Fetch, FetchInit, FetchResponse } from './types.js';

/**
 * A rejection within this many microtasks of the call comes before any I/O, which runs between macrotasks only: nothing
 * was sent. A fetch that posts its init to another window rejects in a few.
 */
const MICROTASKS_BEFORE_IO = 32;

/**
 * A fetch that hands its init to another window, as that of a Cortex plugin does, can't take a signal: the structured clone
 * of the init fails before anything is sent. It is then called without one; the time limits don't depend on it.
 */
export function adaptSignal(fetch: Fetch): (url: string, init: FetchInit) => Promise<FetchResponse> {
  let takesSignal = true;
  /** A fetch that has returned a response to a request with a signal can take one. */
  let hasTakenSignal = false;

  return async (url, init) => {
    const { signal, ...initWithoutSignal } = init;
    if (!signal) return settled(() => fetch(url, init));
    if (!takesSignal) return settled(() => fetch(url, initWithoutSignal));
    const sent = settled(() => fetch(url, init));
    if (hasTakenSignal) return sent;
    const isBeforeIO = rejectsBeforeIO(sent);
    try {
      const response = await sent;
      hasTakenSignal = true;
      return response;
    } catch (error) {
      if (signal.aborted || hasTakenSignal || !isDataCloneError(error)) throw error;
      takesSignal = false;
      // A later one may be about the response: the request may have been processed.
      if (!(await isBeforeIO)) throw error;
      return settled(() => fetch(url, initWithoutSignal));
    }
  };
}

async function rejectsBeforeIO(sent: Promise<unknown>): Promise<boolean> {
  let hasRejected = false;
  sent.catch(() => {
    hasRejected = true;
  });
  for (let turn = 0; turn < MICROTASKS_BEFORE_IO && !hasRejected; turn++) await undefined;
  return hasRejected;
}

const isDataCloneError = (error: unknown) => readText(() => (error as Error).name) === 'DataCloneError';
