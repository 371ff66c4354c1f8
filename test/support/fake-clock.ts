/** Tests on a fake clock, which leave no timer. Jitter is `random` of its maximum. */
import { afterEach, beforeEach, expect, vi } from 'vitest';

export function fakeClock({ random = 0 }: { random?: number } = {}): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    vi.spyOn(Math, 'random').mockReturnValue(random);
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.restoreAllMocks(); // first: a spy of a fake function puts the fake one back
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  });
}
