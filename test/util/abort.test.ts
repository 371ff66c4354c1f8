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

test('a callback that is removed leaves the others, and the last one takes the listener along', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const removed: unknown[] = [];
  signal.removeEventListener = (name: string) => removed.push(name);
  const reasons: unknown[] = [];
  const [first, second] = ['first', 'second'].map((name) => onAbort(signal, (reason) => reasons.push([name, reason])));
  first?.();
  expect(removed).toEqual([]);
  controller.abort('left');
  expect(reasons).toEqual([['second', 'left']]);
  second?.();
  expect(removed).toEqual(['abort']);
});

test('a signal whose reason throws ends the wait with that error', () => {
  const signal = new EventTarget() as AbortSignal;
  const error = new Error('no reason');
  Object.defineProperty(signal, 'reason', {
    get() {
      throw error;
    },
  });
  const reasons: unknown[] = [];
  onAbort(signal, (reason) => reasons.push(reason));
  signal.dispatchEvent(new Event('abort'));
  expect(reasons).toEqual([error]);
});
