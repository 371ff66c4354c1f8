/** What an error that `fetch` threw means; test/pipeline/network-failure.test.ts has those of each runtime. */
import { readText } from '../util/foreign.js';
import type { FailureKind } from './types.js';

/** Codes of a connection that was never made, if no `syscall` says more: undici's, Node's, then Bun's. */
const NOT_CONNECTED =
  /^(UND_ERR_(CONNECT_TIMEOUT|PRX_CONN)|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ConnectionRefused|FailedToOpenSocket)$/;
/** Texts of one: Node's if a connection, or a tunnel through a proxy, ends before TLS is there; Bun's; Deno's. */
const NOT_CONNECTED_TEXT = /disconnected before secure TLS|Unable to connect\. |client error \(Connect\)/;
/**
 * The stack of a read that failed below TLS. TLS hides the socket that it is on: there was none yet, so that a proxy ended the
 * connection after CONNECT.
 */
const READ_BELOW_TLS = /^\s*at TCP\.onStreamRead /m;
/** OpenSSL's codes of a rejected certificate, as Node gives them; undici's if it is that of a proxy. */
const CERTIFICATE = /CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$|^UND_ERR_PRX_TLS$/;
/** What another attempt would not change either: a certificate in Deno, a port that fetch blocks, undici's error of a proxy. */
const PERMANENT_TEXT = /invalid peer certificate|^bad port$|^Proxy Authentication Required/;
/** undici's error if a proxy refuses to open a tunnel (CONNECT): it has no code and no status of its own. */
const TUNNEL_REFUSED = /^Proxy response \((\d+)\) !== 200 when HTTP Tunneling/;
/** Codes of the network: the system's, undici's, those of Node's parser, zlib, TLS and streams, then Bun's. */
const NETWORK_CODE =
  /^(E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_|NOTFOUND|ADDR|PROTO)|UND_|HPE_|Z|ERR_(SSL|TLS|HTTP|STREAM|NETWORK|SOCKET)|Connection)/;
/** undici's codes of wrong arguments, and of an agent that was closed. */
const NOT_NETWORK_CODE = /^UND_ERR_(INVALID|NOT_SUP|REQ_|DESTROYED|CLOSED)/;
/** Texts of the network, of runtimes that give no code: Node and Deno, browsers, workerd, React Native, Electron. */
const NETWORK_TEXT =
  /^((fetch failed|terminated|Failed to fetch|Load failed)( \(.*\))?$|error sending request|[Nn]etwork ?([Ee]rror|connection|request)|internal error; ref|The (network connection|Internet|request timed)|Could not connect|A server with|net::)/;
const NETWORK_NAME = /^(Abort|Timeout|Network)Error$/;
/** Node's fetch gives up after 300 s without headers, or without a byte of the body; Bun's with a TimeoutError. */
const OWN_TIMEOUT = /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/;

/** OpenSSL's own format: a thread, a number, the library, the function, what it means, and a line of its source. */
const OPENSSL = /^[^:]*:error:[^:]*:[^:]*:[^:]*:([^:]+).*/s;

interface Cause {
  name?: unknown;
  stack?: unknown;
  message?: unknown;
  code?: unknown;
  /** By it Next.js recognizes the errors that tell itself how to go on, such as that a page can't be made at build time. */
  digest?: unknown;
  syscall?: unknown;
  cause?: unknown;
  errors?: unknown[];
}

export interface Failure {
  readonly kind: FailureKind;
  readonly code?: string | undefined;
  readonly reason: string;
  /** Whether a time limit of fetch itself is over. */
  readonly timedOut?: true;
}

/** What is known of an attempt that failed. */
export interface Evidence {
  /** Whether the error came before anything was sent. */
  readonly nothingSent?: boolean;
  /** Whether the request goes over TLS. */
  readonly isTls?: boolean;
}

