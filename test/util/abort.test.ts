import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { onAbort } from '../../src/util/abort.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** In a function of its own, so that no variable of the test keeps the callback. */
function addAndRemove(signal: AbortSignal): WeakRef<() => void> {
  const callback = () => {};
  onAbort(signal, callback)();
  return new WeakRef(callback);
}

test('a signal that outlives a call does not keep its callback, and with it the value of the call', async () => {
  const { signal } = new AbortController();
  const callbacks = [addAndRemove(signal), addAndRemove(signal)];
  await new Promise(setImmediate); // until then a WeakRef keeps its target
  collectGarbage();
  expect(callbacks.map((ref) => ref.deref())).toEqual([undefined, undefined]);
  expect(signal.aborted).toBe(false);
});
