/** Turns an error response, or a redirect, into an ApiError. */
import { KNOWN_ERROR_TYPE } from '../generated/validators.js';
import { readErrorBody } from './error-body.js';
import { ApiError, type Violation } from './errors.js';
import { errorContext, errorTexts, outcomeOfResponse } from './pipeline/call.js';
import type { BufferedResponse, Call } from './pipeline/types.js';
import { type Piece, redactAll } from './redaction/redact.js';

/** What to do about a status whose reason is always the same. */
const ADVICE: Record<number, string> = {
  401: 'Check the API key: it may be wrong or expired',
  403: 'The API key needs the "Create secrets" permission',
};

/** With `apiKey: null` the request that was sent has no key. */
const KEY_NOT_ADDED =
  'This client sends no API key (apiKey: null): the proxy, the gateway or the page that passes its requests on must add a valid one';

const USER_LACKS_PERMISSION =
  'The key that is added to the request, or in a Cortex plugin the user, needs the "Create secrets" permission';

/** The error of a response that is not 2xx. */
export function apiError(response: BufferedResponse, call: Call): ApiError {
  const { status, retryAfterMs, request, headers, text } = response;
  const { message, type, requestId = headers.get('x-request-id') || undefined, ...body } = readErrorBody(text);
  const what: Piece[] = [{ own: `${status}` }];
  if (type !== undefined) what.push({ own: ' ' }, pieceOf(type));
  const advice = adviceOn(response);
  const reason = message ?? redirectReason(response) ?? violationsReason(body.violations);
  if (typeof reason !== 'string') what.push({ own: ' ' }, ...reason);
  else if (reason) what.push({ own: ' ' }, advice ? reason.replace(/\.$/, '') : reason);
  else if (status === 429) what.push({ own: ' Too many requests' });
  if (advice) what.push({ own: `. ${advice}` });

  const texts = errorTexts(call, what);
  const { length } = texts;
  // Short fields first, since there is no room for endless ones.
  const fields = JSON.stringify({ type, requestId, ...body }, (_, each) => {
    if (typeof each === 'string') texts.push([pieceOf(each)]);
    return each;
  });
  const safe = redactAll(texts, call.sensitiveValues);
  const rest = safe.slice(length).values();
  const safeFields = JSON.parse(fields, (_, each) => (typeof each === 'string' ? rest.next().value : each));
  if (retryAfterMs !== undefined) safeFields.retryAfterMs = retryAfterMs;
  return new ApiError(
    errorContext(request, call, what, safe.slice(0, length)),
    outcomeOfResponse(response, call),
    status,
    safeFields,
  );
}

/** A type that the contract lists is a word of our own, whatever the values are. */
const pieceOf = (text: string): Piece => (KNOWN_ERROR_TYPE.test(text) ? { own: text } : text);

function adviceOn({ status, retryAfterMs, request }: BufferedResponse): string | undefined {
  if (status === 401 && !request.headers.authorization) return KEY_NOT_ADDED;
  if (status === 403 && !request.headers.authorization) return USER_LACKS_PERMISSION;
  return ADVICE[status] ?? (retryAfterMs === undefined ? undefined : retryAdvice(retryAfterMs));
}

const violationsReason = (violations: readonly Violation[] = []): string =>
  violations.map((one) => one.description ?? one.title ?? one.violationType).join('; ');

const DAY_MS = 86_400_000;

const retryAdvice = (retryAfterMs: number) =>
  retryAfterMs > DAY_MS ? 'Retry-After is over a day' : `Try again in ${Math.ceil(retryAfterMs / 1000)} s`;

/** Names the origin of a redirect, and no more of it: the rest may carry what was sent. */
function redirectReason({ status, headers }: BufferedResponse): Piece[] | undefined {
  if (status >= 400) return undefined;
  if (status !== 0 && status < 300) return [{ own: 'is no status of a final response' }];
  const sameOrigin = 'https://same.invalid';
  const target: Piece[] = [];
  try {
    const { origin } = new URL(headers.get('location') ?? '', sameOrigin);
    if (origin !== sameOrigin) target.push({ own: ' to ' }, origin);
  } catch {
    // A Location that is no URL is left out.
  }
  return [{ own: 'redirect' }, ...target, { own: " was not followed. Set baseUrl to the API's own address" }];
}
