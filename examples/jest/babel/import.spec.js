import { createFakeCortex } from 'cortex-secrets/testing';
import { rotate } from './rotate.js';

afterEach(() => jest.useRealTimers());

test('stores the value', async () => {
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  await rotate('database-password', 'new', { ...cortex.clientOptions });
  expect(cortex.storedValue('database-password')).toBe('new');
});

test('waits for Retry-After, on fake timers', async () => {
  jest.useFakeTimers();
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  cortex.fail('update', { status: 429, retryAfter: 30 });
  const rotated = rotate('database-password', 'new', { ...cortex.clientOptions });
  await jest.advanceTimersByTimeAsync(29_000);
  expect(cortex.storedValue('database-password')).toBe('old');
  await jest.advanceTimersByTimeAsync(1_000);
  await rotated;
  expect(cortex.storedValue('database-password')).toBe('new');
});
