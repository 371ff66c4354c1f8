/** Masks the API key and the values of a run, in the forms in which servers echo them. */

export const MASK = '********';

const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Random hex digits. */
export const randomHex = (digits: number): string =>
  hexOf(crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)))).slice(0, digits);

/** A multiple of 3, so that base64 of a text that begins with it begins with its own base64. */
const VALUE_DIGITS = 42;

export class Mask {
  readonly #values: string[] = [];
  readonly #key: string;

  constructor(apiKey: string) {
    this.#key = apiKey;
  }

  /** A new random value, with an ending that is no secret. */
  newValue(ending = ''): string {
    const value = `v${randomHex(VALUE_DIGITS - 1)}`;
    this.#values.push(...formsOf(value));
    return value + ending;
  }

  /** The secret that a text contains, if any. A short key may be a part of other words. */
  leakIn(text: string): 'the value of a secret' | 'the API key' | undefined {
    if (this.#values.some((form) => text.includes(form))) return 'the value of a secret';
    if (this.#key.length >= 8 && text.includes(this.#key)) return 'the API key';
    return undefined;
  }

  /** The text without key and values, also without a key that lacks its last character. */
  mask(text: string): string {
    const key =
      this.#key.length >= 8 ? [this.#key, this.#key.slice(0, -1), ...formsOf(this.#key).slice(1)] : [this.#key];
    return [...this.#values, ...key].reduce((masked, form) => masked.replaceAll(form, MASK), text);
  }

  /** At least `length` characters of the masked text, or all of it. All of a list with values of 1 MB takes long. */
  maskStart(text: string, length: number): string {
    const longest = 2 * Math.max(VALUE_DIGITS, this.#key.length);
    for (let size = 16 * length; ; size *= 16) {
      const masked = this.mask(text.slice(0, size));
      if (size >= text.length) return masked;
      // The end may be a part of a secret.
      if (masked.length >= length + longest) return masked.slice(0, -longest);
    }
  }
}

const formsOf = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(String.fromCharCode(...bytes.subarray(0, bytes.length - (bytes.length % 3))));
  return [text, base64, hexOf(bytes), text.toUpperCase()];
};
