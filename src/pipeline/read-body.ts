/** Reads the body of a response within the attempt, up to a size limit. */
import { onAbort, sleep } from '../util/abort.js';
import type { FetchResponse } from './types.js';

/** The size limit of an error response: reading the rest costs more than a new connection. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** After so many chunks other work gets its turn: more than a page of 16 MiB usually has. */
const READS_AT_ONCE = 1024;

export const isOk = (status: number): boolean => status >= 200 && status < 300;

/**
 * The text of a body, and whether it was truncated. Rejects if the body of a successful response is interrupted. Stops on
 * abort by itself: the body of a custom fetch may not be bound to the signal.
 */
export async function readBody(
  { status, body }: FetchResponse,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ text: string; truncated: boolean }> {
  if (!body) return { text: '', truncated: false };
  const limit = isOk(status) ? maxBytes : MAX_ERROR_BODY_BYTES;
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const cancel = () => {
    // Not awaited: a cancel that hangs must not hold the call.
    reader.cancel().catch(() => {});
  };
  const removeListener = signal && onAbort(signal, cancel);
  const chunks: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  try {
    let reads = 0;
    for (let next = await reader.read(); !next.done && !truncated; next = await reader.read()) {
      // Chunks that are ready at once would keep all timers from running, the time limit among them.
      if (++reads % READS_AT_ONCE === 0) await sleep(1, signal);
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
  return { text: decoder.decode(concatenate(chunks, Math.min(size, limit))), truncated };
}

const decoder = new TextDecoder();

/** The first `size` bytes of `chunks`, to be decoded at once: a decoder that is fed in parts is much slower. */
function concatenate(chunks: Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (first && first.byteLength >= size) return first.subarray(0, size);
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk.subarray(0, size - offset), offset);
    offset += chunk.byteLength;
  }
  return all;
}
