/** Signs one attempt. */

import { type ClientOptions, checkKey } from '../options.js';
import { untilAborted } from '../util/abort.js';
import type { Report } from './events.js';
import type { Call, Draft, Send } from './send-with-fetch.js';

/** A key that is a function is asked before each attempt, and once more after a 401: it may know a newer one. */
export function withAuth(next: Send, apiKey: NonNullable<ClientOptions['apiKey']>, report: Report): Send {
  const signed = ({ url, init }: Draft, key: string): Draft => ({
    url,
    init: { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } },
  });
  const ask = async (call: Call): Promise<string> => {
    const key = typeof apiKey === 'string' ? apiKey : await untilAborted((async () => apiKey())(), call.signal);
    checkKey(key);
    call.silent.add(key);
    return key;
  };
  return async (draft, call) => {
    const key = await ask(call);
    const answer = await next(signed(draft, key), call);
    if (answer.status !== 401 || typeof apiKey === 'string') return answer;
    const newer = await ask(call);
    if (newer === key) return answer;
    report(draft, call, answer, 0);
    return next(signed(draft, newer), call);
  };
}
