/** An answer becomes a value or an error. */
import type { Validator } from '../generated/validators.js';
import { ApiError, type ApiErrorFields, ContractError, type Outcome, type Violation } from './errors.js';
import { requestIdOf } from './pipeline/events.js';
import { type Answer, type Call, isOk, leavesDoubt, outcomeUnsent } from './pipeline/send-with-fetch.js';
import { redact, SensitiveValues } from './util/redact.js';

/** What to do about a status whose reason is always the same. */
const ADVICE: Record<number, string> = {
  401: 'Check the API key: it may be wrong or expired',
  403: 'The API key needs the "Create secrets" permission',
};

/** The value of a 2xx answer, holding only what the contract names; undefined where the contract promises no body. */
export function toValue<T>(answer: Answer, call: Call, validate: Validator<T>): T {
  if (!isOk(answer.status)) throw apiError(answer, call);
  const value = parsed(answer, call);
  if (!validate(value)) {
    const { instancePath = '', params = {} } = validate.errors?.[0] ?? {};
    const { missingProperty, type } = params;
    if (missingProperty) throw brokenContract(answer, call, `${instancePath}/${missingProperty}`, 'is missing');
    throw brokenContract(answer, call, instancePath, `must be of type ${type}`);
  }
  return value;
}

/** The vendor doesn't promise that a secret has a name: `null` stands for none. */
const nullIsMissing = (_name: string, value: unknown) => (value === null ? undefined : value);

/** The JSON of an answer. A SyntaxError quotes what it could not read, so it goes no further than here. */
export function parsed(answer: Answer, call: Call): unknown {
  if (answer.cut) throw brokenContract(answer, call, '', 'is larger than 16 MiB');
  try {
    // A reviver is slow; most answers hold no null.
    return JSON.parse(answer.text, answer.text.includes('null') ? nullIsMissing : undefined);
  } catch {
    throw brokenContract(answer, call, '', answer.text === '' ? 'has no body' : 'is not JSON');
  }
}

/** The error of an answer that can't be used. */
export function brokenContract({ status }: Answer, call: Call, pointer: string, what: string): ContractError {
  const subject = pointer === '' ? 'the answer' : `${pointer} of the answer`;
  return new ContractError(`${status}, but ${subject} ${what}`, call, status, pointer);
}

/** The error of an answer that is not 2xx. */
export function apiError(answer: Answer, call: Call): ApiError {
  const { status, retryAfterMs } = answer;
  const { message, ...read } = fieldsOf(answer, call);
  const requestId = read.requestId ?? requestIdOf(answer, call);
  const fields: ApiErrorFields = {
    ...read,
    ...(requestId && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  const violations = read.violations?.map((v) => v.description ?? v.title ?? v.violationType).join('; ');
  const told = message ?? redirect(answer, call) ?? (violations || (status === 429 ? 'Too many requests' : undefined));
  const advice =
    ADVICE[status] ?? (retryAfterMs === undefined ? undefined : `Try again in ${Math.ceil(retryAfterMs / 1000)} s`);
  const said = [status, read.type, told].filter((part) => part !== undefined).join(' ');
  return new ApiError(
    advice ? `${said.replace(/\.$/, '')}. ${advice}` : said,
    call,
    outcomeOf(answer, call),
    status,
    fields,
  );
}

function outcomeOf({ status }: Answer, call: Call): Outcome {
  if (call.attempts === 0) return 'not-sent';
  if (leavesDoubt(status)) return 'unknown';
  return outcomeUnsent(call) === 'unknown' ? 'unknown' : 'rejected';
}

/** Says where a redirect pointed: the origin only, since the rest may carry what was sent. */
function redirect({ status, headers }: Answer, call: Call): string | undefined {
  if (status >= 400) return undefined;
  let to = '';
  try {
    const { origin } = new URL(headers.get('location') ?? '', 'https://same.invalid');
    if (origin !== 'https://same.invalid') to = ` to ${redact(origin, new SensitiveValues(...call.silent))}`;
  } catch {
    // A Location that is no address is not worth words.
  }
  return `redirect${to} was not followed. Set baseUrl to where the API is`;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What can be read of an error's body: the documented shape, `violations`, or the beginning of anything else. */
function fieldsOf({ text }: Answer, call: Call): ApiErrorFields & { message?: string } {
  const strings = (from: Record<string, unknown>, ...names: string[]): Record<string, string> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = from[name];
        return typeof value === 'string' && value !== ''
          ? [[name, redact(value, new SensitiveValues(...call.silent))]]
          : [];
      }),
    );
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: a proxy's page, or an answer that was cut off.
  }
  const fields = isRecord(body) ? strings(body, 'message', 'type', 'details', 'requestId') : {};
  const listed = isRecord(body) && Array.isArray(body.violations) ? body.violations.slice(0, 20).filter(isRecord) : [];
  const violations: Violation[] = listed.map((one) => strings(one, 'title', 'description', 'violationType', 'pointer'));
  if (violations.length > 0) return { ...fields, violations };
  if (Object.keys(fields).length > 0) return fields;
  const start = redact(text.trim(), new SensitiveValues(...call.silent));
  return start ? { details: start } : {};
}
