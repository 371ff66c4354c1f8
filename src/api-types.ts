/**
 * The types of `secrets.api`: those of openapi-fetch, under names of this package. Otherwise the declarations of a program
 * that exports a part of it would name openapi-fetch, which that program doesn't depend on.
 */
import type { Client, ClientPathsWithMethod, FetchOptions, FetchResponse, Middleware } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import type { CallOptions } from './options.js';

export type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace';
type MediaType = `${string}/${string}`;
/** The paths of the contract that have an operation with this method. */
export type ApiPath<Method extends HttpMethod> = ClientPathsWithMethod<Client<paths>, Method>;

/** The init of a request: that of openapi-fetch, and the options of a call. */
export type ApiInit<Operation> = CallOptions & Omit<FetchOptions<Operation>, keyof CallOptions>;

/** `data` or `error`, and the response. `Init` is that of the request, whose `parseAs` decides about `data`. */
export type ApiResponse<Operation, Init> = FetchResponse<Operation & object, Init, MediaType>;

/** Middleware for `secrets.api.use()`. Not `Middleware` as it is: TypeScript 5.4 would name that one. */
export type ApiMiddleware = Exclude<Middleware, undefined>;

type Rest<Init> = Partial<Init> extends Init ? [init?: Init] : [init: Init];

/** Sends a request of one HTTP method. The second signature is openapi-fetch's, for libraries that take its clients. */
export type ApiMethod<Method extends HttpMethod> = (<P extends ApiPath<Method>, Init extends ApiInit<paths[P][Method]>>(
  path: P,
  ...init: Rest<Init>
) => Promise<ApiResponse<paths[P][Method], Init>>) &
  Client<paths>[Uppercase<Method>];

/** Sends a request of the method that is given in lower case. */
export type ApiRequest = (<
  Method extends HttpMethod,
  P extends ApiPath<Method>,
  Init extends ApiInit<paths[P][Method]>,
>(
  method: Method,
  path: P,
  ...init: Rest<Init>
) => Promise<ApiResponse<paths[P][Method], Init>>) &
  Client<paths>['request'];

/** The openapi-fetch client of the contract. */
export interface SecretsApi extends Client<paths> {
  GET: ApiMethod<'get'>;
  PUT: ApiMethod<'put'>;
  POST: ApiMethod<'post'>;
  DELETE: ApiMethod<'delete'>;
  OPTIONS: ApiMethod<'options'>;
  HEAD: ApiMethod<'head'>;
  PATCH: ApiMethod<'patch'>;
  TRACE: ApiMethod<'trace'>;
  request: ApiRequest;
  use(...middleware: ApiMiddleware[]): void;
  eject(...middleware: ApiMiddleware[]): void;
}
