/** What the checks are written with: requests, and what their responses must be. */
import { ContractTestError } from './failure.js';
import { RULES } from './rules.js';
import type { Exchange, Sent, Session } from './session.js';
import { curlCommand, shownRequest, shownResponse } from './shown.js';

export interface Secret {
  readonly id: string;
  readonly tag: string;
  readonly name?: string | undefined;
}

export interface Page {
  readonly page: number;
  readonly secrets: readonly Secret[];
  readonly total: number;
  readonly totalPages: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sends the requests of one check. */
export class Tester {
  readonly #session: Session;
  readonly #rule: string;
  readonly #exchanges: Exchange[] = [];
  readonly #maxCurl: number;
  /** What the server does where the contract assumes something. */
  observation: string | undefined;

  /** @param maxCurl how many of the last requests a failure shows */
  constructor(session: Session, rule: string, maxCurl = 6) {
    this.#session = session;
    this.#maxCurl = maxCurl;
    this.#rule = rule;
  }

  get session(): Session {
    return this.#session;
  }

  get last(): Exchange | undefined {
    return this.#exchanges.at(-1);
  }

  newTag = (ending?: string): string => this.#session.newTag(ending);
  newValue = (ending?: string): string => this.#session.mask.newValue(ending);

  async send(method: string, path: string, body?: unknown, authorization?: string | null): Promise<Exchange> {
    const text = body === undefined || body instanceof Raw ? body?.text : JSON.stringify(body);
    const sent: Sent = { method, path, body: text, authorization };
    const exchange = await this.#session.send(sent);
    this.#exchanges.push(exchange);
    this.#checkAlways(exchange);
    return exchange;
  }

  list = (query = ''): Promise<Exchange> => this.send('GET', query);
  create = (fields: object): Promise<Exchange> => this.send('POST', '', fields);
  get = (tagOrId: string): Promise<Exchange> => this.send('GET', pathOf(tagOrId));
  update = (tagOrId: string, fields: unknown): Promise<Exchange> => this.send('PUT', pathOf(tagOrId), fields);
  delete = (tagOrId: string): Promise<Exchange> => this.send('DELETE', pathOf(tagOrId));

  /** Creates a secret, which must succeed. */
  async created(fields: Partial<Record<'tag' | 'name' | 'secret', string>> = {}): Promise<Secret & { name: string }> {
    const { tag = this.newTag(), name = 'Made to verify the contract', secret = this.newValue() } = fields;
    const exchange = await this.create({ tag, name, secret });
    return { ...this.secret(exchange, { tag, name }), name };
  }

  /** A secret that the check must not change. */
  shared(): Promise<Secret & { name: string }> {
    this.#session.shared ??= this.created();
    return this.#session.shared;
  }

  /** What every response must be, whatever it responds to. */
  #checkAlways(exchange: Exchange): void {
    const { headers, text } = exchange;
    const leak = this.#session.mask.leakIn([text, ...[...headers].flat()].join('\n'));
    if (leak) this.fail(exchange, `a response without ${leak}`, RULES.never);
    const { throttledWrongly } = this.#session;
    if (throttledWrongly) {
      this.#session.throttledWrongly = undefined;
      this.fail(throttledWrongly, 'Retry-After, in seconds', `${RULES.response}/TooManyRequests/headers/Retry-After`);
    }
  }

