/** Turns a response into a value. */
import type { Secret, SecretPage } from '../generated/schema.js';
import * as valid from '../generated/validators.js';
import { apiError } from './api-error.js';
import { ContractError } from './errors.js';
import { errorContext } from './pipeline/call.js';
import { isOk } from './pipeline/read-body.js';
import type { BufferedResponse, Call } from './pipeline/types.js';

type Problem = NonNullable<valid.Validator<unknown>['errors']>[number];

/** How an error of a 2xx response differs: by default nothing shows that the response is Cortex's. */
interface Details {
  kind?: 'contract' | 'foreign';
  /** Whether the response shows that Cortex has processed the request. */
  isProcessed?: boolean;
}

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** The size limit of one secret, and of a list whose secrets need no more. */
export const MAX_RESPONSE_BYTES = MIB;

/**
 * The size limit of a list. A tag and a name need some hundred bytes. JSON of 2 MiB that is made to be slow takes a quarter
 * of a second to parse, and nothing else can run meanwhile.
 */
export const maxListBytes = (pageSize: number): number => Math.max(MIB, pageSize * 2 * KIB);

/** The secret of a 2xx response: the one that the call asked for. */
export function toSecret(response: BufferedResponse, call: Call): Secret {
  const given = parseOk(response, call);
  const isAsked = isSecretOf(given, call);
  const kind = isRecord(given) && ('id' in given || 'tag' in given) ? 'contract' : 'foreign';
  const secret = validated(response, call, namedFields(given), valid.Secret, { kind, isProcessed: isAsked });
  if (isAsked) return secret;
  throw brokenContract(response, call, '/tag', 'and its id are those of another secret');
}

/** The page of a 2xx response. */
export function toPage(response: BufferedResponse, call: Call): SecretPage {
  const given = parseOk(response, call);
  const { page, secrets, total, totalPages } = isRecord(given) ? given : {};
  const kind = isRecord(given) && 'secrets' in given ? 'contract' : 'foreign';
  const named = isRecord(given)
    ? { page, secrets: Array.isArray(secrets) ? secrets.map(namedFields) : secrets, total, totalPages }
    : given;
  return validated(response, call, named, valid.SecretPage, { kind, isProcessed: kind === 'contract' });
}

/**
 * Checks the 2xx response to a delete. The contract names no body, and the vendor's reference shows `No content`, perhaps
 * for none. Other JSON proves nothing, unless it is the secret itself: a proxy's maintenance page may be JSON.
 */
export function assertDeleted(response: BufferedResponse, call: Call): void {
  if (/^\s*(no content|\{\s*\})?\s*$/i.test(response.text)) return;
  if (isSecretOf(parseJson(response, call), call)) return;
  throw brokenContract(response, call, '', 'is not that of a delete', { kind: 'foreign' });
}

/** Whether a value has the id or the tag of the call. Without regard to case: the vendor does not say whether it counts. */
function isSecretOf(value: unknown, { tagOrId }: Call): boolean {
  if (!isRecord(value)) return false;
  // Stryker disable next-line OptionalChaining: for the compiler; the calls whose responses are compared have one
  const asked = tagOrId?.toLowerCase();
  return [value.id, value.tag].some((name) => typeof name === 'string' && name.toLowerCase() === asked);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A copy with only the fields that the contract names: to delete the others would take seconds for many. The vendor doesn't
 * promise that a secret has a name: `null` counts as missing.
 */
function namedFields(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { id, tag, name } = value;
  return name === null || name === undefined ? { id, tag } : { id, tag, name };
}

function validated<T>(
  response: BufferedResponse,
  call: Call,
  value: unknown,
  validate: valid.Validator<T>,
  details: Details,
): T {
  if (validate(value)) return value;
  const [{ instancePath, params }] = validate.errors as [Problem];
  const { missingProperty, type } = params;
  if (missingProperty)
    throw brokenContract(response, call, `${instancePath}/${missingProperty}`, 'is missing', details);
  throw brokenContract(response, call, instancePath, `must be of type ${type}`, details);
}

function parseOk(response: BufferedResponse, call: Call): unknown {
  if (!isOk(response.status)) throw apiError(response, call);
  return parseJson(response, call);
}

/** The JSON of a response. A SyntaxError quotes the text, so it is not passed on, nor kept as a cause. */
export function parseJson(response: BufferedResponse, call: Call): unknown {
  const { text, truncated, request } = response;
  if (truncated) throw brokenContract(response, call, '', `is larger than ${request.maxResponseBytes / MIB} MiB`);
  try {
    return JSON.parse(text);
  } catch {
    if (text === '') throw brokenContract(response, call, '', 'has no body');
    // A page of something before Cortex, such as a log-in page.
    throw brokenContract(response, call, '', 'is not JSON', { kind: 'foreign' });
  }
}

/** The error of a 2xx response that breaks the contract. */
export function brokenContract(
  response: BufferedResponse,
  call: Call,
  pointer: string,
  problem: string,
  { kind = 'contract', isProcessed = false }: Details = {},
): ContractError {
  const { status, request } = response;
  const subject = pointer === '' ? 'the response' : `${pointer} of the response`;
  const what = [{ own: `${status}, but ${subject} ${problem}` }];
  return new ContractError(
    errorContext(request, call, what),
    isProcessed ? 'processed' : 'unknown',
    status,
    pointer,
    kind,
  );
}
