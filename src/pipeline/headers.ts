/** Adds the headers of the user's `headers` function to each attempt. */
import { type HeaderFields, headerFields, sensitiveFields } from '../util/header-fields.js';
import { askUser } from './timeout.js';
import { type SendRequest, withHeaders } from './types.js';

/** Headers of every request, or a function that returns them: called before each attempt. */
export type HeadersOption = HeaderFields | (() => HeaderFields | Promise<HeaderFields>);

/** Headers that don't change are part of the request already. A function is called before the attempt takes a slot. */
export function withUserHeaders(next: SendRequest, headers: HeadersOption | undefined): SendRequest {
  if (typeof headers !== 'function') return next;
  return async (request, call) => {
    const fields = headerFields(await askUser('headers', headers, call));
    for (const value of sensitiveFields(fields)) call.sensitiveValues.add(value);
    return next(withHeaders(request, fields), call);
  };
}
