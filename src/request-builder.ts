/** Builds the requests of the methods, with the functions that openapi-fetch builds its own with. */
import { createFinalURL, createQuerySerializer, type FetchOptions } from 'openapi-fetch';
import type { paths } from '../generated/schema.js';
import type { ApiPath, HttpMethod } from './api-types.js';
import type { HttpRequest } from './pipeline/types.js';
import { fillPath } from './util/url-path.js';

/** The parameters and the body of an operation, and the size limit of its response in bytes. */
type Content<Operation> = Pick<FetchOptions<Operation>, 'params' | 'body'> & { maxResponseBytes: number };

/**
 * Builds a request of the contract.
 *
 * @throws TypeError for a tag or an id that can't be a part of a path
 */
export type BuildRequest = <Method extends HttpMethod, Path extends ApiPath<Method>>(
  method: Method,
  path: Path,
  content: Content<paths[Path][Method]>,
) => HttpRequest;

/**
 * Not by an openapi-fetch client, which sends what it builds. And without Headers: the mention of that global at import
 * makes Node load all of its fetch, 50 ms.
 */
export function requestBuilder(baseUrl: string, headers: Readonly<Record<string, string>>): BuildRequest {
  const querySerializer = createQuerySerializer();
  const headersOfJson = { ...headers, 'content-type': 'application/json' };
  return (method, path, { params = {}, body, maxResponseBytes }) => ({
    url: createFinalURL(path, { baseUrl, params: params as object, querySerializer, pathSerializer: fillPath }),
    path,
    method: method.toUpperCase(),
    headers: body === undefined ? headers : headersOfJson,
    body: body === undefined ? undefined : JSON.stringify(body),
    maxResponseBytes,
  });
}
