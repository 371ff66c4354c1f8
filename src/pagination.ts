/** Reads a paginated list as one sequence of secrets, also while the list changes. */
import type { Secret, SecretPage } from '../generated/schema.js';
import { ADVICE, Pass } from './list-pass.js';
import { onAbort, throwIfAborted, untilAborted } from './util/abort.js';

/** The largest page that the API allows. */
const PAGE_SIZE = 1000;
/** At most this many pages are requested ahead of the one that is read. */
const PREFETCH = 8;
/**
 * After this many passes a list that changes in each of them is given up: somebody may create secrets without end. A
 * loop that deletes what it reads halves the list in each pass: ten are enough for some million secrets.
 */
const MAX_PASSES = 10;

/** `timeLeftMs` is the rest of the time that the caller gives all requests together. */
type GetPage = (page: number, pageSize: number, signal: AbortSignal, timeLeftMs: number) => Promise<SecretPage>;

/** `deadlineMs` limits the time to wait for pages: that of the loop between them doesn't count. */
type Limits = () => { signal?: AbortSignal | undefined; deadlineMs?: number };

/** The error of a list that can't be proven complete. */
type Incomplete = (problem: string, pointer: string) => Error;

/**
 * Yields every secret once, in the order of the pages. The API has no cursor: a page is an offset into a list that others
 * change, and each secret that is deleted moves all behind it forward, past a reader. Therefore the list is read in passes,
 * each from page 0, until two in a row had the same ids on the same pages; a list of one page needs one. If the list can't
 * be proven complete, the error comes at the end, after all that was found.
 */
export function allItems(
  getPage: GetPage,
  limits: Limits,
  incomplete: Incomplete,
  pageSize = PAGE_SIZE,
): AsyncGenerator<Secret, void, undefined> {
  const controller = new AbortController();
  const items = readPasses(getPage, limits, incomplete, pageSize, controller.signal);
  // The generator's own would wait for the page that is awaited.
  for (const name of ['return', 'throw'] as const) {
    const end = items[name].bind(items);
    items[name] = (given: unknown) => {
      controller.abort();
      return end(given as never);
    };
  }
  return items;
}

async function* readPasses(
  getPage: GetPage,
  limits: Limits,
  incomplete: Incomplete,
  pageSize: number,
  left: AbortSignal,
): AsyncGenerator<Secret, void, undefined> {
  const { signal, deadlineMs = Number.POSITIVE_INFINITY } = limits();
  throwIfAborted(signal);
  const yielded = new Set<string>();
  let waitedMs = 0;
  let waitsSince: number | undefined;
  const timeLeftMs = () => deadlineMs - waitedMs - (waitsSince === undefined ? 0 : performance.now() - waitsSince);
  let passBefore: Pass | undefined;
  for (let count = 1; count <= MAX_PASSES; count++) {
    const pass: Pass = new Pass(passBefore?.announced);
    const pages = pagesOf((page, ended) => getPage(page, pageSize, ended, timeLeftMs()), signal, left);
    try {
      while (!pass.isOver) {
        waitsSince = performance.now();
        const { value: page } = await pages.next();
        if (left.aborted) return;
        waitedMs += performance.now() - waitsSince;
        waitsSince = undefined;
        pass.add(page);
        for (const secret of page.secrets) {
          if (yielded.has(secret.id)) continue;
          yielded.add(secret.id);
          yield secret;
          throwIfAborted(signal);
        }
      }
    } catch (error) {
      if (left.aborted) return;
      throw error;
    } finally {
      await pages.return(undefined as never);
    }
    const problem = pass.problem();
    if (pass.isProven && !problem) return;
    if (passBefore?.equals(pass)) {
      if (problem) throw incomplete(...problem);
      return;
    }
    passBefore = pass;
  }
  throw incomplete(
    `changed in each of ${MAX_PASSES} readings of the list, so secrets may be missing. ${ADVICE}`,
    '/secrets',
  );
}

/**
 * Yields page 0, 1, 2 and so on without end, and requests the next ones ahead, as far as `totalPages` reaches. Aborts the
 * requests that are under way when it is ended, or `left` is aborted.
 */
async function* pagesOf(
  getPage: (page: number, signal: AbortSignal) => Promise<SecretPage>,
  signal: AbortSignal | undefined,
  left: AbortSignal,
): AsyncGenerator<SecretPage, never, undefined> {
  const controller = new AbortController();
  const leave = () => controller.abort();
  const removeListeners = [onAbort(left, leave), signal && onAbort(signal, (reason) => controller.abort(reason))];
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
      const page = await untilAborted(requested.shift() as Promise<SecretPage>, controller.signal);
      pages = Math.min(pages, page.totalPages);
      while (requested.length < PREFETCH && next + requested.length < pages) request(next + requested.length);
      yield page;
    }
  } finally {
    for (const remove of removeListeners) remove?.();
    leave();
  }
}
