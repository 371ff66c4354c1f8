/** The secrets of the in-memory Cortex, by tag, by id, and in the order of a list. */
import type { Secret, SecretUpdate } from '../../generated/schema.js';

/** An initial secret. Unlike a created one it may have no name, as secrets of a real workspace may. */
export interface SeedSecret {
  /** Unique among the seeds; any string except the empty one, also one that a create would refuse. */
  tag: string;
  /** @defaultValue none */
  name?: string | undefined;
  /** The value: not empty, unless `allowEmptyValues` is set. */
  secret: string;
  /** Cortex's own ids have 18 characters. @defaultValue generated with `random` */
  id?: string | undefined;
}

interface StoredSecret {
  /** The fields of responses. The value is not one of them, so no response can contain it. */
  readonly fields: Secret;
  value: string;
  /** `fields` as JSON, serialized once per change: lists of thousands are requested often. */
  json: string;
}

/** The methods return JSON, as responses contain it. */
export class SecretStore {
  readonly #byTag = new Map<string, StoredSecret>();
  readonly #byId = new Map<string, StoredSecret>();
  readonly #sortedByTag: StoredSecret[] = [];
  readonly #random: () => number;

  constructor(seed: readonly SeedSecret[], random: () => number) {
    this.#random = random;
    // Seeds with an id go first, so that no generated id equals one of theirs.
    for (const secret of seed) if (secret.id !== undefined) this.#append(secret);
    for (const secret of seed) if (secret.id === undefined) this.#append(secret);
    // Sorted once: 100,000 insertions at their index would be slow.
    this.#sortedByTag.sort((a, b) => (a.fields.tag < b.fields.tag ? -1 : 1));
  }

  get size(): number {
    return this.#sortedByTag.length;
  }

  has(tag: string): boolean {
    return this.#byTag.has(tag);
  }

  storedValue(tag: string): string | undefined {
    return this.#byTag.get(tag)?.value;
  }

  /** All secrets with their values, as a seed that restores them. */
  snapshot(): SeedSecret[] {
    return this.#sortedByTag.map(({ fields, value }) => ({ ...fields, secret: value }));
  }

  get(tagOrId: string): string | undefined {
    return this.#find(tagOrId)?.json;
  }

  create(secret: SeedSecret): string {
    const stored = this.#append(secret);
    this.#sortedByTag.pop();
    this.#sortedByTag.splice(this.#indexOf(stored.fields.tag), 0, stored);
    return stored.json;
  }

  update(tagOrId: string, { name, secret }: SecretUpdate): string | undefined {
    const stored = this.#find(tagOrId);
    if (!stored) return undefined;
    if (name !== undefined) stored.fields.name = name;
    if (secret !== undefined) stored.value = secret;
    stored.json = JSON.stringify(stored.fields);
    return stored.json;
  }

  delete(tagOrId: string): boolean {
    const stored = this.#find(tagOrId);
    if (!stored) return false;
    const { id, tag } = stored.fields;
    this.#byTag.delete(tag);
    this.#byId.delete(id);
    this.#sortedByTag.splice(this.#indexOf(tag), 1);
    return true;
  }

  /** A page of the list, as if `shift` more secrets existed before the first one. */
  page(page: number, pageSize: number, shift = 0): string {
    const start = page * pageSize - shift;
    const secrets = this.#sortedByTag.slice(Math.max(0, start), Math.max(0, start + pageSize));
    const total = this.size + shift;
    const list = secrets.map(({ json }) => json).join(',');
    return `{"page":${page},"secrets":[${list}],"total":${total},"totalPages":${Math.ceil(total / pageSize)}}`;
  }

  /** A tag takes precedence over an id of the same text. */
  #find(tagOrId: string): StoredSecret | undefined {
    return this.#byTag.get(tagOrId) ?? this.#byId.get(tagOrId);
  }

  /** Appends to the list, without regard to its order: the callers sort. */
  #append({ id = this.#newId(), tag, name, secret }: SeedSecret): StoredSecret {
    const fields = { id, tag, ...(name !== undefined && { name }) };
    const stored = { fields, value: secret, json: JSON.stringify(fields) };
    this.#byTag.set(tag, stored);
    this.#byId.set(id, stored);
    this.#sortedByTag.push(stored);
    return stored;
  }

  #newId(): string {
    const half = () => BigInt((this.#random() * 2 ** 32) >>> 0);
    let number = half() * 2n ** 32n + half();
    let id: string;
    // Counts up until the id is free, since `random` may be constant.
    do id = `se${(number++).toString(16).padStart(16, '0').slice(-16)}`;
    while (this.#byId.has(id));
    return id;
  }

  /** The index of a tag in the list, or the one to insert it at. */
  #indexOf(tag: string): number {
    let low = 0;
    let high = this.#sortedByTag.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sortedByTag[middle] as StoredSecret).fields.tag < tag) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
