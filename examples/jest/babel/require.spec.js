const { createFakeCortex } = require('cortex-secrets/testing');
const { rotate } = require('./rotate.js');

test('stores the value', async () => {
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  await rotate('database-password', 'new', { ...cortex.clientOptions });
  expect(cortex.storedValue('database-password')).toBe('new');
});

test('rejects if there is no such secret', async () => {
  const cortex = createFakeCortex();
  const rotated = rotate('databse-password', 'new', { ...cortex.clientOptions });
  await expect(rotated).rejects.toMatchObject({ name: 'ApiError', status: 404 });
});
