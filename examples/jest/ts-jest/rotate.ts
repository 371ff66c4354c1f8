// The code under test.
import { type ClientOptions, createSecretsClient } from 'cortex-secrets';

export async function rotate(tag: string, secret: string, options?: ClientOptions): Promise<string> {
  const { id } = await createSecretsClient(options).update(tag, { secret });
  return id;
}
