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

/** What `read` returns if it is of this kind; a rejected promise in its place must not end the process. */
export function readMember<T>(read: () => unknown, isValue: (value: unknown) => value is T): T | undefined {
  try {
    const value = read();
    if (isValue(value)) return value;
    runDetached(() => value);
  } catch {
    // As if it were missing.
  }
  return undefined;
}

/** An object of which a method is called. */
export const readObject = <T>(read: () => T, method: keyof NonNullable<T>): T | undefined =>
  readMember(read, (value): value is T => typeof (value as NonNullable<T> | undefined)?.[method] === 'function');

export const readText = (read: () => unknown): string | undefined =>
  readMember(read, (value): value is string => typeof value === 'string');
