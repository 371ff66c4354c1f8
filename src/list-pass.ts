/** What one reading of a list shows: whether it is over, and whether anything is missing. */
import type { SecretPage } from '../generated/schema.js';

/** After this many pages in a row without a new id, a pass ends: a server may announce pages without end. */
const MAX_STALE_PAGES = 3;

export const ADVICE = 'Call listAll again when others create and delete less';

/** One reading of the list from page 0 to its end. */
export class Pass {
  /**
   * The lowest numbers that the pages of this pass announced. If the list grows, the rest is for the next pass, which is
   * needed anyway: otherwise one pass would never end while others create secrets.
   */
  #total = Number.POSITIVE_INFINITY;
  #pages = Number.POSITIVE_INFINITY;
  /** Any page that names more than the pages have shows that something is missing. */
  #highestTotal = 0;
  #lastTotal = 0;
  /** Places of the list that were read: an id that comes twice, since others created one before it, takes two. */
  #placesRead = 0;
  /** Whether a page had more secrets than its own total: then the totals are no sign of the end. */
  #isContradictory = false;
  readonly #idsExpected: number;
  readonly #ids = new Set<string>();
  #pagesRead = 0;
  #stalePages = 0;
  #isEmptyPage = false;
  /** The number of a page that came in the place of another one. */
  #wrongPage: { asked: number; got: number } | undefined;
  /** The total and the ids of each page. */
  readonly #content: (string | number)[] = [];

  /** @param idsExpected what the pass before announced in the end: this one doesn't end with fewer while pages have any */
  constructor(idsExpected = 0) {
    this.#idsExpected = idsExpected;
  }

  /** The ids to expect of the next pass: this one ended before its newest total, or found what it expected itself. */
  get announced(): number {
    if (this.#lastTotal > this.#placesRead) return this.#lastTotal;
    return this.#ids.size >= this.#idsExpected ? this.#idsExpected : 0;
  }

  add({ page, total, totalPages, secrets }: SecretPage): void {
    if (page !== this.#pagesRead) this.#wrongPage ??= { asked: this.#pagesRead, got: page };
    this.#total = Math.min(this.#total, total);
    this.#pages = Math.min(this.#pages, totalPages);
    this.#highestTotal = Math.max(this.#highestTotal, total);
    this.#lastTotal = total;
    this.#placesRead += secrets.length;
    if (secrets.length > total) this.#isContradictory = true;
    const idsBefore = this.#ids.size;
    this.#content.push(total);
    for (const { id } of secrets) {
      this.#content.push(id);
      this.#ids.add(id);
    }
    this.#pagesRead++;
    this.#stalePages = this.#ids.size > idsBefore ? 0 : this.#stalePages + 1;
    this.#isEmptyPage = secrets.length === 0;
  }

  /** Whether the last page was the end of the list; before the first one every total is missing. */
  get isOver(): boolean {
    if (this.#stalePages === MAX_STALE_PAGES) return true;
    const idsAreMissing = this.#ids.size < Math.max(this.#total, this.#idsExpected);
    const pagesAreMissing = this.#pagesRead < this.#pages;
    // An empty page is the end of the list, unless both numbers say that more follows.
    if (this.#isEmptyPage) return !idsAreMissing || !pagesAreMissing;
    return !idsAreMissing && !pagesAreMissing && !this.#isContradictory;
  }

  /** One response is one state of the list. */
  get isProven(): boolean {
    return this.#pagesRead === 1 && this.#ids.size >= this.#total;
  }

  equals(other: Pass): boolean {
    const [a, b] = [this.#content, other.#content];
    return a.length === b.length && a.every((each, i) => each === b[i]);
  }

  /** What is wrong with the pages, and where. */
  problem(): [problem: string, pointer: string] | undefined {
    if (this.#wrongPage) {
      const { asked, got } = this.#wrongPage;
      return [
        `is ${got} in the response to a request for page ${asked}: is there a cache that ignores the query?`,
        '/page',
      ];
    }
    const total = this.#highestTotal;
    const found = this.#ids.size;
    if (found >= this.#total && this.#placesRead >= total) return undefined;
    return [`is ${total}, but the pages have ${found} secrets: ${total - found} are missing. ${ADVICE}`, '/total'];
  }
}
