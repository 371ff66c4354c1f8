import { expect, test } from '@jest/globals';
import { createFakeCortex } from 'cortex-secrets/testing';
import { rotate } from './rotate';

test('stores the value', async () => {
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  await rotate('database-password', 'new', { ...cortex.clientOptions });
  expect(cortex.storedValue('database-password')).toBe('new');
});

test('retries if the connection breaks after Cortex has processed the update', async () => {
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  cortex.fail('update', 'reset after processing');
  await rotate('database-password', 'new', { ...cortex.clientOptions, retry: { baseDelayMs: 1 } });
  expect(cortex.storedValue('database-password')).toBe('new');
});
