/** Reads `Retry-After` as RFC 9110, section 10.2.3, defines it: seconds or an HTTP date; everything else is ignored. */

// The three forms of RFC 9110, section 5.6.7. By pattern, since Date.parse takes `0.5`, `-5` and `2026` for dates and
// reads asctime as local time.
const IMF_FIXDATE = /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>\w{3}) (?<year>\d{4}) (?<time>[\d:]{8}) GMT$/;
const RFC_850 = /^[A-Z][a-z]+day, (?<day>\d\d)-(?<month>\w{3})-(?<year>\d\d) (?<time>[\d:]{8}) GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>[\d:]{8}) (?<year>\d{4})$/;

/** The year that two digits stand for: one that seems more than 50 years ahead lies in the past (the same section). */
function fullYear(digits: string, now: number): string {
  const thisYear = new Date(now).getUTCFullYear();
  const year = Number(digits) + thisYear - (thisYear % 100);
  return String(year > thisYear + 50 ? year - 100 : year);
}

/** An HTTP date in milliseconds since 1970, or undefined if `text` is none. */
function httpDate(text: string, now: number): number | undefined {
  const found = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (!found) return undefined;
  const { day, month, year, time } = found as Record<'day' | 'month' | 'year' | 'time', string>;
  const isLeap = time.endsWith(':60'); // a second that Date doesn't know
  const date = [day.trim(), month, year.length === 2 ? fullYear(year, now) : year];
  // Stryker disable next-line Regex: no valid date has another 60
  const canonical = `${date.join(' ')} ${isLeap ? time.replace(/60$/, '59') : time} GMT`;
  const read = new Date(canonical);
  // Date makes 3 March out of 31 February: what is written again must be what was read.
  return read.toUTCString().endsWith(canonical) ? read.getTime() + (isLeap ? 1000 : 0) : undefined;
}

/** The delay that `Retry-After` asks for, in milliseconds. A date is compared with the response's own `Date`, if it has one. */
export function retryAfterMs(headers: { get(name: string): string | null }): number | undefined {
  const value = headers.get('retry-after')?.trim();
  // Stryker disable next-line ConditionalExpression: saves three patterns for each response
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  const now = Date.now();
  const until = httpDate(value, now);
  // Stryker disable next-line StringLiteral: no text but a date is one
  return until === undefined ? undefined : Math.max(0, until - (httpDate(headers.get('date') ?? '', now) ?? now));
}
