import { createSecretsClient } from 'cortex-secrets';
import { createFakeCortex } from 'cortex-secrets/testing';

test('shows the tags of all secrets', async () => {
  const cortex = createFakeCortex({ seed: [{ tag: 'database-password', secret: 'old' }] });
  const secrets = createSecretsClient({ ...cortex.clientOptions });
  for await (const { tag } of secrets.listAll()) document.body.append(tag);
  expect(document.body.textContent).toBe('database-password');
});

test('has the errors and the limits of other environments', async () => {
  const cortex = createFakeCortex();
  const secrets = createSecretsClient({ ...cortex.clientOptions, retry: false });
  await expect(secrets.get('no-such-secret')).rejects.toMatchObject({ kind: 'not-found' });
  cortex.fail('create', 'truncated body');
  const created = secrets.create({ tag: 'my-secret', name: 'My secret', secret: 'a value' });
  await expect(created).rejects.toMatchObject({ kind: 'network', outcome: 'unknown' });
  cortex.fail('get', 'hang before processing');
  await expect(secrets.get('my-secret', { timeoutMs: 50 })).rejects.toMatchObject({ timedOut: true });
  cortex.fail('get', 'hang before processing');
  const controller = new AbortController();
  const aborted = secrets.get('my-secret', { signal: controller.signal });
  controller.abort(new Error('left the page'));
  await expect(aborted).rejects.toThrow('left the page');
});
