/**
 * The body of a request: text in UTF-8. A program that encodes it in another way must get an error: if the bytes were
 * replaced by U+FFFD, its tests would pass, and Cortex would store a value that nobody has given.
 */

import { hasLoneSurrogate } from '../util/well-formed.js';
import { RequestProblem } from './request-problem.js';

/** The vendor documents "request bodies up to 2 MB". */
export const MAX_BODY_BYTES = 2_000_000;

const tooLarge = (maxBytes: number) => new RequestProblem(413, `The body is larger than ${maxBytes / 1e6} MB`);
const NOT_UTF8 = new RequestProblem(400, 'The body is not UTF-8; encode the JSON as UTF-8');

/** The text of the bytes, or the problem with them. */
export function decodeBody(bytes: Uint8Array, maxBytes = MAX_BODY_BYTES): string | RequestProblem {
  if (bytes.byteLength > maxBytes) return tooLarge(maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return NOT_UTF8;
  }
}

/** A body that a program gives as a string. Its lone surrogates can't be encoded: fetch would send U+FFFD. */
export function checkText(text: string): string | RequestProblem {
  if (hasLoneSurrogate(text)) return NOT_UTF8;
  // A UTF-16 code unit has at most three bytes in UTF-8; most bodies need not be encoded to be measured.
  const fits = text.length * 3 <= MAX_BODY_BYTES || new TextEncoder().encode(text).byteLength <= MAX_BODY_BYTES;
  return fits ? text : tooLarge(MAX_BODY_BYTES);
}

/** What the headers of a body say that is not supported. */
export function problemOfHeaders(header: (name: string) => string | null | undefined): RequestProblem | undefined {
  const type = header('content-type') ?? '';
  if (!/^application\/json *(;|$)/i.test(type)) return new RequestProblem(415, 'Content-Type must be application/json');
  const [, charset] = /; *charset *= *"?([^";]*)/i.exec(type) ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset.trim()))
    return new RequestProblem(415, 'The charset of Content-Type must be UTF-8, or left out');
  const encoding = header('content-encoding') ?? '';
  if (!/^(identity)?$/i.test(encoding.trim()))
    return new RequestProblem(415, 'Content-Encoding is not supported; send the body uncompressed', {
      'accept-encoding': 'identity',
    });
  return undefined;
}
