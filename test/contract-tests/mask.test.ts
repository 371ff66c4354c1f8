/** The start of a text is masked as all of it is. */
import { expect, test } from 'vitest';
import { Mask } from '../../src/contract-tests/mask.js';

const LENGTH = 100;

test.each([8, 20, 2000])('with a key of %i characters, wherever a secret stands', (keyLength) => {
  const key = 'k3y-'.repeat(keyLength / 4);
  const mask = new Mask(key);
  const value = mask.newValue();
  const hex = (text: string) => Buffer.from(text).toString('hex');
  for (const secret of [value, btoa(value), hex(value), key, hex(key)])
    for (let start = 16 * LENGTH - secret.length - 1; start <= 16 * LENGTH + 1; start += keyLength > 20 ? 41 : 1)
      for (const before of ['x'.repeat(Math.max(0, start)), secret.repeat(4) + 'x'.repeat(Math.max(0, start) % 97)]) {
        const text = `${before}${secret}${'y'.repeat(5000)}`;
        const shown = mask.maskStart(text, LENGTH);
        expect(shown.length).toBeGreaterThanOrEqual(LENGTH);
        expect(mask.mask(text).startsWith(shown)).toBe(true);
      }
});
