/** Reads `Retry-After` as RFC 9110, section 10.2.3, defines it: whole seconds or an HTTP date; all else is ignored. */

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const TIME = '(\\d\\d):(\\d\\d):(\\d\\d)';

// The three forms of RFC 9110, section 5.6.7. By pattern, since Date.parse takes `0.5`, `-5` and `2026` for dates and
// reads asctime as local time.
const IMF_FIXDATE = RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) (\\w{3}) (\\d{4}) ${TIME} GMT$`);
const RFC_850 = RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d\\d)-(\\w{3})-(\\d\\d) ${TIME} GMT$`);
const ASCTIME = RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\\w{3}) ([ \\d]\\d) ${TIME} (\\d{4})$`);

/** An HTTP date in milliseconds since 1970, or undefined where it is none. */
export function httpDate(text: string, now: number): number | undefined {
  const [, name, date, hours, minutes, seconds, long] = ASCTIME.exec(text) ?? [];
  const usual = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text))?.slice(1);
  const [d, mon, y, h, m, s] = usual ?? [date, name, long, hours, minutes, seconds];
  const month = mon ? MONTHS.indexOf(mon) / 3 : -1;
  const [day, hour, minute, second] = [d, h, m, s].map(Number) as [number, number, number, number];
  if (month < 0 || month % 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  let year = Number(y);
  if (y?.length === 2) {
    // A year that seems more than 50 years ahead lies in the past (RFC 9110, section 5.6.7).
    const thisYear = new Date(now).getUTCFullYear();
    year += 100 * Math.floor(thisYear / 100);
    if (year > thisYear + 50) year -= 100;
  }
  // 31 Feb would roll over into March.
  const rollsOver = new Date(Date.UTC(year, month, day)).getUTCDate() !== day;
  return rollsOver ? undefined : Date.UTC(year, month, day, hour, minute, second);
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
