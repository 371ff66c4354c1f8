/** What an error that `fetch` threw means. */
import type { FailureKind } from './types.js';

/** Codes of a connection that was never made, if no `syscall` says more: undici's, Node's, then Bun's. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ConnectionRefused',
  'FailedToOpenSocket',
]);
/** OpenSSL's codes of a rejected certificate, as Node gives them; undici's if it is that of a proxy. */
const CERTIFICATE = /CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$|^UND_ERR_PRX_TLS$/;
/** Node's error if a connection, or a tunnel through a proxy, ends before TLS is there: it has no syscall. */
const NO_TLS = 'Client network socket disconnected before secure TLS connection was established';

/** OpenSSL's own format: a thread, a number, the library, the function, what it means, and a line of its source. */
const OPENSSL = /^[^:]*:error:[^:]*:[^:]*:[^:]*:([^:]+).*/s;

interface Cause {
  message?: unknown;
  code?: unknown;
  syscall?: unknown;
  cause?: unknown;
  errors?: unknown[];
}

/** undici's error if a proxy refuses to open a tunnel (CONNECT): it has no code and no status of its own. */
const TUNNEL_REFUSED = /^Proxy response \((\d+)\) !== 200 when HTTP Tunneling/;

interface Failure {
  kind: FailureKind;
  code?: string;
  reason: string;
}

/** The kind, the code and the reason of a failure. An error of a custom fetch may be anything: a getter of it may throw. */
export function classifyFailure(thrown: unknown): Failure {
  try {
    return classify(thrown);
  } catch {
    return { kind: 'interrupted', reason: 'the error can not be read' };
  }
}

function classify(thrown: unknown): Failure {
  // `fetch failed` says nothing; its causes do. A few steps are enough, and a chain may be a circle.
  let cause = thrown as Cause;
  for (let step = 0; step < 5 && !cause?.code && typeof cause?.cause === 'object' && cause.cause; step++)
    cause = cause.cause;
  const reason = String(cause?.message || (thrown as Cause)?.message || plainReason(thrown)).replace(OPENSSL, '$1');
  const [, tunnelStatus] = TUNNEL_REFUSED.exec(reason) ?? [];
  if (tunnelStatus) {
    const advice =
      tunnelStatus === '407'
        ? 'check the user and the password of the proxy'
        : 'it allows no connection to this host, or has none';
    return {
      kind: tunnelStatus === '407' ? 'permanent' : 'not-connected',
      reason: `the proxy responded to CONNECT with ${tunnelStatus}: ${advice}`,
    };
  }
  // fetch refuses some ports without a code (Fetch standard, "bad port").
  if (typeof cause?.code !== 'string') return { kind: reason === 'bad port' ? 'permanent' : 'interrupted', reason };
  const { code } = cause;
  // If several addresses were tried, each of them has an error of its own.
  const { syscall } = (cause.errors?.[0] as Cause | undefined) ?? cause;
  const isNotConnected = syscall
    ? syscall === 'connect' || syscall === 'getaddrinfo'
    : NOT_CONNECTED.has(code) || reason === NO_TLS;
  const kind = isNotConnected ? 'not-connected' : CERTIFICATE.test(code) ? 'permanent' : 'interrupted';
  return { kind, code, reason };
}

/** The reason of what is no Error: some fetch functions reject with plain data. */
function plainReason(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  if (typeof thrown === 'object' && thrown !== null && !(thrown instanceof Error)) return JSON.stringify(thrown);
  return 'no reason given';
}