/**
 * The kind, the code and the reason of a failure. Only what is known to come from the network is of a kind that is retried. An
 * error of a custom fetch may be anything: a getter of it may throw.
 */
export function classifyFailure(thrown: unknown, evidence: Evidence = {}): Failure {
  try {
    return classify(thrown, evidence);
  } catch {
    return { kind: evidence.nothingSent ? 'refused' : 'unrecognized', reason: 'the error can not be read' };
  }
}

function classify(thrown: unknown, { nothingSent, isTls }: Evidence): Failure {
  // `fetch failed` says nothing; its causes do. A few steps are enough, and a chain may be a circle.
  let cause = thrown as Cause;
  const chain = [cause];
  for (let step = 0; step < 5 && !cause?.code && typeof cause?.cause === 'object' && cause.cause; step++) {
    cause = cause.cause;
    chain.push(cause);
  }
  const reason = String(cause?.message || (thrown as Cause)?.message || plainReason(thrown)).replace(OPENSSL, '$1');
  const tunnelStatus = TUNNEL_REFUSED.exec(reason)?.[1];
  if (tunnelStatus) return tunnelFailure(tunnelStatus);
  const code = readText(() => cause.code ?? cause.digest);
  const failure = (kind: FailureKind): Failure => ({ kind, code, reason });
  // Stryker disable next-line StringLiteral: any text that no pattern of a code matches will do
  const codeText = code ?? '';
  // If several addresses were tried, each of them has an error of its own.
  const { syscall } = (cause?.errors?.[0] as Cause | undefined) ?? cause ?? {};
  const isBelowTls = isTls && syscall === 'read' && READ_BELOW_TLS.test(String(cause.stack));
  if (syscall === 'connect' || syscall === 'getaddrinfo' || isBelowTls) return failure('not-connected');
  if (PERMANENT_TEXT.test(reason) || CERTIFICATE.test(codeText)) return failure('permanent');
  if (NOT_CONNECTED_TEXT.test(reason) || (!syscall && NOT_CONNECTED.test(codeText))) return failure('not-connected');
  const isOwn = OWN_TIMEOUT.test(codeText);
  if (isOwn || chain.some((each) => each?.name === 'TimeoutError')) {
    const limit = isOwn ? "; Node's fetch waits 300 s, unless an Agent of undici sets another limit" : '';
    return { ...failure('interrupted'), reason: reason + limit, timedOut: true };
  }
  if (isOfNetwork(thrown, codeText, chain)) return failure('interrupted');
  return failure(nothingSent ? 'refused' : 'unrecognized');
}

function isOfNetwork(thrown: unknown, code: string, chain: readonly Cause[]): boolean {
  if (NOT_NETWORK_CODE.test(code)) return false;
  if (NETWORK_CODE.test(code)) return true;
  if (chain.some((each) => NETWORK_NAME.test(String(each?.name)) || NETWORK_TEXT.test(String(each?.message))))
    return true;
  // No engine throws it: the host of a plugin says so that its own request failed.
  return !/Error|Exception/.test(Object.prototype.toString.call(thrown));
}

function tunnelFailure(status: string): Failure {
  const isLogin = status === '407';
  const advice = isLogin
    ? 'check the user and the password of the proxy'
    : 'it allows no connection to this host, or has none';
  return {
    kind: isLogin ? 'permanent' : 'not-connected',
    reason: `the proxy responded to CONNECT with ${status}: ${advice}`,
  };
}

/**
 * The reason of what is no Error: some fetch functions reject with plain data. Its texts as they are: JSON's escapes would be
 * one more encoding that a value may be hidden in.
 */
function plainReason(thrown: unknown): string {
  const texts: unknown[] = [];
  const collect = (name: string, value: unknown) => {
    if (value != null && Object(value) !== value) texts.push(name ? `${name}: ${value}` : value);
    return value;
  };
  if (!(thrown instanceof Error)) JSON.stringify(thrown, collect);
  return texts.join(', ') || 'no reason given';
}
