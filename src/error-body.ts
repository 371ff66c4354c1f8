/** Reads the body of an error response, and tells Cortex's own from what something on the way to it wrote. */
import type { ErrorBody } from '../generated/schema.js';
import type { ErrorSource } from './error-kind.js';
import type { ApiErrorFields, Violation } from './errors.js';
import type { BufferedResponse } from './pipeline/types.js';

/** What an error response says, as far as it is readable. */
export interface ReadErrorBody {
  readonly source: ErrorSource;
  /** The reason, for people. */
  readonly message?: string | undefined;
  readonly fields: ApiErrorFields;
}

type Json = Readonly<Record<string, unknown>>;

/** Where bodies of other programs have their reason: RFC 9457, RFC 6749, Spring, Google, JSON:API, ... */
const REASONS = ['message', 'detail', 'title', 'error', 'error_description', 'errors'];
/** Without `<` in the tag, since the search for its end would be quadratic in a body of many beginnings. */
const HTML_TITLE = /<title[^<>]*>([^<]*)/i;
const MAX_VIOLATIONS = 20;
/** Types of the contract, and those that may be added to it. The type of RFC 9457 is a URI, that of others a small word. */
const TYPE = /^[A-Z][A-Z_]*$/;

/**
 * Reads an error body. Cortex's is JSON with a `message` and a `type` like those of the contract, or with `violations`; any
 * other is of something before it. A response without a body may be Cortex's, which documents none for a 429; but it does
 * document that of a 404, and an ingress that knows no such path responds without one.
 */
export function readErrorBody(status: number, text: string): ReadErrorBody {
  const json = parsed(text);
  const body = isRecord(json) ? json : {};
  const violations = violationsOf(body);
  if (hasErrorShape(body) || violations.length > 0) {
    const { message, ...fields } = stringsOf(body, 'message', 'type', 'details', 'requestId');
    return {
      source: 'cortex',
      message: message ?? violations.map((one) => one.description ?? one.title ?? one.violationType).join('; '),
      fields: violations.length > 0 ? { ...fields, violations } : fields,
    };
  }
  const details = text.trim();
  // JSON that can't be parsed is the beginning of a body that was too long.
  const isTelling = details !== '' && details !== '{}' && !(json === undefined && details.startsWith('{'));
  const message = reasonIn(json) ?? HTML_TITLE.exec(text)?.[1];
  return {
    source: isTelling || status === 404 ? 'foreign' : 'unknown',
    // Pages repeat their status.
    message: message
      ?.trim()
      .replace(/\s+/g, ' ')
      .replace(RegExp(`^${status}\\b[\\s\\p{P}]*`, 'u'), ''),
    fields: details ? { details } : {},
  };
}

/**
 * Whether a response is Cortex's own 404: there is no such secret. A proxy or an ingress responds with 404 too, some of
 * them in JSON; they prove nothing about the secret. `kind` of the response's error is then `not-found`.
 */
export const isCortexNotFound = ({ status, text }: Pick<BufferedResponse, 'status' | 'text'>): boolean =>
  status === 404 && readErrorBody(status, text).source === 'cortex';

/**
 * The body of an error response as the contract describes it: as it is, if it is of that shape, or one that is made from
 * what came, without a type.
 */
export function toErrorBody(status: number, given: unknown): ErrorBody {
  if (isRecord(given) && hasErrorShape(given)) return given as unknown as ErrorBody;
  const text = typeof given === 'string' ? given : (JSON.stringify(given) ?? '');
  const { message, fields } = readErrorBody(status, text);
  return { type: '', httpStatus: status, ...fields, message: message || `HTTP ${status}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isType = (type: unknown): boolean => typeof type === 'string' && TYPE.test(type);

const hasErrorShape = ({ message, type }: Json): boolean => typeof message === 'string' && isType(type);

/** Those of the second shape. RFC 9457 has an extension of the same name, in a body with another type. */
function violationsOf({ type, violations }: Json): Violation[] {
  if (!Array.isArray(violations) || !(type === undefined || isType(type))) return [];
  return violations
    .slice(0, MAX_VIOLATIONS)
    .filter(isRecord)
    .map((one) => stringsOf(one, 'title', 'description', 'violationType', 'pointer'))
    .filter((one) => Object.keys(one).length > 0);
}

/** The first reason that is a text, in one of the usual fields, or in those of an object there. */
function reasonIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return value || undefined;
  if (depth > 3) return undefined;
  if (Array.isArray(value)) return reasonIn(value[0], depth + 1);
  if (!isRecord(value)) return undefined;
  for (const name of REASONS) {
    const reason = reasonIn(value[name], depth + 1);
    if (reason) return reason;
  }
  return undefined;
}

/** Those of the fields that are strings with something in them. */
const stringsOf = (from: Json, ...names: string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return typeof value === 'string' && value !== '' ? [[name, value]] : [];
    }),
  );
