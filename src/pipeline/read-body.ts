/** Reads the body of a response within the attempt, up to a size limit. */
import { onAbort, sleep } from '../util/abort.js';
import { readObject, runDetached } from '../util/foreign.js';
import { type FetchResponse, NetworkFailure } from './types.js';

/** The size limit of an error response: reading the rest costs more than a new connection. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** After this many chunks timers may run: a list of 2 MiB has fewer. */
const READS_AT_ONCE = 1024;

export const isOk = (status: number): boolean => status >= 200 && status < 300;

/** What is neither bytes nor text. One error for all, which is told from those of a custom fetch by its identity. */
export const NOT_A_BODY = new NetworkFailure(
  'unrecognized',
  'fetch returned a body that is neither bytes nor text',
  {},
);

interface Body {
  text: string;
  truncated: boolean;
}

/**
 * The text of a body, and whether it was truncated. Rejects if the body of a successful response is interrupted. Stops on
 * abort by itself: the body of a custom fetch may not be bound to the signal.
 */
export async function readBody(
  response: FetchResponse,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Body> {
  const { status } = response;
  const limit = isOk(status) ? maxBytes : MAX_ERROR_BODY_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  let removeListener: (() => void) | undefined;
  try {
    const body = readObject<ReadableStream<unknown>>(() => response.body, 'getReader');
    const reader = body && readObject(() => body.getReader(), 'read');
    if (!reader) return await readText(response, limit);
    // Not awaited: a cancel that hangs must not hold the call.
    const cancel = () => runDetached(() => reader.cancel());
    removeListener = signal && onAbort(signal, cancel);
    let reads = 0;
    for (let next = await reader.read(); !next.done && !truncated; next = await reader.read()) {
      // Chunks that are ready at once would keep all timers from running, the time limit among them.
      // Stryker disable next-line UpdateOperator: as good a count downwards
      if (++reads % READS_AT_ONCE === 0) await sleep(1, signal);
      if (!isBytes(next.value)) {
        cancel();
        return await readText(response, limit);
      }
      // Stryker disable next-line ConditionalExpression,EqualityOperator: empty chunks would only fill the memory
      if (next.value.byteLength > 0) chunks.push(next.value);
      size += next.value.byteLength;
      truncated = size > limit;
      if (truncated) cancel();
    }
  } catch (cause) {
    // The status of an error says enough; a value without its end says nothing.
    if (isOk(status)) throw cause;
    truncated = true;
  } finally {
    removeListener?.();
  }
  decoder ??= new TextDecoder();
  return { text: decoder.decode(concatenate(chunks, Math.min(size, limit))), truncated };
}

/** By its length: a chunk of another frame or realm is no instance of this one's Uint8Array. */
const isBytes = (chunk: unknown): chunk is Uint8Array =>
  ArrayBuffer.isView(chunk) && (chunk as Uint8Array).BYTES_PER_ELEMENT === 1;

/**
 * The body by `text()`, for a fetch without a stream of bytes. Platforms without streams have no `body` at all. It is limited
 * in characters: what would have to be encoded to be counted has been read already.
 */
async function readText(response: FetchResponse, limit: number): Promise<Body> {
  const given: unknown = typeof response.text === 'function' ? await response.text() : '';
  const text = given ?? '';
  if (typeof text !== 'string') throw NOT_A_BODY;
  return { text: text.slice(0, limit), truncated: text.length > limit };
}

/** Made when it is first needed: jsdom, for one, has no TextDecoder, nor streams that need it. */
let decoder: TextDecoder | undefined;

/** The first `size` bytes of `chunks`, to be decoded at once: a decoder that is fed in parts is much slower. */
function concatenate(chunks: Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  // Stryker disable next-line ConditionalExpression,EqualityOperator: saves the copy
  if (first && first.byteLength >= size) return first.subarray(0, size);
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk.subarray(0, size - offset), offset);
    offset += chunk.byteLength;
  }
  return all;
}
