/** Parts of servers that behave like the in-memory Cortex but for one fault. */
import type { FakeHttpRequest } from '../../../src/testing/parse-request.js';
import type { FakeHttpResponse } from '../../../src/testing/responses.js';
import { edited, type Tamper } from '../../support/tampered-cortex.js';

export interface WrongServer {
  readonly fault: string;
  /** A server of its own for each run: some of them remember requests. */
  readonly make: () => Tamper;
  /** Set if only a run with more than 250 secrets, or with random sequences, can find it. */
  readonly thorough?: boolean;
  /** Set if the contract forbids it by an assumption only. */
  readonly assumption?: boolean;
}

export type Fields = Record<string, unknown>;
export type Row = readonly [fault: string, tamper: Tamper | Fresh, marks?: Omit<WrongServer, 'fault' | 'make'>];

/** A tamper that remembers requests, made anew for each run. */
export interface Fresh {
  readonly make: () => Tamper;
}
export const fresh = (make: () => Tamper): Fresh => ({ make });

export const serversOf = (rows: readonly Row[]): WrongServer[] =>
  rows.map(([fault, tamper, marks]) => ({
    fault,
    make: typeof tamper === 'function' ? () => tamper : tamper.make,
    ...marks,
  }));

/** A fault that only an assumption of the contract forbids. */
export const ASSUMED = { assumption: true };
export const THOROUGH = { thorough: true };

export const jsonOf = (status: number, value: unknown): FakeHttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
export const crash: FakeHttpResponse = jsonOf(500, { message: 'Something went wrong', type: 'UNHANDLED_EXCEPTION' });
export const notFound: FakeHttpResponse = jsonOf(404, { message: 'Secret not found', type: 'NOT_FOUND' });

/** The fields of a request's body; none if it isn't a JSON object. */
export function fieldsOf({ body }: FakeHttpRequest): Fields {
  try {
    const value: unknown = JSON.parse(String(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
  } catch {
    return {};
  }
}
export const bodyOf = ({ body }: FakeHttpResponse): Fields => (body === '' ? {} : JSON.parse(body));

export const COLLECTION = '/api/v1/secrets';
/** The tag or id in the path, or '' in that of the list. */
export const tagOrIdOf = ({ target }: FakeHttpRequest): string =>
  decodeURIComponent(/^\/api\/v1\/secrets\/([^?]*)/.exec(target)?.[1] ?? '');
export const isList = ({ method, target }: FakeHttpRequest): boolean =>
  method === 'GET' && /^\/api\/v1\/secrets(\?|$)/.test(target);
export const queryOf = ({ target }: FakeHttpRequest): URLSearchParams =>
  new URLSearchParams(target.split('?')[1] ?? '');
export const withQuery = (request: FakeHttpRequest, change: Record<string, string>): FakeHttpRequest => {
  const query = new URLSearchParams({ ...Object.fromEntries(queryOf(request)), ...change });
  return { ...request, target: `${COLLECTION}?${query}` };
};
export const isId = (text: string): boolean => /^se[0-9a-f]{16}$/.test(text);
export const at = (request: FakeHttpRequest, tagOrId: string, method: string): FakeHttpRequest => ({
  ...request,
  method,
  target: `${COLLECTION}/${encodeURIComponent(tagOrId)}`,
  body: '',
});
export const withFields = (request: FakeHttpRequest, change: Fields): FakeHttpRequest => ({
  ...request,
  body: JSON.stringify({ ...fieldsOf(request), ...change }),
});
/** The request with the given authorization. */
export const withKey = (request: FakeHttpRequest, authorization: string): FakeHttpRequest => ({
  ...request,
  header: (name) => (name.toLowerCase() === 'authorization' ? authorization : request.header(name)),
});

/** Edits the secret in responses of `method`. */
export const editSecret = (method: string, edit: (secret: Fields, sent: Fields) => unknown): Tamper =>
  edited(method, 200, (body, request) =>
    isList(request) || body.id === undefined ? body : (edit(body, fieldsOf(request)) as object),
  );
/** Edits the pages of lists. */
export const editPage = (edit: (page: Fields & { secrets: Fields[] }, query: URLSearchParams) => unknown): Tamper =>
  edited('GET', 200, (body, request) =>
    isList(request) ? (edit(body as Fields & { secrets: Fields[] }, queryOf(request)) as object) : body,
  );
/** Edits the bodies of errors. */
export const editError =
  (status: number, edit: (error: Fields, sent: Fields) => Fields): Tamper =>
  async (request, respond) => {
    const response = await respond();
    if (response.status !== status) return response;
    return { ...response, body: JSON.stringify(edit(bodyOf(response), fieldsOf(request))) };
  };
/** Replaces the response to requests of a method with a status. */
export const replace =
  (method: string, status: number, by: (response: FakeHttpResponse) => FakeHttpResponse): Tamper =>
  async (request, respond) => {
    const response = await respond();
    return request.method === method && response.status === status ? by(response) : response;
  };
/** Edits the fields of a request before they are processed. */
export const editRequest =
  (method: string, edit: (fields: Fields) => Fields): Tamper =>
  (request, respond) =>
    respond(
      request.method === method && Object.keys(fieldsOf(request)).length > 0
        ? { ...request, body: JSON.stringify(edit(fieldsOf(request))) }
        : request,
    );
/** Stores names changed, by creates and updates. */
export const editNames =
  (edit: (name: string) => string): Tamper =>
  (request, respond) => {
    const { name } = fieldsOf(request);
    return respond(typeof name === 'string' ? withFields(request, { name: edit(name) }) : request);
  };
