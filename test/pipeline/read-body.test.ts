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

describe('a body that is interrupted', () => {
  const interrupted = () => {
    let pulls = 0;
    return new ReadableStream({
      pull: (controller) =>
        pulls++ === 0 ? controller.enqueue(encoder.encode('begin')) : Promise.reject(new Error('reset')),
    });
  };

  test.each([200, 299])('of a success (%i) rejects: a value without its end says nothing', async (status) => {
    await expect(readBody(response(status, interrupted()), MIB, undefined)).rejects.toThrow('reset');
  });

  test.each([199, 300, 503])('of an error (%i) is its beginning, truncated', async (status) => {
    expect(await readBody(response(status, interrupted()), MIB, undefined)).toEqual({ text: 'begin', truncated: true });
  });
});

describe('a body that is read by text()', () => {
  const withText = (status: number, text: () => unknown) => ({
    ...response(status, undefined),
    text: text as () => Promise<string>,
  });

  test.each([
    ['of exactly the limit is whole', '€'.repeat(100), '€'.repeat(100), false],
    ['of one character more is truncated', `${'€'.repeat(100)}x`, '€'.repeat(100), true],
  ])('%s: characters are counted, not bytes', async (_, given, text, truncated) => {
    expect(
      await readBody(
        withText(200, async () => given),
        100,
        undefined,
      ),
    ).toEqual({ text, truncated });
  });

  test.each([undefined, null, ''])('that is %j is empty', async (given) => {
    expect(
      await readBody(
        withText(200, async () => given),
        100,
        undefined,
      ),
    ).toEqual({ text: '', truncated: false });
  });

  test('that is no text rejects, unless the status is that of an error', async () => {
    await expect(
      readBody(
        withText(200, async () => ({})),
        100,
        undefined,
      ),
    ).rejects.toThrow('fetch returned a body that is neither bytes nor text');
    expect(
      await readBody(
        withText(404, async () => ({})),
        100,
        undefined,
      ),
    ).toEqual({ text: '', truncated: true });
  });

  test('is that of a response whose stream has no bytes, and that stream is cancelled', async () => {
    const cancel = vi.fn();
    const body = new ReadableStream({ pull: (controller) => controller.enqueue('text'), cancel });
    const given = { ...response(200, body), text: async () => 'all of it' };
    expect(await readBody(given, 100, undefined)).toEqual({ text: 'all of it', truncated: false });
    expect(cancel).toHaveBeenCalledOnce();
  });

  test('without a body and without text() is empty', async () => {
    for (const body of [undefined, null, 'text', {}])
      expect(await readBody(response(200, body), 100, undefined)).toEqual({ text: '', truncated: false });
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
