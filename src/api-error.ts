/** Turns an error response, or a redirect, into an ApiError. */
import { readErrorBody } from './error-body.js';
import { ApiError } from './errors.js';
import { errorContext, outcome } from './pipeline/call.js';
import type { BufferedResponse, Call } from './pipeline/types.js';
import type { SensitiveValues } from './util/redact.js';
import { safeTexts } from './util/safe-text.js';

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
  const { status, retryAfterMs, request, text } = response;
  const { message, ...body } = readErrorBody(text);
  const violations = body.violations?.map((v) => v.description ?? v.title ?? v.violationType).join('; ');
  const reason =
    message ?? redirectMessage(response) ?? (violations || (status === 429 ? 'Too many requests' : undefined));
  const requestId = body.requestId ?? response.headers.get('x-request-id');
  // The message is redacted as a whole: a value may be spread over the texts that it is made of.
  const safe = redactStrings(
    {
      message: [status, body.type, reason].filter((part) => part !== undefined).join(' '),
      fields: { ...body, ...(requestId && { requestId }) },
      tagOrId: call.tagOrId,
    },
    call.sensitiveValues,
  );
  const advice =
    !request.headers.authorization && (status === 401 || status === 403)
      ? { 401: KEY_NOT_ADDED, 403: USER_LACKS_PERMISSION }[status]
      : (ADVICE[status] ?? (retryAfterMs === undefined ? undefined : retryAdvice(retryAfterMs)));
  return new ApiError(
    advice ? `${safe.message.replace(/\.$/, '')}. ${advice}` : safe.message,
    errorContext(request, call, safe.tagOrId),
    outcome(call),
    status,
    { ...safe.fields, ...(retryAfterMs !== undefined && { retryAfterMs }) },
  );
}

/** A copy of `value` with all its strings made safe, in one go. */
function redactStrings<T>(value: T, values: SensitiveValues): T {
  const strings: string[] = [];
  const json = JSON.stringify(value, (_, each) => {
    if (typeof each === 'string') strings.push(each);
    return each;
  });
  const safe = safeTexts(strings, values).values();
  return JSON.parse(json, (_, each) => (typeof each === 'string' ? safe.next().value : each));
}

const DAY_MS = 86_400_000;

const retryAdvice = (retryAfterMs: number) =>
  retryAfterMs > DAY_MS ? 'Retry-After is over a day' : `Try again in ${Math.ceil(retryAfterMs / 1000)} s`;

/** Names the origin of a redirect, and no more of it: the rest may carry what was sent. */
function redirectMessage({ status, headers }: BufferedResponse): string | undefined {
  if (status >= 400) return undefined;
  if (status !== 0 && status < 300) return 'is no status of a final response';
  const sameOrigin = 'https://same.invalid';
  let target = '';
  try {
    const { origin } = new URL(headers.get('location') ?? '', sameOrigin);
    if (origin !== sameOrigin) target = ` to ${origin}`;
  } catch {
    // A Location that is no URL is left out.
  }
  return `redirect${target} was not followed. Set baseUrl to the API's own address`;
}
