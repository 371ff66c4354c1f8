/** Pages become items, lazily. */
import type { Secret, SecretPage } from '../generated/schema.js';
import { onAbort } from './util/abort.js';

/** The largest page that the API gives. */
const PAGE_SIZE = 1000;
/** So many pages are fetched ahead of the one that is read. */
const AHEAD = 8;
/** After so many pages in a row without a new id, a list that never ends is left. */
const MAX_STALE_PAGES = 3;

/**
 * Every secret, in the order of the pages, no id twice: a list may shift while it is read. Stops at an empty page, at
 * the last page once `total` secrets were seen, or when pages bring nothing new. Leaving the loop ends the fetching.
 */
export async function* allItems(
  getPage: (page: number, pageSize: number, signal: AbortSignal) => Promise<SecretPage>,
  signalOf: () => AbortSignal | undefined,
): AsyncGenerator<Secret, void, undefined> {
  const outer = signalOf();
  outer?.throwIfAborted();
  const inner = new AbortController();
  const forget = outer && onAbort(outer, () => inner.abort(outer.reason));
  const ahead: Promise<SecretPage>[] = [];
  const seen = new Set<string>();
  let lastKnown = 1; // how many pages there are, as far as the pages told
  let stale = 0;
  try {
    for (let page = 0; ; page++) {
      while (ahead.length === 0 || (ahead.length < AHEAD && page + ahead.length < lastKnown)) {
        const coming = getPage(page + ahead.length, PAGE_SIZE, inner.signal);
        coming.catch(() => {}); // told when its turn comes, or never
        ahead.push(coming);
      }
      const { secrets, total, totalPages } = await (ahead.shift() as Promise<SecretPage>);
      inner.signal.throwIfAborted();
      if (secrets.length === 0) return;
      lastKnown = totalPages;
      const before = seen.size;
      for (const secret of secrets) {
        if (seen.has(secret.id)) continue;
        seen.add(secret.id);
        yield secret;
      }
      stale = seen.size > before ? 0 : stale + 1;
      if (stale === MAX_STALE_PAGES || (page + 1 >= totalPages && seen.size >= total)) return;
    }
  } finally {
    forget?.();
    inner.abort(new DOMException('The list is no longer read.', 'AbortError'));
  }
}
