/** The responses of the in-memory Cortex, before they become a `Response` or bytes on a socket. */
import type { KnownErrorType } from '../../generated/error-types.js';
import type { ErrorType } from '../errors.js';

export interface FakeHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const emptyResponse = (status: number, headers: Readonly<Record<string, string>> = {}): FakeHttpResponse => ({
  status,
  headers,
  body: '',
});

export const jsonResponse = (
  status: number,
  body: string,
  headers?: Readonly<Record<string, string>>,
): FakeHttpResponse => ({
  status,
  headers: headers ? { ...JSON_TYPE, ...headers } : JSON_TYPE,
  body,
});
const JSON_TYPE = { 'content-type': 'application/json' };

/** A page as proxies send it: it has none of the fields of a Cortex response. */
export const htmlResponse = (status: number, title: string): FakeHttpResponse => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
});

/** RFC 9110, section 11.6.1: a 401 has it. Java's HttpClient throws without it. */
export const CHALLENGE = { 'www-authenticate': 'Bearer' } as const;

/** The default `type` for a status. */
const TYPES: Record<number, KnownErrorType> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  409: 'CONFLICT',
};
const defaultType = (status: number) => TYPES[status] ?? (status >= 500 ? 'UNHANDLED_EXCEPTION' : 'UNCATEGORIZED');

interface ErrorDetails {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @defaultValue the type that the contract has for the status */
  readonly type?: ErrorType | undefined;
  readonly details?: string | undefined;
}

/** An error in the documented shape. */
export function errorResponse(
  status: number,
  message: string,
  requestId: string,
  { headers, details, type = defaultType(status) }: ErrorDetails = {},
): FakeHttpResponse {
  return jsonResponse(status, JSON.stringify({ message, type, details, httpStatus: status, requestId }), headers);
}
