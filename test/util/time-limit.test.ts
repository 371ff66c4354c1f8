import { expect, test } from 'vitest';
import { withTimeLimit } from '../../src/util/time-limit.js';

const never = () => new Promise<never>(() => {});

test('after the limit the signal of the work has the reason of AbortSignal.timeout', async () => {
  let signal!: AbortSignal;
  const work = (given: AbortSignal) => {
    signal = given;
    return never();
  };
  const limit = withTimeLimit(1, undefined, () => new Error('over'), work);
  await expect(limit).rejects.toThrow('over');
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'The time limit was reached.' });
});

test('a limit that is no timer, or whose timer has no unref, keeps nothing from ending', async () => {
  const settings = { keepsAlive: false };
  const work = async () => 'done';
  const over = () => new Error('over');
  expect(await withTimeLimit(Number.POSITIVE_INFINITY, undefined, over, work, settings)).toBe('done');
  const { setTimeout: real } = globalThis;
  globalThis.setTimeout = (() => 1) as never; // as in browsers
  const limited = withTimeLimit(5, undefined, over, work, settings);
  globalThis.setTimeout = real;
  expect(await limited).toBe('done');
});
