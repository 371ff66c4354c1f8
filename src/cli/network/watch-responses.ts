/** Says what a command waits for, if nothing comes for a while. */
import type { ClientOptions } from '../../options.js';
import type { Io } from '../io.js';

type Fetch = NonNullable<ClientOptions['fetch']>;

/** People wait so long before they think that something hangs. */
const SILENCE_MS = 3000;

export function watchResponses(io: Io, baseUrl: string, base: Fetch = (url, init) => globalThis.fetch(url, init)) {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : '';
  let inFlight = 0;
  let isNoted = false;
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(timer);
    if (inFlight === 0 || isNoted) return;
    timer = setTimeout(() => {
      isNoted = true;
      io.note(`waiting for ${host} to respond`);
    }, SILENCE_MS);
    timer.unref();
  };
  const fetch: Fetch = (url, init) => {
    inFlight++;
    if (inFlight === 1) watch();
    return base(url, init);
  };
  return {
    fetch,
    /** To be called after each attempt. */
    ended(): void {
      inFlight = Math.max(0, inFlight - 1);
      watch();
    },
  };
}
