/** Deletes what the tests have created, and looks whether it is gone. */
import { CleanUpError } from './failure.js';
import type { Session } from './session.js';

const MAX_MS = 30_000;
const PARALLEL = 6;

/** @throws CleanUpError with what is left */
export async function cleanUp(session: Session): Promise<void> {
  const end = Date.now() + MAX_MS;
  let left: string[] = [];
  for (let round = 0, delayMs = 200; ; round += 1, delayMs = Math.min(2 * delayMs, 2000)) {
    const listed = await listOwn(session);
    // The list may be wrong, so that what was created without a later delete is deleted too.
    const all = new Set([...(listed?.tags ?? []), ...session.toRemove]);
    // Without a list nothing shows which of these a server has stored all the same.
    if (listed && !listed.isReadable) for (const tag of session.rejected) all.add(tag);
    const isReachable = await removeAll(session, [...all]);
    const after = all.size === 0 ? listed : await listOwn(session);
    left = [...new Set([...(after?.tags ?? []), ...session.toRemove])];
    if (left.length === 0 && listed && after) return;
    const isUnreachable = !isReachable || !listed || !after;
    if (isUnreachable ? Date.now() + delayMs > end : round >= 2) break;
    if (isUnreachable) await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  throw new CleanUpError(left.length > 0 ? left : [`${session.tagPrefix}…`]);
}

/** The tags of this run's secrets in the list, and whether it is one; undefined if the server can't be reached. */
async function listOwn(session: Session): Promise<{ tags: string[]; isReadable: boolean } | undefined> {
  const tags: string[] = [];
  for (let page = 0, totalPages = 1; page < totalPages && page < 1000; page += 1) {
    const { status, text } = await session.send({ method: 'GET', path: `?page=${page}&pageSize=1000` });
    if (isTransient(status)) return undefined;
    try {
      const body = JSON.parse(text) as { secrets: { tag?: unknown }[]; totalPages: number };
      totalPages = Number(body.totalPages) || 0;
      for (const { tag } of body.secrets) if (session.isOwnTag(String(tag))) tags.push(String(tag));
    } catch {
      return { tags, isReadable: false };
    }
  }
  return { tags, isReadable: true };
}

/** Whether the server gave a definite response to each delete. */
async function removeAll(session: Session, names: string[]): Promise<boolean> {
  let isReachable = true;
  const removeNext = async (): Promise<void> => {
    const name = names.pop();
    if (name === undefined) return;
    const path = `/${encodeURIComponent(name)}`;
    const { status } = await session.send({ method: 'DELETE', path });
    if (isTransient(status)) isReachable = false;
    else if (status < 300 || status === 404) session.toRemove.delete(name);
    return removeNext();
  };
  await Promise.all(Array.from({ length: PARALLEL }, removeNext));
  return isReachable;
}

const isTransient = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500;
