/** How a failure shows an exchange: with neither key nor value. */
import { MASK, type Mask } from './mask.js';
import { API_PATH, type Exchange, type Sent, type Session } from './session.js';

const MAX_LENGTH = 600;
const HEADERS = ['content-type', 'www-authenticate', 'retry-after'];

function clipped(text: string, mask: Mask): string {
  const masked = mask.maskStart(text, MAX_LENGTH + 1);
  return masked.length > MAX_LENGTH ? `${masked.slice(0, MAX_LENGTH)}… (${text.length} characters)` : masked;
}

/** The request as text, with the value masked. */
export const shownRequest = ({ method, path, body }: Sent, { mask }: Session): string =>
  `${method} ${API_PATH}${path}${body === undefined ? '' : ` ${clipped(body, mask)}`}`;

export function shownResponse({ status, headers, text }: Exchange, { mask }: Session): string {
  if (status === 0) return mask.mask(text);
  const names = HEADERS.filter((name) => headers.has(name));
  const shown = names.map((name) => ` ${name}: ${mask.mask(headers.get(name) ?? '')};`);
  return `${status}${shown.join('')} ${text === '' ? 'no body' : clipped(text, mask)}`;
}

/** The request as a command for a shell. A value is not the one that was sent. */
export function curlCommand({ method, path, body, authorization }: Sent, { baseUrl, mask }: Session): string {
  const header =
    authorization === undefined
      ? '"Authorization: Bearer $CORTEX_API_KEY"'
      : quoted(`Authorization: ${mask.mask(authorization ?? '')}`).replaceAll(MASK, `'"$CORTEX_API_KEY"'`);
  return [
    `curl -i -X ${method} ${quoted(`${baseUrl}${API_PATH}${path}`)}`,
    ...(authorization === null ? [] : [`-H ${header}`]),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json' --data-binary ${quoted(clipped(body, mask))}`]),
  ].join(' ');
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
