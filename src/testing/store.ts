/** The secrets of the in-memory Cortex: by tag, by id, and in the order of their tags. */
import type { Secret } from '../../generated/schema.js';

/** A secret to begin with. Unlike one that is created it may lack a name, as secrets of a real workspace may. */
export interface SeedSecret {
  tag: string;
  name?: string;
  /** The value. */
  secret: string;
  /** 18 characters in Cortex. @defaultValue made from `random` */
  id?: string;
}

interface Kept {
  /** What is answered; the value stands beside it, so that no answer can hold it. */
  readonly shown: Secret;
  value: string;
  /** `shown` as JSON, made once for each change: a list of thousands is asked for often. */
  json: string;
}

/** The state, and what the operations do to it. What they give is JSON, as it is answered. */
export class SecretStore {
  readonly #byTag = new Map<string, Kept>();
  readonly #byId = new Map<string, Kept>();
  /** In the order of their tags. */
  readonly #sorted: Kept[] = [];
  readonly #random: () => number;

  constructor(seed: readonly SeedSecret[], random: () => number) {
    this.#random = random;
    // Those with an id of their own first, so that none that is made is the same.
    for (const one of seed) if (one.id !== undefined) this.#keep(one);
    for (const one of seed) if (one.id === undefined) this.#keep(one);
    // Once for all: a place for each would be looked for a hundred thousand times.
    this.#sorted.sort((a, b) => (a.shown.tag < b.shown.tag ? -1 : 1));
  }

  get size(): number {
    return this.#sorted.length;
  }

  has(tag: string): boolean {
    return this.#byTag.has(tag);
  }

  valueOf(tag: string): string | undefined {
    return this.#byTag.get(tag)?.value;
  }

  get(tagOrId: string): string | undefined {
    return this.#find(tagOrId)?.json;
  }

  create(given: SeedSecret): string {
    const kept = this.#keep(given);
    this.#sorted.pop();
    this.#sorted.splice(this.#placeOf(kept.shown.tag), 0, kept);
    return kept.json;
  }

  update(tagOrId: string, { name, secret }: { name?: string; secret?: string }): string | undefined {
    const kept = this.#find(tagOrId);
    if (!kept) return undefined;
    if (name !== undefined) kept.shown.name = name;
    if (secret !== undefined) kept.value = secret;
    kept.json = JSON.stringify(kept.shown);
    return kept.json;
  }

  delete(tagOrId: string): boolean {
    const kept = this.#find(tagOrId);
    if (!kept) return false;
    const { id, tag } = kept.shown;
    this.#byTag.delete(tag);
    this.#byId.delete(id);
    this.#sorted.splice(this.#placeOf(tag), 1);
    return true;
  }

  /** A page; `shift` more secrets than there are seem to stand before the first. */
  page(page: number, pageSize: number, shift = 0): string {
    const begin = page * pageSize - shift;
    const secrets = this.#sorted.slice(Math.max(0, begin), Math.max(0, begin + pageSize));
    const total = this.size + shift;
    const list = secrets.map(({ json }) => json).join(',');
    return `{"page":${page},"secrets":[${list}],"total":${total},"totalPages":${Math.ceil(total / pageSize)}}`;
  }

  /** A tag comes before an id: that is what a secret is called by. */
  #find(tagOrId: string): Kept | undefined {
    return this.#byTag.get(tagOrId) ?? this.#byId.get(tagOrId);
  }

  /** At the end of the order: who calls it puts it into its place. */
  #keep({ id = this.#newId(), tag, name, secret }: SeedSecret): Kept {
    const shown = { id, tag, ...(name !== undefined && { name }) };
    const kept = { shown, value: secret, json: JSON.stringify(shown) };
    this.#byTag.set(tag, kept);
    this.#byId.set(id, kept);
    this.#sorted.push(kept);
    return kept;
  }

  #newId(): string {
    const half = () => BigInt((this.#random() * 2 ** 32) >>> 0);
    let number = half() * 2n ** 32n + half();
    let id: string;
    // A `random` that always gives the same must not give the same id.
    do id = `se${(number++).toString(16).padStart(16, '0').slice(-16)}`;
    while (this.#byId.has(id));
    return id;
  }

  /** Where a tag stands, or would stand. */
  #placeOf(tag: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] as Kept).shown.tag < tag) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
