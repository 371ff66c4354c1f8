/** Reads `Retry-After` as RFC 9110, section 10.2.3, defines it: whole seconds or an HTTP date; all else is ignored. */

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const TIME = '(\\d\\d):(\\d\\d):(\\d\\d)';

// The three forms of RFC 9110, section 5.6.7. By pattern, since Date.parse takes `0.5`, `-5` and `2026` for dates
// and reads asctime as local time.
const FORMS: [RegExp, (m: string[]) => (string | undefined)[]][] = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  [
    RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) (\\w{3}) (\\d{4}) ${TIME} GMT$`),
    ([, d, mon, y, h, m, s]) => [y, mon, d, h, m, s],
  ],
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  [
    RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d\\d)-(\\w{3})-(\\d\\d) ${TIME} GMT$`),
    ([, d, mon, y, h, m, s]) => [y, mon, d, h, m, s],
  ],
  // asctime: Sun Nov  6 08:49:37 1994
  [
    RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\\w{3}) ([ \\d]\\d) ${TIME} (\\d{4})$`),
    ([, mon, d, h, m, s, y]) => [y, mon, d, h, m, s],
  ],
];

/** An HTTP date in milliseconds since 1970, or undefined where it is none. */
export function httpDate(text: string, now: number): number | undefined {
  for (const [form, order] of FORMS) {
    const match = form.exec(text);
    if (!match) continue;
    const [y, name, ...rest] = order(match);
    const month = MONTHS.indexOf(name as string) / 3;
    const [day, h, m, s] = rest.map(Number) as [number, number, number, number];
    let year = Number(y);
    if (y?.length === 2) {
      // A year that seems more than 50 years ahead lies in the past (RFC 9110, section 5.6.7).
      year += 100 * Math.floor(new Date(now).getUTCFullYear() / 100);
      if (year > new Date(now).getUTCFullYear() + 50) year -= 100;
    }
    if (!Number.isInteger(month) || month < 0 || h > 23 || m > 59 || s > 60) return undefined;
    const time = Date.UTC(year, month, day, h, m, s);
    // 31 Feb would roll over into March.
    return new Date(Date.UTC(year, month, day)).getUTCDate() === day ? time : undefined;
  }
  return undefined;
}

/** What `Retry-After` asks for, in milliseconds. A date is read against the answer's own `Date`, as far as it has one. */
export function retryAfterMs(headers: { get(name: string): string | null }): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const now = Date.now();
  const until = httpDate(value, now);
  return until === undefined ? undefined : Math.max(0, until - (httpDate(headers.get('date') ?? '', now) ?? now));
}
