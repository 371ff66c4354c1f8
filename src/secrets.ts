/** The methods: which endpoint each of them uses, with what body, and how its response is validated. */
import type { NewSecret, Secret, SecretPage, SecretUpdate } from '../generated/schema.js';
import * as valid from '../generated/validators.js';
import { apiError } from './api-error.js';
import { isCortexNotFound } from './error-body.js';
import { checkInput, checkPage } from './input.js';
import type { CallOptions, WriteOptions } from './options.js';
import { allItems } from './pagination.js';
import { isOk } from './pipeline/read-body.js';
import type { Call, SendRequest } from './pipeline/types.js';
import { builtRequest, type RequestBuilder } from './request-builder.js';
import { brokenContract, parseJson, toValue } from './response.js';
import type { StartCall } from './start-call.js';

const ALL = '/api/v1/secrets';
const ONE = '/api/v1/secrets/{tagOrId}';

const MIB = 2 ** 20;
/** The size limits of a list and of one secret. */
const MAX_LIST_BYTES = 16 * MIB;
const MAX_SECRET_BYTES = MIB;

/** The changes of an update; a field that is left out, or undefined, stays as it is. */
export type SecretChanges = { [name in keyof SecretUpdate]?: SecretUpdate[name] | undefined };

/**
 * The methods of a client. Each rejects with an ApiError, a ConnectionError or a ContractError (see {@link CortexError});
 * with a TypeError or RangeError, before anything is sent, if an argument is wrong; and with the reason of `signal` or the
 * error of your `apiKey` function as it is.
 */
export interface SecretsMethods {
  /**
   * Fetches one page of the secrets, without their values.
   *
   * @param query `page` counts from 0 (default 0); `pageSize` is from 1 to 1000 (default 250)
   */
  list(
    query?: { page?: number | undefined; pageSize?: number | undefined },
    options?: CallOptions,
  ): Promise<SecretPage>;
  /**
   * Yields every secret, without its value: requests pages of 1000, up to 8 ahead, and stops when the loop is left.
   *
   * Every secret that exists from the first request to the last is yielded exactly once, also if the loop deletes what it
   * gets, or others create and delete meanwhile: if `total` or the ids show that the list changed, it is read again from
   * page 0, and what was missed follows. A list that changes each time is read at most 10 times. One change cannot be
   * detected: between two requests, one secret on a page that was read is deleted, and another is created behind the
   * pages that were read. `total` stays the same then, and one secret may be missed; call `listAll` again if that matters.
   *
   * `timeoutMs`, `deadlineMs` and `retry` hold for each page.
   *
   * @example
   * ```ts
   * for await (const { tag, name } of secrets.listAll()) console.log(tag, name);
   * ```
   */
  listAll(options?: CallOptions): AsyncGenerator<Secret, void, undefined>;
  /** Fetches the secret with this tag or id, without its value. */
  get(tagOrId: string, options?: CallOptions): Promise<Secret>;
  /**
   * Stores a new value under a new tag. Not retried if its outcome is unknown: the error's `outcome` says so. An empty
   * value is a TypeError, here and in `update` and `set`, unless `allowEmptyValue` is true.
   */
  create(secret: NewSecret, options?: WriteOptions): Promise<Secret>;
  /** Changes the name, the value, or both; what is left out stays. */
  update(tagOrId: string, changes: SecretChanges, options?: WriteOptions): Promise<Secret>;
  /**
   * Creates the secret, or updates the one that has this tag: safe to retry, whatever failed before. Sends an update, then
   * a create if there is nothing to update, then an update again if the create conflicts; each of the three is retried as
   * often as `retry` allows.
   *
   * @example
   * ```ts
   * await secrets.set('my-secret', { name: 'My secret', secret: newValue });
   * ```
   */
  set(tag: string, value: { name: string; secret: string }, options?: WriteOptions): Promise<Secret>;
  /** Deletes a secret for good. */
  delete(tagOrId: string, options?: CallOptions): Promise<void>;
}

