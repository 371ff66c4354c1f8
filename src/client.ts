/** Wires the rooms together. */
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import { apiClient } from './api.js';
import { type ClientOptions, callOptions, clientOptions } from './options.js';
import { withAuth } from './pipeline/auth.js';
import { reporter } from './pipeline/events.js';
import { withRetry } from './pipeline/retry.js';
import { type Answer, type Draft, type FetchInit, network } from './pipeline/send-with-fetch.js';
import { withPace } from './pipeline/throttle.js';
import { withDeadline, withTimeout } from './pipeline/timeout.js';
import { type SecretsMethods, secretsMethods, type Transport, type Via } from './secrets.js';
import { fillPath } from './util/url-path.js';

/** The version of this package. */
export const VERSION = '0.1.0';

/** A client of the Cortex secrets API. */
export interface SecretsClient extends SecretsMethods {
  /**
   * The openapi-fetch client below the methods, for raw answers: `{ data, error, response }`. Takes the same options in
   * a request's init. Middleware of `api.use()` sees the requests of `api`, not those of the methods.
   */
  readonly api: Client<paths>;
}

/**
 * Stands in for Request: openapi-fetch fills it, and nothing is made that `fetch` would make again. The client's own
 * headers stay out of openapi-fetch, whose Headers would only be taken apart again.
 */
const draftWith = (headers: Record<string, string>) =>
  class implements Draft {
    readonly url: string;
    readonly init: FetchInit;

    constructor(url: string, { method, body }: { method: string; body?: string }) {
      this.url = url;
      this.init = { method, headers, redirect: 'manual' };
      if (body !== undefined) {
        this.init.headers = { ...headers, 'content-type': 'application/json' };
        this.init.body = body;
      }
    }
  };

/**
 * For openapi-fetch, which then leaves the answer alone: the rooms have read it. No Headers, since naming one makes Node
 * load all of its fetch, at import: 50 ms.
 */
const TAKEN = { ok: true, status: 204, headers: { get: () => null } };

/**
 * A client for the secrets of one Cortex workspace.
 *
 * @throws TypeError or RangeError where an option is missing or wrong; the message names it, and never quotes the key.
 */
export function createSecretsClient(options: ClientOptions = {}): SecretsClient {
  const { apiKey, baseUrl, maxConcurrency, fetch, userAgent, onAttempt, limits: base } = clientOptions(options);
  const report = reporter(onAttempt);
  const attempt = withAuth(withTimeout(network(fetch)), apiKey, report);
  const send = withDeadline(withRetry(withPace(attempt, maxConcurrency), report));

  const agent = userAgent ?? ('document' in globalThis ? undefined : `cortex-secrets/${VERSION}`);
  const headers = { accept: 'application/json', ...(agent && { 'user-agent': agent }) };
  const shared = { baseUrl, pathSerializer: fillPath };
  const RequestDraft = draftWith(headers);

  const begin: Transport['begin'] = (operation, given = {}, ...silent) => ({
    operation,
    path: '',
    repeatable: false,
    ...callOptions(given, base),
    silent: new Set(silent.filter((value) => value !== undefined)),
    deadlineAt: Number.POSITIVE_INFINITY,
    attempts: 0,
    sentAt: 0,
    doubt: false,
  });

  const sendOne: Transport['send'] = async (call, path, request) => {
    call.path = path;
    let answer: Answer | undefined;
    const via = {
      parseAs: 'stream',
      Request: RequestDraft,
      fetch: async (draft: Draft) => {
        answer = await send(draft, call);
        return TAKEN;
      },
    };
    await request(via as Via);
    return answer as Answer;
  };

  return {
    ...secretsMethods({ http: createClient<paths>(shared), begin, send: sendOne }),
    api: apiClient(createClient<paths>({ ...shared, headers, redirect: 'manual' }), begin, send, baseUrl),
  };
}
