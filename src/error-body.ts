/** Reads the body of an error response, and tells Cortex's own from what something on the way to it wrote. */
import type { ErrorType, Violation } from './errors.js';
import type { BufferedResponse } from './pipeline/types.js';

export interface ErrorBody {
  readonly message?: string;
  /** Cortex's, or none: the type of RFC 9457 is a URI, that of others a word in small letters. */
  readonly type?: ErrorType;
  readonly details?: string;
  readonly requestId?: string;
  readonly violations?: Violation[];
}

const MAX_VIOLATIONS = 20;

/** Types of the contract, and those that may be added to it. */
const TYPE = /^[A-Z][A-Z_]*$/;

/** The fields of a body: of the documented shape, of `violations`, or the beginning of anything else. */
export function readErrorBody(text: string): ErrorBody {
  const body = parsed(text);
  const { type, ...fields }: Record<string, string> = stringsOf(body, 'message', 'type', 'details', 'requestId');
  if (isCortexShape(body)) fields.type = type as string;
  const list = Array.isArray(body.violations) ? body.violations : [];
  const violations: Violation[] = list
    .slice(0, MAX_VIOLATIONS)
    .filter(isRecord)
    .map((one) => stringsOf(one, 'title', 'description', 'violationType', 'pointer'));
  if (violations.length > 0) return { ...fields, violations };
  if (Object.keys(fields).length > 0) return fields;
  const details = text.trim();
  return details ? { details } : {};
}

/**
 * Whether a response is Cortex's own 404: there is no such secret. A proxy or an ingress responds with 404 too, some of
 * them in JSON; they prove nothing about the secret. The same as `type` of an ApiError with the status 404.
 */
export const isCortexNotFound = ({ status, text }: Pick<BufferedResponse, 'status' | 'text'>): boolean =>
  status === 404 && isCortexShape(parsed(text));

/** The object that a text holds in JSON; an empty one if it is anything else: a proxy's page, or a truncated body. */
function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}

const isCortexShape = ({ message, type }: Record<string, unknown>): boolean =>
  typeof message === 'string' && typeof type === 'string' && TYPE.test(type);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Those of the fields that are strings with something in them. */
const stringsOf = (from: Record<string, unknown>, ...names: string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return typeof value === 'string' && value !== '' ? [[name, value]] : [];
    }),
  );