interface Dependencies {
  http: RequestBuilder;
  headers: Record<string, string>;
  startCall: StartCall;
  send: SendRequest;
}

export function secretsMethods({ http, headers, startCall, send }: Dependencies): SecretsMethods {
  type Built = Promise<{ response: Response }>;
  const sendBuilt = async (call: Call, path: string, built: Built, maxResponseBytes = MAX_SECRET_BYTES) =>
    send(builtRequest(await built, { path, headers, maxResponseBytes }), call);

  const listPage = async (
    operation: string,
    given: { page?: number | undefined; pageSize?: number | undefined },
    options?: CallOptions,
  ) => {
    const query = checkPage(given);
    const call = startCall(operation, options);
    const response = await sendBuilt(call, ALL, http.GET(ALL, { params: { query } }), MAX_LIST_BYTES);
    return toValue(response, call, valid.SecretPage);
  };

  return {
    list: async (query = {}, options) => listPage('secrets.list', query, options),

    listAll: (options) =>
      allItems(
        (page, pageSize, signal) => listPage('secrets.listAll', { page, pageSize }, { ...options, signal }),
        () => startCall('secrets.listAll', options).signal,
      ),

    async get(tagOrId, options) {
      const call = startCall('secrets.get', options, { tagOrId });
      const response = await sendBuilt(call, ONE, http.GET(ONE, { params: { path: { tagOrId } } }));
      return toValue(response, call, valid.Secret);
    },

    async create(secret, options) {
      const body = checkInput('secrets.create', secret, ['tag', 'name', 'secret'], true, options);
      const call = startCall('secrets.create', options, { tagOrId: body.tag, value: body.secret });
      return toValue(await sendBuilt(call, ALL, http.POST(ALL, { body })), call, valid.Secret);
    },

    async update(tagOrId, changes, options) {
      const body = checkInput('secrets.update', changes, ['name', 'secret'], false, options);
      const call = startCall('secrets.update', options, { tagOrId, value: body.secret });
      const response = await sendBuilt(call, ONE, http.PUT(ONE, { params: { path: { tagOrId } }, body }));
      return toValue(response, call, valid.Secret);
    },

    async set(tag, value, options) {
      const body = checkInput('secrets.set', value, ['name', 'secret'], true, options);
      // The create too: if it is processed twice, the second one conflicts, and the update after it finds the secret.
      const call = startCall('secrets.set', options, { tagOrId: tag, value: body.secret, idempotent: true });
      const update = () => sendBuilt(call, ONE, http.PUT(ONE, { params: { path: { tagOrId: tag } }, body }));
      let response = await update();
      if (response.status === 404) {
        const created = await sendBuilt(call, ALL, http.POST(ALL, { body: { tag, ...body } }));
        // The vendor doesn't document the status of a tag that exists already.
        response = created.status === 400 || created.status === 409 ? await update() : created;
        if (response.status === 404) response = created; // it was no conflict
      }
      const secret = toValue(response, call, valid.Secret);
      if (secret.tag !== tag)
        throw brokenContract(response, call, '/tag', 'is another one: the given tag is the id of that secret');
      return secret;
    },

    async delete(tagOrId, options) {
      const call = startCall('secrets.delete', options, { tagOrId });
      const response = await sendBuilt(call, ONE, http.DELETE(ONE, { params: { path: { tagOrId } } }));
      if (isOk(response.status)) {
        // The contract promises no body, and JSON does no harm; HTML comes from something on the way.
        if (!NO_CONTENT.test(response.text)) parseJson(response, call);
        return;
      }
      // After an attempt that may have been processed, 404 is the response to a delete that succeeded.
      if (!(call.progress.maybeProcessed && isCortexNotFound(response))) throw apiError(response, call);
    },
  };
}

/** An empty body, or the words that the vendor's reference shows for one. */
const NO_CONTENT = /^\s*(no content)?\s*$/i;
