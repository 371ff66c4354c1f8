/** Turns an error response, or a redirect, into an ApiError. */
import { ApiError, type ApiErrorFields, type Violation } from './errors.js';
import { errorContext, outcomeOfResponse } from './pipeline/call.js';
import { requestIdOf } from './pipeline/events.js';
import type { BufferedResponse, Call } from './pipeline/types.js';
import type { SensitiveValues } from './util/redact.js';
import { safeText } from './util/safe-text.js';

/** What to do about a status whose reason is always the same. */
const ADVICE: Record<number, string> = {
  401: 'Check the API key: it may be wrong or expired',
  403: 'The API key needs the "Create secrets" permission',
};

const MAX_VIOLATIONS = 20;

/** The error of a response that is not 2xx. */
export function apiError(response: BufferedResponse, call: Call): ApiError {
  const { status, retryAfterMs } = response;
  const { message, ...body } = fieldsOf(response, call.sensitiveValues);
  const requestId = body.requestId ?? requestIdOf(response, call);
  const fields: ApiErrorFields = {
    ...body,
    ...(requestId && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  const violations = body.violations?.map((v) => v.description ?? v.title ?? v.violationType).join('; ');
  const reason =
    message ?? redirectMessage(response, call) ?? (violations || (status === 429 ? 'Too many requests' : undefined));
  const advice = ADVICE[status] ?? (retryAfterMs === undefined ? undefined : retryAdvice(retryAfterMs));
  const text = [status, body.type, reason].filter((part) => part !== undefined).join(' ');
  const fullText = advice ? `${text.replace(/\.$/, '')}. ${advice}` : text;
  return new ApiError(
    fullText,
    errorContext(response.request, call),
    outcomeOfResponse(response, call),
    status,
    fields,
  );
}

const DAY_MS = 86_400_000;

const retryAdvice = (retryAfterMs: number) =>
  retryAfterMs > DAY_MS ? 'Retry-After is over a day' : `Try again in ${Math.ceil(retryAfterMs / 1000)} s`;

/** Names the origin of a redirect, and no more of it: the rest may carry what was sent. */
function redirectMessage({ status, headers }: BufferedResponse, call: Call): string | undefined {
  if (status >= 400) return undefined;
  if (status !== 0 && status < 300) return 'is no status of a final response';
  const sameOrigin = 'https://same.invalid';
  let target = '';
  try {
    const { origin } = new URL(headers.get('location') ?? '', sameOrigin);
    if (origin !== sameOrigin) target = ` to ${safeText(origin, call.sensitiveValues)}`;
  } catch {
    // A Location that is no URL is left out.
  }
  return `redirect${target} was not followed. Set baseUrl to the API's own address`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of an error body: of the documented shape, of `violations`, or the beginning of anything else. */
function fieldsOf({ text }: BufferedResponse, values: SensitiveValues): ApiErrorFields & { message?: string } {
  const strings = (from: Record<string, unknown>, ...names: string[]): Record<string, string> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = from[name];
        return typeof value === 'string' && value !== '' ? [[name, safeText(value, values)]] : [];
      }),
    );
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: a proxy's page, or a truncated body.
  }
  const fields = isRecord(body) ? strings(body, 'message', 'type', 'details', 'requestId') : {};
  const list = isRecord(body) && Array.isArray(body.violations) ? body.violations : [];
  const violations: Violation[] = list
    .slice(0, MAX_VIOLATIONS)
    .filter(isRecord)
    .map((one) => strings(one, 'title', 'description', 'violationType', 'pointer'));
  if (violations.length > 0) return { ...fields, violations };
  if (Object.keys(fields).length > 0) return fields;
  const start = safeText(text.trim(), values);
  return start ? { details: start } : {};
}
