/** The text of bytes. Only UTF-8 is text; other encodings are named, since their bytes can look like something else. */
import { UsageError } from '../exit.js';

const ADVICE = [
  'Write it as UTF-8: in PowerShell with "Set-Content -Encoding utf8", for a pipe after',
  '"$OutputEncoding = [Text.UTF8Encoding]::new()"; elsewhere with "iconv -f UTF-16 -t UTF-8".',
];
/** Enough to tell the encoding of a text. */
const LOOKED_AT = 1024;
const GIT_CRYPT = '\0GITCRYPT\0';

/**
 * Keeps a byte order mark.
 *
 * @param source what messages call it
 * @throws UsageError for anything but UTF-8; the message quotes nothing of it
 */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
  const encoding = otherEncoding(bytes);
  if (encoding !== undefined) throw new UsageError(`${source}: is ${encoding}, and not UTF-8`, ADVICE);
  if (bytes.length >= GIT_CRYPT.length && Buffer.from(bytes.subarray(0, GIT_CRYPT.length)).toString() === GIT_CRYPT)
    throw new UsageError(`${source}: is encrypted by git-crypt; run "git-crypt unlock" first`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${source}: is not UTF-8; encode binary data first, for example as base64`);
  }
}

/** UTF-16 or UTF-32, by its byte order mark, or by the zero bytes between the letters. */
function otherEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  const isLittle = a === 0xff && b === 0xfe;
  if ((isLittle && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) return 'UTF-32';
  if (isLittle || (a === 0xfe && b === 0xff)) return 'UTF-16';
  if (bytes.length % 2 !== 0) return undefined;
  const zeros = [0, 0];
  const start = bytes.subarray(0, LOOKED_AT);
  for (const [i, byte] of start.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1;
  const [most = 0, least = 0] = zeros.sort((one, other) => other - one);
  return least === 0 && most >= 2 && most >= 0.2 * start.length ? 'UTF-16' : undefined;
}
