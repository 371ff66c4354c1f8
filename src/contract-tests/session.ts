/** Sends the requests of a run, and remembers what must be removed. */
import { Mask, randomHex } from './mask.js';
import type { ContractTestsFetch } from './types.js';

export interface Sent {
  readonly method: string;
  /** After `/api/v1/secrets`. */
  readonly path: string;
  /** The body as it is sent; undefined sends none. */
  readonly body?: string | undefined;
  /** The Authorization header; null sends none. @defaultValue `Bearer` and the key */
  readonly authorization?: string | null | undefined;
}

export interface Exchange {
  readonly sent: Sent;
  /** 0 without a response. */
  readonly status: number;
  readonly headers: Headers;
  /** The body, or the reason why there is no response. */
  readonly text: string;
}

export const API_PATH = '/api/v1/secrets';
const ATTEMPT_MS = 30_000;
const MAX_THROTTLED = 20;
const MAX_WAIT_S = 120;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Session {
  readonly tagPrefix: string;
  readonly mask: Mask;
  requestCount = 0;
  /** A 429 that lacks what the contract requires, for the next test to report. */
  throttledWrongly: Exchange | undefined;
  /** The tags of creates that were not rejected, and the ids of those that came back with a tag of the server's own. */
  readonly toRemove = new Set<string>();
  /** The tags of the other creates. A server may store them all the same; its list shows it. */
  readonly rejected = new Set<string>();
  /** How many creates of a tag were sent and not rejected. */
  readonly #creates = new Map<string, number>();
  /** The ids that a GET has shown to be those of secrets of this run. */
  readonly #ownIds = new Set<string>();
  readonly baseUrl: string;
  readonly #fetch: ContractTestsFetch;
  readonly #apiKey: string;
  #tags = 0;
  /** A secret that several checks use and none changes; forgotten if a check fails. */
  shared: Promise<{ id: string; tag: string; name: string }> | undefined;

  constructor(
    baseUrl: string,
    apiKey: string,
    fetch: ContractTestsFetch,
    mask = new Mask(apiKey),
    tagPrefix = `verify-${randomHex(8)}`,
  ) {
    this.tagPrefix = tagPrefix;
    this.baseUrl = baseUrl;
    this.#apiKey = apiKey;
    this.#fetch = fetch;
    this.mask = mask;
  }

  /** A session with another server, and the same tags and values. */
  at({ baseUrl, apiKey, fetch }: { baseUrl: string; apiKey: string; fetch: ContractTestsFetch }): Session {
    return new Session(baseUrl, apiKey, fetch, this.mask, this.tagPrefix);
  }

  /** Whether a tag is one of this run, perhaps as a server with a fault has changed it. */
  isOwnTag(tag: string): boolean {
    return tag.toLowerCase().includes(this.tagPrefix);
  }

  newTag(ending = ''): string {
    this.#tags += 1;
    return `${this.tagPrefix}-${this.#tags}${ending}`;
  }

  /** The key with another last character. */
  get otherKey(): string {
    return this.#apiKey.slice(0, -1) + (this.#apiKey.endsWith('x') ? 'y' : 'x');
  }

  authorization(scheme: 'Bearer' | 'Basic' | 'none'): string {
    return scheme === 'none' ? this.#apiKey : `${scheme} ${this.#apiKey}`;
  }

  /** Waits if the server throttles; never rejects. */
  async send(sent: Sent): Promise<Exchange> {
    const { method, path } = sent;
    if ((method === 'PUT' || method === 'DELETE') && !(await this.#isOwn(path)))
      return noResponse(sent, `it was not sent, since GET ${API_PATH}${path} gives no secret of this run`);
    const tag = method === 'POST' ? tagIn(sent.body) : '';
    if (this.isOwnTag(tag)) {
      this.toRemove.add(tag);
      this.#creates.set(tag, (this.#creates.get(tag) ?? 0) + 1);
    }
    const exchange = await this.#sendUnthrottled(sent);
    const { status, text } = exchange;
    if (this.isOwnTag(tag) && status >= 400 && status < 500) this.#reject(tag);
    const [, id] = method === 'POST' && status < 300 ? (/"id"\s*:\s*"([^"]+)"/.exec(text) ?? []) : [];
    if (id !== undefined && !tagIn(text).startsWith(this.tagPrefix)) this.toRemove.add(id);
    return exchange;
  }

  /** Of several creates of a tag, as at once or again, one may have succeeded. */
  #reject(tag: string): void {
    const left = (this.#creates.get(tag) ?? 1) - 1;
    this.#creates.set(tag, left);
    if (left > 0) return;
    this.toRemove.delete(tag);
    this.rejected.add(tag);
  }

  /**
   * Whether what a path names is a secret of this run, or none at all: the id in a response of a server with a fault may be
   * that of a secret of others.
   */
  async #isOwn(path: string): Promise<boolean> {
    const tagOrId = decodeURIComponent(path.slice(1));
    if (this.isOwnTag(tagOrId) || this.#ownIds.has(tagOrId)) return true;
    const { status, text } = await this.#sendUnthrottled({ method: 'GET', path });
    if (status === 404) return true;
    const isOwn = status === 200 && this.isOwnTag(tagIn(text));
    if (isOwn) this.#ownIds.add(tagOrId);
    return isOwn;
  }

  async #sendUnthrottled(sent: Sent): Promise<Exchange> {
    for (let throttled = 0; ; throttled += 1) {
      const exchange = await this.#attempt(sent);
      if (exchange.status !== 429 || throttled >= MAX_THROTTLED) return exchange;
      const seconds = exchange.headers.get('retry-after') ?? '';
      if (!/^\d+$/.test(seconds)) this.throttledWrongly ??= exchange;
      if (Number(seconds) > MAX_WAIT_S) return exchange;
      await sleep(1000 * (Number(seconds) || 1));
    }
  }

  async #attempt(sent: Sent): Promise<Exchange> {
    const { method, path, body, authorization = this.authorization('Bearer') } = sent;
    this.requestCount += 1;
    try {
      const response = await this.#fetch(`${this.baseUrl}${API_PATH}${path}`, {
        method,
        headers: {
          ...(authorization !== null && { authorization }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        redirect: 'manual',
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      return { sent, status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      const { name, message, cause } = Object(error) as Error;
      const code = (cause as { code?: unknown } | undefined)?.code;
      return noResponse(sent, `${code ?? `${name} ${message}`}`);
    }
  }
}

const noResponse = (sent: Sent, reason: string): Exchange => ({
  sent,
  status: 0,
  headers: new Headers(),
  text: `no response: ${reason}`,
});

const tagIn = (json = '') => /"tag"\s*:\s*"([^"\\]+)"/.exec(json)?.[1] ?? '';
