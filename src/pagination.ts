/** Reads a paginated list as one sequence of secrets, also while the list changes. */
import type { Secret, SecretPage } from '../generated/schema.js';
import { onAbort } from './util/abort.js';

/** The largest page that the API allows. */
const PAGE_SIZE = 1000;
/** At most this many pages are requested ahead of the one that is read. */
const PREFETCH = 8;
/** After this many pages in a row without a new id, a pass ends: a server may announce pages without end. */
const MAX_STALE_PAGES = 3;
/**
 * After this many passes a list that changes in each of them is given up: somebody may create secrets without end. A
 * loop that deletes what it reads halves the list in each pass: ten are enough for some million secrets.
 */
const MAX_PASSES = 10;

type GetPage = (page: number, pageSize: number, signal: AbortSignal) => Promise<SecretPage>;

/**
 * Yields every secret once, in the order of the pages. The API has no cursor: a page is an offset into a list that others
 * change, and each secret that is deleted moves all behind it forward, past a reader. Therefore the list is read in
 * passes, each from page 0, until one was consistent: all its pages had the same `total`, and it found as many different
 * ids. A list that doesn't change is read in one pass.
 *
 * If `total` is wrong, no pass is consistent. Then a pass that gets the same pages as the one before is the last.
 */
export async function* allItems(
  getPage: GetPage,
  signalOf: () => AbortSignal | undefined,
  pageSize = PAGE_SIZE,
): AsyncGenerator<Secret, void, undefined> {
  const signal = signalOf();
  signal?.throwIfAborted();
  const lastSeen = new Map<string, number>(); // by id: the last pass that found it
  let contentBefore: (string | number)[] = [];
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    // The shortest list that the pages of this pass announced. If the list grows, the rest is for the next pass, which is
    // needed anyway: otherwise one pass would never end while others create secrets.
    let total = Number.POSITIVE_INFINITY;
    let pages = Number.POSITIVE_INFINITY;
    let pagesRead = 0;
    let stalePages = 0;
    let ids = 0;
    let consistent = true;
    const content: (string | number)[] = []; // the total and the ids of each page
    for await (const page of pagesOf((number, ended) => getPage(number, pageSize, ended), signal)) {
      if (pagesRead > 0 && page.total !== total) consistent = false;
      total = Math.min(total, page.total);
      pages = Math.min(pages, page.totalPages);
      pagesRead++;
      stalePages++;
      content.push(page.total);
      for (const secret of page.secrets) {
        content.push(secret.id);
        const seenIn = lastSeen.get(secret.id);
        if (seenIn === pass) continue;
        lastSeen.set(secret.id, pass);
        ids++;
        stalePages = 0;
        if (seenIn !== undefined) continue;
        yield secret;
        signal?.throwIfAborted();
      }
      const idsAreMissing = ids < total;
      const pagesAreMissing = pagesRead < pages;
      // An empty page is the end of the list, unless both numbers say that more follows.
      const isLast = page.secrets.length > 0 ? !idsAreMissing && !pagesAreMissing : !idsAreMissing || !pagesAreMissing;
      if (isLast || stalePages === MAX_STALE_PAGES) break;
    }
    if (consistent && ids === total) return;
    if (content.length === contentBefore.length && content.every((each, i) => each === contentBefore[i])) return;
    contentBefore = content;
  }
}

/**
 * Yields page 0, 1, 2 and so on without end, and requests the next ones ahead, as far as `totalPages` reaches. Aborts the
 * requests that are under way when the loop is left.
 */
async function* pagesOf(
  getPage: (page: number, signal: AbortSignal) => Promise<SecretPage>,
  signal: AbortSignal | undefined,
): AsyncGenerator<SecretPage, never, undefined> {
  const controller = new AbortController();
  const removeListener = signal && onAbort(signal, () => controller.abort(signal.reason));
  const requested: Promise<SecretPage>[] = [];
  const request = (page: number) => {
    const response = getPage(page, controller.signal);
    response.catch(() => {}); // thrown when the turn of this page comes; if it never comes, it must not be unhandled
    requested.push(response);
  };
  let pages = Number.POSITIVE_INFINITY;
  try {
    for (let next = 1; ; next++) {
      if (requested.length === 0) request(next - 1);
      const page = await (requested.shift() as Promise<SecretPage>);
      controller.signal.throwIfAborted();
      pages = Math.min(pages, page.totalPages);
      while (requested.length < PREFETCH && next + requested.length < pages) request(next + requested.length);
      yield page;
    }
  } finally {
    removeListener?.();
    controller.abort(new DOMException('The list is no longer read.', 'AbortError'));
  }
}
