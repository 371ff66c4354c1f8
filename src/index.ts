export type { NewSecret, Secret, SecretPage, SecretUpdate } from '../generated/schema.js';
export { createSecretsClient, type SecretsClient, VERSION } from './client.js';
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
export type { AttemptEvent, CallOptions, ClientOptions, LimitOptions, RetryOptions } from './options.js';
export type { Fetch, FetchInit, FetchResponse } from './pipeline/send-with-fetch.js';
