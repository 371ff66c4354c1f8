import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';

test('stores the value', async () => {
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  await createSecretsClient({ ...cortex.clientOptions }).update('database-password', { secret: 'new' });
  expect(cortex.storedValue('database-password')).toBe('new');
});
