/** Headers that users give: checked, and never quoted. */

/** Headers by name; a value that is undefined is left out. `Headers` and arrays of pairs work too. */
export type HeaderFields = Readonly<Record<string, string | undefined>> | Iterable<readonly [string, string]>;

/**
 * Headers that the client or `fetch` sets, and those that would change the body or the method for the server. Those about the connection (RFC 9110, section 7.6.1) are among them, and
 * Proxy-Authorization, which belongs to the dispatcher: here it would reach Cortex.
 */
const RESERVED =
  /^(authorization|proxy-authorization|accept|content-[\w-]+|host|x-http-method(-override)?|x-method-override|connection|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

const NAME = /^[\w!#$%&'*+.^`|~-]+$/; // RFC 9110, section 5.6.2
const VALUE = /^[!-~]([ -~\t]*[!-~])?$/;

/**
 * The headers by their names in small letters.
 *
 * @throws TypeError for a wrong or reserved one; its message names the header, and never quotes the value
 */
export function headerFields(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given || isPlain(given)))
    throw new TypeError('headers: must be an object, or a function that returns one');
  const entries: unknown[] = Symbol.iterator in given ? [...(given as Iterable<unknown>)] : Object.entries(given);
  const fields = entries.map((entry) => {
    const [name, value] = Array.isArray(entry) && entry.length === 2 ? entry : [];
    // A name that can't be one may be a value in the wrong place.
    if (typeof name !== 'string' || !NAME.test(name))
      throw new TypeError('headers: a name has characters that no header may have');
    const lowerCase = name.toLowerCase();
    if (RESERVED.test(lowerCase))
      throw new TypeError(
        `headers: ${lowerCase} can't be set${lowerCase === 'authorization' ? '; pass apiKey' : ': the client or fetch sets it'}`,
      );
    if (value !== undefined && !(typeof value === 'string' && VALUE.test(value)))
      throw new TypeError(`headers: the value of ${lowerCase} must be a string of visible ASCII characters`);
    return [lowerCase, value] as const;
  });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

/** Also an object of another window. A promise or a Date is none: its headers would be missing without a word. */
function isPlain(given: object): boolean {
  const prototype = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Headers whose values are public, and help to find a request in logs. */
const PUBLIC = /^(traceparent|tracestate|user-agent|accept-language|(x-)?(request|correlation)-id)$/;

/** A shorter value is no token, and would blank harmless text of errors. */
const MIN_SENSITIVE_LENGTH = 8;

/** The values that no error may show: a header may hold the token of a gateway. */
export const sensitiveFields = (fields: Readonly<Record<string, string>>): string[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    PUBLIC.test(name) || value.length < MIN_SENSITIVE_LENGTH ? [] : [value],
  );
