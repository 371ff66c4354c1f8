/**
 * Calls what is not ours: functions of options, and members of what they return. Whatever these do reaches one call as a
 * rejection, and never the process.
 */

/** The result of `work`, also if it throws at once or returns a thenable. */
export const settled = <T>(work: () => T | PromiseLike<T>): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });

/** Runs `work` for its effect only: nobody waits for its result, and its failure must fail nothing else. */
export function runDetached(work: () => unknown): void {
  settled(work).catch(() => {});
}

/** A text of an object that may throw, or may be anything else. */
export function textOf(read: () => unknown): string | undefined {
  try {
    const text = read();
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
