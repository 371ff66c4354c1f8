/** How a body is read, chunk by chunk: real sockets put small chunks together. */
import { describe, expect, test, vi } from 'vitest';
import { readBody } from '../../src/pipeline/read-body.js';

const encoder = new TextEncoder();
const MIB = 2 ** 20;

/** A body of `chunks`; without an end if `endless`. */
function bodyOf(chunks: Uint8Array[], endless = false) {
  const cancel = vi.fn();
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk) controller.enqueue(chunk);
      else if (!endless) controller.close();
    },
    cancel,
  });
  return { body, cancel };
}

const response = (status: number, body: unknown) => ({ status, headers: new Headers(), body });

describe('chunks', () => {
  test('empty chunks without end do not keep timers from running: an abort by a timer ends the reading', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(0)),
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 1);
    await readBody(response(200, body), MIB, controller.signal).catch(() => {});
    expect(controller.signal.aborted).toBe(true);
  });

  test('a character that is split over chunks is decoded whole', async () => {
    const text = 'ключ 🔑 ключ';
    const { body } = bodyOf([...encoder.encode(text)].map((byte) => Uint8Array.of(byte)));
    expect(await readBody(response(200, body), MIB, undefined)).toEqual({ text, truncated: false });
  });

  test('a body of exactly the limit is whole, and one byte more is truncated', async () => {
    const half = encoder.encode('x'.repeat(50));
    const whole = bodyOf([half, half]);
    expect(await readBody(response(200, whole.body), 100, undefined)).toEqual({
      text: 'x'.repeat(100),
      truncated: false,
    });
    expect(whole.cancel).not.toHaveBeenCalled();
    const longer = bodyOf([half, half, Uint8Array.of(120)]);
    expect(await readBody(response(200, longer.body), 100, undefined)).toEqual({
      text: 'x'.repeat(100),
      truncated: true,
    });
  });
});

describe('a body over the limit is cancelled', () => {
  test.each([
    ['a value of more than its limit', 200, 1000],
    ['an error of more than 64 kB', 503, 64 * 1024],
  ])('%s', async (_, status, limit) => {
    const { body, cancel } = bodyOf([new Uint8Array(limit + 1)], true);
    const { text, truncated } = await readBody(response(status, body), 1000, undefined);
    expect({ length: text.length, truncated }).toEqual({ length: limit, truncated: true });
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('the signal', () => {
  test('its abort cancels the body', async () => {
    const { body, cancel } = bodyOf([], true);
    const controller = new AbortController();
    const reading = readBody(response(200, body), MIB, controller.signal);
    controller.abort();
    await reading;
    expect(cancel).toHaveBeenCalledOnce();
  });

  test('keeps no listener once the body has been read, nor after it failed', async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const failing = new ReadableStream({ pull: () => Promise.reject(new Error('reset')) });
    await readBody(response(200, bodyOf([encoder.encode('{}')]).body), MIB, signal);
    await expect(readBody(response(200, failing), MIB, signal)).rejects.toThrow('reset');
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove).toHaveBeenCalledTimes(2);
  });
});
