/** Ends work gently at Ctrl+C or SIGTERM. */
import { EXIT } from '../exit.js';

/**
 * Runs until the work ends. The first signal stops it gently, the second at once.
 *
 * @param onSignal called with whether it is the first signal
 * @returns the exit code of the signal; undefined without one
 */
export async function untilSignal(
  onSignal: (isFirst: boolean) => void,
  work: () => Promise<void>,
): Promise<number | undefined> {
  let exitCode: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    const code = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    onSignal(exitCode === undefined);
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  try {
    await work();
  } finally {
    process.off('SIGINT', listener).off('SIGTERM', listener);
  }
  return exitCode;
}
