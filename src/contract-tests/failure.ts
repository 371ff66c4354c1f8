/** The error of a test that failed. */

/** What a server does not do, with what was sent, what the contract says and what came. Contains neither key nor value. */
export class ContractTestError extends Error {
  override readonly name = 'ContractTestError';
  /** The method, the path and the body, with the value masked. */
  readonly sent: string;
  /** What the contract says. */
  readonly expected: string;
  /** A JSON Pointer into the contract, as a URI fragment. */
  readonly rule: string;
  /** The status, the headers that matter and the body; or why there is none. */
  readonly received: string;
  /** Commands that show it again, in order; the key comes from `CORTEX_API_KEY`. */
  readonly curl: readonly string[];

  constructor(details: { sent: string; expected: string; rule: string; received: string; curl: readonly string[] }) {
    const { sent, expected, rule, received, curl } = details;
    super(
      [
        `expected ${expected}`,
        `  sent:     ${sent}`,
        `  received: ${received}`,
        `  contract: ${rule}`,
        ...curl.map((line) => `  ${line}`),
      ].join('\n'),
    );
    this.sent = sent;
    this.expected = expected;
    this.rule = rule;
    this.received = received;
    this.curl = curl;
  }
}

/** The secrets that are left after a clean-up. */
export class CleanUpError extends Error {
  override readonly name = 'CleanUpError';
  /** Their tags, or their ids if the server gave them another tag. */
  readonly tags: readonly string[];

  constructor(tags: readonly string[]) {
    super(`could not remove ${tags.join(', ')}; delete them`);
    this.tags = tags;
  }
}
