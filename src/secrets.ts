/** The methods: which endpoint each of them uses, with what body, and how its response is validated. */
import type { NewSecret, Secret, SecretPage, SecretUpdate } from '../generated/schema.js';
import { apiError } from './api-error.js';
import { isCortexNotFound } from './error-body.js';
import { checkInput, checkNewTag, checkPage } from './input.js';
import type { CallOptions, WriteOptions } from './options.js';
import { allItems } from './pagination.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call, SendRequest } from './pipeline/types.js';
import type { BuildRequest } from './request-builder.js';
import { assertDeleted, brokenContract, MAX_RESPONSE_BYTES, maxListBytes, toPage, toSecret } from './response.js';
import type { Calls } from './start-call.js';

const ALL = '/api/v1/secrets';
const ONE = '/api/v1/secrets/{tagOrId}';

/** The changes of an update; a field that is left out, or undefined, stays as it is. */
export type SecretChanges = SecretUpdate;

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
   * gets, or others create, rename and delete meanwhile. The API has no cursor, so a list of more than one page is read
   * until two readings in a row have the same ids on the same pages; what an earlier one missed follows. A list of one page
   * takes one request, a longer one that stands still two for each page.
   *
   * If the list can't be proven complete, a {@link ContractError} comes at the end, after all that was found: the server
   * gives fewer secrets than `total`, or another page than the one that was asked for, or the list changes in each of 10
   * readings.
   *
   * `timeoutMs` and `retry` hold for each page; `deadlineMs` for the time that all pages take together, without the time
   * of your loop.
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
   *
   * A tag with other characters than letters, digits, `-` and `_` is a TypeError, here and in `set`. That rule is an
   * assumption, since the vendor's pages disagree: `update` changes a secret whose tag breaks it, and `api.POST` sends any tag.
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
  build: BuildRequest;
  calls: Calls;
  send: SendRequest;
}

export function secretsMethods({ build, calls, send }: Dependencies): SecretsMethods {
  const maxResponseBytes = MAX_RESPONSE_BYTES;
  const getPage = async (call: Call, query: { page: number; pageSize: number }) =>
    send(build('get', ALL, { params: { query }, maxResponseBytes: maxListBytes(query.pageSize) }), call);
  const post = async (call: Call, body: NewSecret) => send(build('post', ALL, { body, maxResponseBytes }), call);
  const put = async (call: Call, tagOrId: string, body: SecretUpdate) =>
    send(build('put', ONE, { params: { path: { tagOrId } }, body, maxResponseBytes }), call);

  return {
    async list(query = {}, options) {
      const checked = checkPage(query);
      const call = calls.start('secrets.list', options);
      return toPage(await getPage(call, checked), call);
    },

    listAll(options) {
      let last: { response: BufferedResponse; call: Call };
      return allItems(
        async (page, pageSize, signal, timeLeftMs) => {
          const call = calls.start('secrets.listAll', { ...options, signal }, { timeLeftMs });
          last = { response: await getPage(call, { page, pageSize }), call };
          return toPage(last.response, call);
        },
        () => calls.limitsOf(options),
        (problem, pointer) => brokenContract(last.response, last.call, pointer, problem, { isProcessed: true }),
      );
    },

    async get(tagOrId, options) {
      const call = calls.start('secrets.get', options, { tagOrId });
      return toSecret(await send(build('get', ONE, { params: { path: { tagOrId } }, maxResponseBytes }), call), call);
    },

    async create(secret, options) {
      const body = checkInput('secrets.create', secret, ['tag', 'name', 'secret'], true, options);
      checkNewTag('secrets.create', body.tag);
      const call = calls.start('secrets.create', options, { tagOrId: body.tag, write: { value: body.secret } });
      return toSecret(await post(call, body), call);
    },

    async update(tagOrId, changes, options) {
      const body = checkInput('secrets.update', changes, ['name', 'secret'], false, options);
      const call = calls.start('secrets.update', options, { tagOrId, write: { value: body.secret } });
      return toSecret(await put(call, tagOrId, body), call);
    },

    async set(tag, value, options) {
      const body = checkInput('secrets.set', value, ['name', 'secret'], true, options);
      checkNewTag('secrets.set', tag);
      // The create too: if it is processed twice, the second one conflicts, and the update after it finds the secret.
      const details = { tagOrId: tag, write: { value: body.secret }, idempotent: true };
      const call = calls.start('secrets.set', options, details);
      let response = await put(call, tag, body);
      if (response.status === 404) {
        const created = await post(call, { tag, ...body });
        // The vendor doesn't document the status of a tag that exists already.
        response = created.status === 400 || created.status === 409 ? await put(call, tag, body) : created;
        if (response.status === 404) response = created; // it was no conflict
      }
      const secret = toSecret(response, call);
      if (secret.tag.toLowerCase() === tag.toLowerCase()) return secret;
      const problem = 'is another one: the given tag is the id of that secret';
      throw brokenContract(response, call, '/tag', problem, { isProcessed: true });
    },

    async delete(tagOrId, options) {
      const call = calls.start('secrets.delete', options, { tagOrId });
      const response = await send(build('delete', ONE, { params: { path: { tagOrId } }, maxResponseBytes }), call);
      if (isOk(response.status)) assertDeleted(response, call);
      // After an attempt that may have been processed, 404 is the response to a delete that succeeded.
      else if (!(call.progress.maybeProcessed && isCortexNotFound(response))) throw apiError(response, call);
    },
  };
}
