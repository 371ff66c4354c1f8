/** The pause alone; throttle.test.ts has what calls see of it. */
import { expect, test } from 'vitest';
import { Pause } from '../../src/pipeline/pause.js';
import type { CallProgress } from '../../src/pipeline/types.js';

const call = () => ({}) as CallProgress;

/** A client that was throttled at 0, and the probes that follow, one a second. */
function throttled() {
  const pause = new Pause(60_000);
  let now = 0;
  pause.begin(1000, now, pause.start(now), call());
  const start = () => {
    now += 1000;
    return pause.start(now);
  };
  return {
    pause,
    failProbe: (probe = call()) => void pause.begin(1000, now + 1000, start(), probe),
    succeed: () => pause.end(start(), true),
  };
}

test('a failed probe counts for a call that waits, but not as a retry of its own call once more', () => {
  const { pause, failProbe } = throttled();
  const [waiting, probing] = [call(), call()];
  expect(pause.failedProbes(waiting)).toBe(0);
  failProbe(probing);
  expect([pause.failedProbes(waiting), pause.failedProbes(probing)]).toEqual([1, 0]);
  failProbe(probing);
  expect([pause.failedProbes(waiting), pause.failedProbes(probing)]).toEqual([2, 0]);
  failProbe();
  expect([pause.failedProbes(waiting), pause.failedProbes(probing)]).toEqual([3, 1]);
});

test('the probes that failed before a call waited do not count for it', () => {
  const { pause, failProbe } = throttled();
  failProbe();
  const late = call();
  expect(pause.failedProbes(late)).toBe(0);
  failProbe();
  expect(pause.failedProbes(late)).toBe(1);
});

test('a probe with a response ends the row of those that failed', () => {
  const { pause, failProbe, succeed } = throttled();
  const waiting = call();
  pause.failedProbes(waiting);
  failProbe();
  failProbe();
  succeed();
  expect(pause.failedProbes(waiting)).toBe(0);
  failProbe(); // throttled, and no probe
  failProbe();
  expect(pause.failedProbes(waiting)).toBe(1);
});

test('a probe without a response lets the next attempt try 5 s after it started', () => {
  const { pause } = throttled();
  expect([pause.opensIn(0), pause.opensIn(1000)]).toEqual([1000, 0]);
  pause.start(1500);
  expect([pause.opensIn(1500), pause.opensIn(6500)]).toEqual([5000, 0]);
  pause.start(7000);
  expect(pause.opensIn(7000)).toBe(5000);
});

test('a probe that was not sent leaves its place to the next attempt', () => {
  const { pause } = throttled();
  pause.end(pause.start(1500), false);
  expect(pause.opensIn(1500)).toBeLessThanOrEqual(0);
  pause.start(1500);
  expect(pause.opensIn(1500)).toBe(5000);
});
