/** Runs an operation of the API: checks the API key, the rate limit and the request, then reads or changes the store. */
import type { FakeHttpRequest, ParsedRequest } from './parse-request.js';
import type { RateLimiter } from './rate-limiter.js';
import { CHALLENGE, emptyResponse, errorResponse, type FakeHttpResponse, jsonResponse } from './responses.js';
import type { SecretStore } from './store.js';

export interface ApiKeys {
  readonly apiKey: string;
  readonly apiKeyWithoutPermission: string;
}

/** What requests change, and `reset()` replaces. */
export interface FakeState {
  readonly store: SecretStore;
  readonly rateLimiter: RateLimiter | undefined;
}

/** `shift`: how many secrets a list pretends to have before its first one. */
export type RunOperation = (
  state: FakeState,
  parsed: ParsedRequest,
  request: FakeHttpRequest,
  shift: number,
) => FakeHttpResponse;

export interface OperationSettings {
  readonly keys: ApiKeys;
  readonly createRequestId: () => string;
  /** The status of a create of a tag that exists. */
  readonly conflictStatus: 400 | 409;
}

export function createOperations({ keys, createRequestId, conflictStatus }: OperationSettings): RunOperation {
  const error = (status: number, message: string, details: Parameters<typeof errorResponse>[3] = {}) =>
    errorResponse(status, message, createRequestId(), details);
  const secretResponse = (json?: string) =>
    json === undefined ? error(404, 'Secret not found') : jsonResponse(200, json);

  const checkApiKey = (request: FakeHttpRequest): FakeHttpResponse | undefined => {
    const [, key] = /^bearer +(.*)$/i.exec(request.header('authorization') ?? '') ?? [];
    if (key === keys.apiKey) return undefined;
    if (key === keys.apiKeyWithoutPermission) return error(403, 'The Create secrets permission is missing');
    if (key === undefined) return error(401, 'Send the header Authorization: Bearer <API key>', { headers: CHALLENGE });
    return error(401, 'The API key is not valid', { headers: CHALLENGE });
  };

  const checkRateLimit = ({ rateLimiter }: FakeState): FakeHttpResponse | undefined => {
    const seconds = rateLimiter?.();
    if (seconds === undefined) return undefined;
    return error(429, 'Too many requests', { headers: { 'retry-after': String(seconds) } });
  };

  /** The vendor doesn't document this response. The contract has both forms. */
  const conflict = (tag: string) =>
    error(conflictStatus, 'A secret with this tag already exists', {
      ...(conflictStatus === 400 && { type: 'ILLEGAL_ARGUMENT_ERROR', details: `tag: ${tag}` }),
    });

  const run = ({ store }: FakeState, parsed: ParsedRequest, shift: number): FakeHttpResponse => {
    if ('problem' in parsed) {
      const { status, message, headers } = parsed.problem;
      return error(status, message, { headers });
    }
    switch (parsed.operation) {
      case 'list':
        return jsonResponse(200, store.page(parsed.input.page, parsed.input.pageSize, shift));
      case 'create':
        if (store.has(parsed.input.tag)) return conflict(parsed.input.tag);
        return jsonResponse(200, store.create(parsed.input));
      case 'update':
        return secretResponse(store.update(parsed.tagOrId, parsed.input));
      case 'get':
        return secretResponse(store.get(parsed.tagOrId));
      case 'delete':
        return store.delete(parsed.tagOrId) ? emptyResponse(200) : secretResponse();
    }
  };

  return (state, parsed, request, shift) => checkApiKey(request) ?? checkRateLimit(state) ?? run(state, parsed, shift);
}