  fail(exchange: Exchange, expected: string, rule = this.#rule): never {
    const session = this.#session;
    const steps = this.#exchanges.includes(exchange)
      ? this.#exchanges.slice(0, this.#exchanges.indexOf(exchange) + 1)
      : [exchange];
    throw new ContractTestError({
      sent: shownRequest(exchange.sent, session),
      expected,
      rule,
      received: shownResponse(exchange, session),
      curl: [...new Set(steps.slice(-this.#maxCurl).map(({ sent }) => curlCommand(sent, session)))],
    });
  }

  status(exchange: Exchange, statuses: readonly number[], rule?: string): void {
    if (!statuses.includes(exchange.status)) this.fail(exchange, `status ${statuses.join(' or ')}`, rule);
  }

  json(exchange: Exchange, rule?: string): Record<string, unknown> {
    if (!/^application\/json *(;|$)/i.test(exchange.headers.get('content-type') ?? ''))
      this.fail(exchange, 'the content type application/json', rule);
    try {
      const value: unknown = JSON.parse(exchange.text);
      if (isObject(value)) return value;
    } catch {}
    return this.fail(exchange, 'a JSON object', rule);
  }

  /** A response with a secret, equal to what is `expected` of it. */
  secret(exchange: Exchange, expected: Partial<Secret> = {}): Secret {
    this.status(exchange, [200]);
    return this.secretIn(exchange, this.json(exchange), expected);
  }

  secretIn(exchange: Exchange, value: unknown, expected: Partial<Secret> = {}): Secret {
    const { id, tag, name } = isObject(value) ? value : {};
    // A name of null counts as missing.
    const strings: Record<string, unknown> = { id, tag, ...((name ?? undefined) !== undefined && { name }) };
    for (const [field, text] of Object.entries(strings))
      if (typeof text !== 'string') this.fail(exchange, `${field}: a string`, `${RULES.secret}/properties/${field}`);
    if (id === '') this.fail(exchange, 'id: not empty', `${RULES.secret}/properties/id`);
    for (const [field, text] of Object.entries(expected))
      if (strings[field] !== text) this.fail(exchange, `${field}: ${JSON.stringify(text)}`);
    return { id, tag, name } as Secret;
  }

  page(exchange: Exchange): Page {
    this.status(exchange, [200]);
    const body = this.json(exchange);
    for (const field of ['page', 'total', 'totalPages'])
      if (!Number.isInteger(body[field]))
        this.fail(exchange, `${field}: an integer`, `${RULES.page}/properties/${field}`);
    if (!Array.isArray(body.secrets)) this.fail(exchange, 'secrets: an array', `${RULES.page}/properties/secrets`);
    const secrets = (body.secrets as unknown[]).map((one) => this.secretIn(exchange, one));
    return { ...body, secrets } as unknown as Page;
  }

  /** An error with one of the statuses, in the contract's shape. */
  error(exchange: Exchange, statuses: readonly number[], rule?: string): void {
    this.status(exchange, statuses, rule);
    const body = this.json(exchange, rule);
    const field = (name: string, isValid: boolean, type: string) => {
      if (!isValid) this.fail(exchange, `${name}: ${type}`, `${RULES.error}/properties/${name}`);
    };
    for (const name of ['message', 'type']) field(name, typeof body[name] === 'string', 'a string');
    for (const name of ['details', 'requestId'])
      field(name, body[name] === undefined || typeof body[name] === 'string', 'a string, or none');
    for (const name of ['httpStatus', 'gatewayHttpStatus'])
      field(name, body[name] === undefined || Number.isInteger(body[name]), 'an integer, or none');
  }

  /** All secrets of the workspace, by pages of 1000. */
  async walk(): Promise<{ secrets: Secret[]; last: Exchange }> {
    const secrets: Secret[] = [];
    for (let number = 0; ; number += 1) {
      const last = await this.list(`?page=${number}&pageSize=1000`);
      const page = this.page(last);
      secrets.push(...page.secrets);
      if (number + 1 >= page.totalPages || page.secrets.length === 0) return { secrets, last };
    }
  }

  /**
   * Looks at the list while others may change it: a difference counts if it is seen twice while the workspace was the same
   * before and after. If others never pause, the difference is not counted.
   *
   * @param look calls `differs` for a difference
   */
  async stable(
    look: (differs: (exchange: Exchange, expected: string, rule?: string) => void) => Promise<void>,
  ): Promise<void> {
    const idsOf = async () =>
      (await this.walk()).secrets
        .map(({ id, name }) => `${id} ${name}`)
        .sort()
        .join('\n');
    for (let attempt = 0, seen = 0; attempt < 8; attempt += 1) {
      const before = attempt === 0 ? undefined : await idsOf();
      let difference: Parameters<Parameters<typeof look>[0]> | undefined;
      await look((...args) => {
        difference ??= args;
      });
      if (!difference) return;
      if (before !== undefined && before === (await idsOf())) seen += 1;
      if (seen === 2) this.fail(...difference);
    }
  }
}

/** A body that is sent as it is. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const pathOf = (tagOrId: string): string => `/${encodeURIComponent(tagOrId)}`;
