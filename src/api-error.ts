/** Turns an error response, or a redirect, into an ApiError. */
import { KNOWN_ERROR_TYPE } from '../generated/validators.js';
import { readErrorBody } from './error-body.js';
import type { ErrorSource } from './error-kind.js';
import { ApiError } from './errors.js';
import { errorContext, errorTexts, outcome } from './pipeline/call.js';
import type { BufferedResponse, Call } from './pipeline/types.js';
import { type Piece, redactAll } from './redaction/redact.js';

/** What to do about a status whose reason is always the same, if Cortex responded. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'Check the API key: it may be wrong or expired',
  403: 'The API key needs the "Create secrets" permission',
};

/** With `apiKey: null` the request that was sent has no key. */
const ADVICE_WITHOUT_KEY: Readonly<Record<number, string>> = {
  401: 'This client sends no API key (apiKey: null): the proxy, gateway or page that adds it must add a valid one',
  403: 'The key that is added to the request, or in a Cortex plugin the user, needs the "Create secrets" permission',
};

/** The error of a response that is not 2xx. */
export function apiError(response: BufferedResponse, call: Call): ApiError {
  const { status, retryAfterMs, request, headers, text } = response;
  const isRedirect = status < 400;
  const body = readErrorBody(status, text);
  const source = isRedirect ? 'foreign' : body.source;
  const requestId = body.fields.requestId ?? headers.get('x-request-id');
  const { type } = body.fields;
  const what: Piece[] = [{ own: `${status}` }];
  if (type !== undefined) what.push({ own: ' ' }, pieceOf(type));
  const advice = adviceOn(response, source);
  if (isRedirect) what.push(...redirectReason(response));
  else if (body.message) what.push({ own: ' ' }, advice ? body.message.replace(/\.$/, '') : body.message);
  else if (status === 429) what.push({ own: ' Too many requests' });
  if (source === 'foreign' && !isRedirect) what.push(...foreignReason(headers));
  if (advice) what.push({ own: `. ${advice}` });

  const texts = errorTexts(call, what);
  const { length } = texts;
  // Short fields first: the total length is limited.
  const fields = JSON.stringify({ type, ...(requestId && { requestId }), ...body.fields }, (_, each) => {
    if (typeof each === 'string') texts.push([pieceOf(each)]);
    return each;
  });
  const safe = redactAll(texts, call.sensitiveValues);
  const rest = safe.slice(length).values();
  const safeFields = JSON.parse(fields, (_, each) => (typeof each === 'string' ? rest.next().value : each));
  if (retryAfterMs !== undefined) safeFields.retryAfterMs = retryAfterMs;
  return new ApiError(
    errorContext(request, call, what, safe.slice(0, length)),
    outcome(call),
    status,
    source,
    safeFields,
  );
}

/** The type of a response's body, which shows whether it is a page, and who may have written it. */
function foreignReason(headers: BufferedResponse['headers']): Piece[] {
  const [mediaType] = /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(headers.get('content-type') ?? '') ?? [];
  return [
    ...(mediaType ? [{ own: ' (' }, mediaType, { own: ')' }] : []),
    { own: ', not from Cortex: a proxy or firewall before it responded; check baseUrl and the network' },
  ];
}

/** A type that the contract lists is a word of our own, whatever the values are. */
const pieceOf = (text: string): Piece => (KNOWN_ERROR_TYPE.test(text) ? { own: text } : text);

function adviceOn({ status, retryAfterMs, request }: BufferedResponse, source: ErrorSource): string | undefined {
  const advice = request.headers.authorization ? ADVICE : ADVICE_WITHOUT_KEY;
  if (source !== 'foreign' && advice[status]) return advice[status];
  return retryAfterMs === undefined ? undefined : retryAdvice(retryAfterMs);
}

const DAY_MS = 86_400_000;

const retryAdvice = (retryAfterMs: number) =>
  retryAfterMs > DAY_MS ? 'Retry-After is over a day' : `Try again in ${Math.ceil(retryAfterMs / 1000)} s`;

/** Names the origin of a redirect, and no more of it: the rest may carry what was sent. */
function redirectReason({ status, headers }: BufferedResponse): Piece[] {
  if (status !== 0 && status < 300) return [{ own: ' is no status of a final response' }];
  const sameOrigin = 'https://same.invalid';
  const target: Piece[] = [];
  try {
    const { origin } = new URL(headers.get('location') ?? '', sameOrigin);
    if (origin !== sameOrigin && origin !== 'null') target.push({ own: ' to ' }, origin);
  } catch {
    // A Location that is no URL is left out, as is one without a host.
  }
  return [{ own: ' redirect' }, ...target, { own: " was not followed. Set baseUrl to the API's own address" }];
}
