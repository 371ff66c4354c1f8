/** Makes a client: reads the options and builds the pipeline. */
import createClient from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import { apiClient } from './api.js';
import type { SecretsApi } from './api-types.js';
import { defaultHeaders } from './headers.js';
import { type ClientOptions, clientOptions } from './options.js';
import { withAuth } from './pipeline/auth.js';
import { withDeadline } from './pipeline/deadline.js';
import { attemptReporter } from './pipeline/events.js';
import { withUserHeaders } from './pipeline/headers.js';
import { sharedLimiter } from './pipeline/limiter.js';
import { withRetry } from './pipeline/retry.js';
import { sendWithFetch } from './pipeline/send-with-fetch.js';
import { stoppedBy } from './pipeline/stop.js';
import { withThrottle } from './pipeline/throttle.js';
import { withTimeout } from './pipeline/timeout.js';
import type { AddedMiddleware } from './pipeline/types.js';
import { requestBuilder } from './request-builder.js';
import { type SecretsMethods, secretsMethods } from './secrets.js';
import { callsOf } from './start-call.js';
import { fillPath } from './util/url-path.js';

/** A client of the Cortex secrets API. */
export interface SecretsClient extends SecretsMethods {
  /**
   * The openapi-fetch client, for raw responses: `{ data, error, response }`. Its requests pass the same pipeline as the
   * methods, and take the same options in their init. Middleware of `api.use()` sees only the requests of `api`.
   */
  readonly api: SecretsApi;
}

/**
 * Creates a client for the secrets of one Cortex workspace.
 *
 * @example
 * ```ts
 * const secrets = createSecretsClient(); // reads CORTEX_API_KEY and CORTEX_BASE_URL
 * await secrets.set('my-secret', { name: 'My secret', secret: 'the value' });
 * ```
 * @throws TypeError or RangeError if an option is missing or wrong; the message names it, and never quotes the key.
 */
export function createSecretsClient(options: ClientOptions = {}): SecretsClient {
  return clientWith(options, { aroundCall: (next) => next, aroundAttempt: (next) => next });
}

/**
 * A client whose calls end when `stop` is aborted, but not in the middle of an attempt. A function of its own, so that
 * bundlers drop it for users.
 *
 * @internal
 */
export const createStoppableClient = (options: ClientOptions, stop: AbortSignal): SecretsClient =>
  clientWith(options, stoppedBy(stop));

function clientWith(options: ClientOptions, { aroundCall, aroundAttempt }: AddedMiddleware): SecretsClient {
  const { apiKey, baseUrl, maxConcurrency, limiter, fetch, userAgent, onAttempt, limits, ...more } =
    clientOptions(options);
  const shared = limiter && sharedLimiter(limiter, limits.timeoutMs);
  const report = attemptReporter(onAttempt, shared);
  // Of the client, not of one call: all its calls wait for the end of a pause.
  const maxPauseMs = limits.maxRetryAfterMs;
  const attempt = aroundAttempt(withTimeout(sendWithFetch(fetch)));
  const send = withDeadline(
    aroundCall(
      withRetry(
        withAuth(
          withUserHeaders(withThrottle(attempt, { maxConcurrency, maxPauseMs }, shared), more.headers),
          apiKey,
          report,
        ),
        report,
        maxPauseMs,
      ),
    ),
  );

  const headers = { ...defaultHeaders(userAgent), ...more.fields };
  const calls = callsOf(limits, more.sensitiveTexts);
  const raw = createClient<paths>({ baseUrl, pathSerializer: fillPath, headers, redirect: 'manual' });
  return {
    ...secretsMethods({ build: requestBuilder(baseUrl, headers), calls, send }),
    api: apiClient(raw, calls, send, baseUrl),
  };
}
