/**
 * A client of the Cortex secrets API: {@link createSecretsClient} makes one, {@link SecretsMethods} has its methods, and
 * {@link CortexError} what they fail with.
 *
 * @module cortex-secrets
 */
export type { KnownErrorType } from '../generated/error-types.js';
export type { NewSecret, Secret, SecretPage, SecretUpdate } from '../generated/schema.js';
export type { ApiInit, ApiMethod, ApiMiddleware, ApiRequest, ApiResponse, SecretsApi } from './api-types.js';
export { createSecretsClient, type SecretsClient } from './client.js';
export type { ErrorKind, KnownErrorKind } from './error-kind.js';
export {
  ApiError,
  ConnectionError,
  ContractError,
  CortexError,
  type ErrorType,
  isCortexError,
  type Outcome,
  type Violation,
} from './errors.js';
export type { CallOptions, ClientOptions, LimitOptions, RetryOptions, WriteOptions } from './options.js';
export type { ApiKey } from './pipeline/auth.js';
export type { AttemptError, AttemptEvent } from './pipeline/events.js';
export type { HeadersOption } from './pipeline/headers.js';
export type { Limiter, LimiterError } from './pipeline/limiter.js';
export type { Fetch, FetchInit, FetchResponse } from './pipeline/types.js';
export type { SecretChanges, SecretsMethods } from './secrets.js';
export type { HeaderFields } from './util/header-fields.js';
export { VERSION } from './version.js';
