/** Which endpoint each method uses. */
import type { Client } from 'openapi-fetch';
import type { NewSecret, paths, Secret, SecretPage, SecretUpdate } from '../generated/schema.js';
import * as valid from '../generated/validators.js';
import { checkInput, checkPage } from './input.js';
import type { CallOptions } from './options.js';
import { allItems } from './pagination.js';
import { type Answer, type Call, isOk } from './pipeline/send-with-fetch.js';
import { apiError, brokenContract, parsed, toValue } from './response.js';

const ALL = '/api/v1/secrets';
const ONE = '/api/v1/secrets/{tagOrId}';

/** The methods of a client. Each rejects with an ApiError, a ConnectionError or a ContractError, see {@link CortexError}. */
export interface SecretsMethods {
  /**
   * One page of the secrets, without their values.
   * @param query `page` counts from 0 (default 0), `pageSize` is 1 to 1000 (default 250)
   */
  list(query?: { page?: number; pageSize?: number }, options?: CallOptions): Promise<SecretPage>;
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
   */
  listAll(options?: CallOptions): AsyncGenerator<Secret, void, undefined>;
  /** The secret with this tag or id, without its value. */
  get(tagOrId: string, options?: CallOptions): Promise<Secret>;
  /** Stores a new value under a new tag. Not repeated when its outcome is unknown: the error says so. */
  create(secret: NewSecret, options?: CallOptions): Promise<Secret>;
  /** Changes the name, the value, or both; what is left out stays. */
  update(tagOrId: string, changes: SecretUpdate, options?: CallOptions): Promise<Secret>;
  /**
   * Creates the secret, or updates the one that has this tag: safe to repeat, whatever failed before. Asks for an update,
   * if there is nothing to update for a create, and if that clashes for an update again; each of the three is repeated
   * as often as `retry` allows.
   */
  set(tag: string, value: { name: string; secret: string }, options?: CallOptions): Promise<Secret>;
  /** Deletes a secret for good. */
  delete(tagOrId: string, options?: CallOptions): Promise<void>;
}

/** What openapi-fetch is called with besides a request's own settings, so that the request goes through the rooms. */
export type Via = { parseAs: 'stream' };

/** Begins a call, and sends one request of it. */
export interface Transport {
  http: Client<paths>;
  begin(operation: string, options?: CallOptions, ...silent: (string | undefined)[]): Call;
  send(call: Call, path: string, request: (via: Via) => Promise<unknown>): Promise<Answer>;
}

export function secretsMethods({ http, begin, send }: Transport): SecretsMethods {
  const page = async (name: string, query: { page?: number; pageSize?: number }, options?: CallOptions) => {
    const full = checkPage(query);
    const call = begin(name, options);
    return toValue(
      await send(call, ALL, (via) => http.GET(ALL, { params: { query: full }, ...via })),
      call,
      valid.SecretPage,
    );
  };
  return {
    list: async (query = {}, options) => page('secrets.list', query, options),

    listAll: (options) =>
      allItems(
        (at, pageSize, signal) => page('secrets.listAll', { page: at, pageSize }, { ...options, signal }),
        () => begin('secrets.listAll', options).signal,
      ),

    async get(tagOrId, options) {
      const call = begin('secrets.get', options);
      const params = { path: { tagOrId } };
      return toValue(await send(call, ONE, (via) => http.GET(ONE, { params, ...via })), call, valid.Secret);
    },

    async create(secret, options) {
      const body = checkInput('secrets.create', secret, ['tag', 'name', 'secret'], true);
      const call = begin('secrets.create', options, body.secret);
      return toValue(await send(call, ALL, (via) => http.POST(ALL, { body, ...via })), call, valid.Secret);
    },

    async update(tagOrId, changes, options) {
      const body = checkInput('secrets.update', changes, ['name', 'secret'], false);
      const call = begin('secrets.update', options, body.secret);
      const params = { path: { tagOrId } };
      return toValue(await send(call, ONE, (via) => http.PUT(ONE, { params, body, ...via })), call, valid.Secret);
    },

    async set(tag, value, options) {
      const body = checkInput('secrets.set', value, ['name', 'secret'], true);
      const call = begin('secrets.set', options, body.secret);
      // Also the create: if it is done twice, the second one clashes, and the update after it finds what it looks for.
      call.repeatable = true;
      const params = { path: { tagOrId: tag } };
      const update = () => send(call, ONE, (via) => http.PUT(ONE, { params, body, ...via }));
      let answer = await update();
      if (answer.status === 404) {
        const created = await send(call, ALL, (via) => http.POST(ALL, { body: { tag, ...body }, ...via }));
        // The vendor doesn't say what a clash of tags is answered with.
        answer = created.status === 400 || created.status === 409 ? await update() : created;
        if (answer.status === 404) answer = created; // it was no clash
      }
      const secret = toValue(answer, call, valid.Secret);
      if (secret.tag !== tag)
        throw brokenContract(answer, call, '/tag', 'is another one: the tag is the id of that secret');
      return secret;
    },

    async delete(tagOrId, options) {
      const call = begin('secrets.delete', options);
      const answer = await send(call, ONE, (via) => http.DELETE(ONE, { params: { path: { tagOrId } }, ...via }));
      // After an attempt that may have been acted on, "not found" is what success looks like.
      if (!isOk(answer.status) && !(answer.status === 404 && call.doubt)) throw apiError(answer, call);
      // No body is promised, and JSON does no harm; a page of HTML comes from somebody else.
      if (isOk(answer.status) && answer.text.trim() !== '') parsed(answer, call);
    },
  };
}
