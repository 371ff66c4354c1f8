/** What the plugin does with the client. No React and no DOM, so that a test can run it anywhere. */
import type { CallOptions, ClientOptions, NewSecret, Secret, SecretsClient } from 'cortex-secrets';

/** Shorter than the client's defaults: a person waits for each call. */
export const LIMITS = { timeoutMs: 10_000, deadlineMs: 30_000 } satisfies ClientOptions;

/** The field of a form that holds a value: an `<input>`. */
export interface ValueField {
  value: string;
}

/** What the person has to change before anything is sent. */
export class InputProblem extends Error {}

/** Empties the field as it reads it: whatever becomes of the call, the page keeps no value. */
function takeValue(field: ValueField): string {
  const { value } = field;
  field.value = '';
  if (value === '') throw new InputProblem('Enter a value.');
  return value;
}

export const inOrder = (secrets: readonly Secret[]): Secret[] =>
  [...secrets].sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0));

/** Every secret, in the order of the tags. The client fetches the pages. */
export async function loadSecrets(secrets: SecretsClient, options?: CallOptions): Promise<Secret[]> {
  const all: Secret[] = [];
  for await (const secret of secrets.listAll(options)) all.push(secret);
  return inOrder(all);
}

/** Those whose tag, name or id contains `words`. */
export function matching(secrets: readonly Secret[], words: string): Secret[] {
  const wanted = words.trim().toLowerCase();
  return secrets.filter(({ tag, name, id }) =>
    [tag, name ?? '', id].some((text) => text.toLowerCase().includes(wanted)),
  );
}

export async function rotateSecret(
  secrets: SecretsClient,
  tag: string,
  field: ValueField,
  options?: CallOptions,
): Promise<Secret> {
  return secrets.update(tag, { secret: takeValue(field) }, options);
}

export async function createSecret(
  secrets: SecretsClient,
  { tag, name }: Omit<NewSecret, 'secret'>,
  field: ValueField,
  options?: CallOptions,
): Promise<Secret> {
  const secret = takeValue(field);
  if (tag === '') throw new InputProblem('Enter a tag.');
  if (name === '') throw new InputProblem('Enter a name.');
  return secrets.create({ tag, name, secret }, options);
}

export const deleteSecret = (secrets: SecretsClient, tag: string, options?: CallOptions): Promise<void> =>
  secrets.delete(tag, options);
