/** What Cortex does with a request, and answers: key, rate limit, contract, state, in this order. */
import type { Limiter } from './limiter.js';
import { empty, json, problem, type Reply } from './replies.js';
import type { Asked, Read } from './requests.js';
import type { SecretStore } from './store.js';

export interface Keys {
  readonly apiKey: string;
  readonly apiKeyWithoutPermission: string;
}

/** What the requests change. */
export interface State {
  readonly store: SecretStore;
  readonly limit: Limiter | undefined;
}

/** Pages seem to move on by `shift` secrets. */
export type Cortex = (state: State, read: Read, asked: Asked, shift: number) => Reply;

export function cortex(keys: Keys, requestId: () => string): Cortex {
  const refuse = (status: number, message: string) => problem(status, message, requestId());
  const found = (text?: string) => (text === undefined ? refuse(404, 'Secret not found') : json(200, text));

  const unauthorized = (asked: Asked): Reply | undefined => {
    const [, key] = /^bearer +(.*)$/i.exec(asked.header('authorization') ?? '') ?? [];
    if (key === keys.apiKey) return undefined;
    if (key === keys.apiKeyWithoutPermission) return refuse(403, 'The Create secrets permission is missing');
    if (key === undefined) return refuse(401, 'Send the header Authorization: Bearer <API key>');
    return refuse(401, 'The API key is not valid');
  };

  const limited = ({ limit }: State): Reply | undefined => {
    const seconds = limit?.();
    const headers = { 'retry-after': String(seconds) };
    return seconds === undefined ? undefined : problem(429, 'Too many requests', requestId(), headers);
  };

  const act = ({ store }: State, read: Read, shift: number): Reply => {
    if ('wrong' in read) return refuse(read.wrong.status, read.wrong.message);
    switch (read.operation) {
      case 'list':
        return json(200, store.page(read.given.page, read.given.pageSize, shift));
      case 'create':
        if (store.has(read.given.tag)) return refuse(409, 'A secret with this tag exists already');
        return json(200, store.create(read.given));
      case 'update':
        return found(store.update(read.tagOrId, read.given));
      case 'get':
        return found(store.get(read.tagOrId));
      case 'delete':
        return store.delete(read.tagOrId) ? empty(200) : found();
    }
  };

  return (state, read, asked, shift) => unauthorized(asked) ?? limited(state) ?? act(state, read, shift);
}
