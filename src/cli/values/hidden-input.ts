/** The keys of a hidden prompt: takes what a terminal sends, in pieces of any length, apart into keys, and edits the text. */

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const CTRL_W = '\x17';
const CTRL_Z = '\x1a';
const CTRL_BACKSLASH = '\x1c';
const ESCAPE = '\x1b';
/** Alt+Backspace. */
const ESCAPE_DELETE = '\x1b\x7f';

/** A key: an escape sequence (ECMA-48) as a whole, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const KEY = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|\x1b[^[O\x1b]|[^\x1b]/suy;
/** The start of an escape sequence, which the next read may complete. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const START = /\x1b(?:\[[0-?]*[ -/]*|O)?/y;

/** Longer than what people see as one character. */
const MAX_GRAPHEME_LENGTH = 100;

/** What a key asks of the prompt. */
export type PromptEnd = 'done' | 'interrupted' | 'suspended' | 'several lines';

export class HiddenInput {
  readonly #ring: () => void;
  #text = '';
  /** The start of a sequence whose rest has not come yet. */
  #tail = '';
  #isPaste = false;
  /** Whether a paste has stopped without its end marker: from then on Ctrl+C is the key, and not a part of it. */
  #isStalled = false;
  /** Whether the escape key alone was taken for what it is, since nothing followed it. */
  #isEscapeKnown = false;

  /** @param ring called for a key that the prompt does not have */
  constructor(ring: () => void = () => {}) {
    this.#ring = ring;
  }

  get text(): string {
    return this.#text;
  }

  /** Whether the end marker of a paste has not come yet. */
  get isPasting(): boolean {
    return this.#isPaste;
  }

  /** Whether a pause now says something: that an escape was the key, or that the end of a paste is lost. */
  get isWaiting(): boolean {
    return this.#isPaste || (this.#tail === ESCAPE && !this.#isEscapeKnown);
  }

  /** Call it when nothing has come for a while. */
  pause(): void {
    this.#isStalled = this.#isPaste;
    if (this.#isPaste || this.#tail !== ESCAPE) return;
    this.#isEscapeKnown = true;
    this.#ring();
  }

  /** Returns what ends the input, or undefined if it goes on. What follows a key that ends it is dropped. */
  type(chunk: string): PromptEnd | undefined {
    if (this.#isPaste && this.#isStalled && chunk === CTRL_C) return 'interrupted';
    // After a pause an escape may still begin a sequence that was cut there, but is not one with the next letter.
    if (this.#isEscapeKnown && !/^[[O]/.test(chunk)) this.#tail = '';
    this.#isEscapeKnown = false;
    const input = this.#tail + chunk;
    this.#tail = '';
    for (let at = 0; at < input.length; ) {
      if (this.#isPaste) {
        at = this.#paste(input, at);
        continue;
      }
      KEY.lastIndex = at;
      const key = KEY.exec(input)?.[0];
      if (key === undefined) {
        START.lastIndex = at;
        at += START.exec(input)?.[0].length ?? 1;
        if (at === input.length) {
          this.#tail = input.slice(input.lastIndexOf(ESCAPE));
          return undefined;
        }
        // What follows can't belong to it. Enter is taken with it: what was typed may not be what was meant.
        this.#ring();
        if (/[\r\n]/.test(input[at] as string)) at++;
        continue;
      }
      at += key.length;
      const end = this.#press(key);
      // A terminal that does not mark pastes sends several lines as keys: the first alone would be half a value.
      if (end === 'done' && key !== CTRL_D && /[^\r\n]/.test(input.slice(at))) return 'several lines';
      if (end !== undefined) return end;
    }
    return undefined;
  }

  /** Takes pasted text up to the end marker. Returns where it ends. */
  #paste(input: string, at: number): number {
    const end = input.indexOf(PASTE_END, at);
    const tailLength = end >= 0 ? 0 : lengthOfTail(input, at);
    this.#text += input.slice(at, end >= 0 ? end : input.length - tailLength).replaceAll('\r', '\n');
    if (end >= 0) {
      this.#isPaste = false;
      return end + PASTE_END.length;
    }
    this.#tail = input.slice(input.length - tailLength);
    return input.length;
  }

  #press(key: string): PromptEnd | undefined {
    if (key === PASTE_START) this.#isPaste = true;
    else if (key === PASTE_END) return undefined;
    else if (key === CTRL_C || key === CTRL_BACKSLASH) return 'interrupted';
    else if (key === CTRL_Z) return 'suspended';
    else if (key === '\r' || key === '\n') return 'done';
    // Ctrl+D ends what was typed; with nothing typed it cancels.
    else if (key === CTRL_D) return this.#text === '' ? 'interrupted' : 'done';
    else if (key === '\x7f' || key === '\b') this.#text = withoutLastGrapheme(this.#text);
    else if (key === CTRL_U) this.#text = '';
    else if (key === CTRL_W || key === ESCAPE_DELETE) this.#text = withoutLastWord(this.#text);
    else if (key === '\t' || !/^[\p{Cc}\p{Cs}]/u.test(key)) this.#text += key;
    else this.#ring();
    return undefined;
  }
}

/** How many characters at the end may begin the end marker of a paste. */
function lengthOfTail(input: string, at: number): number {
  const start = input.lastIndexOf(ESCAPE);
  return start >= at && PASTE_END.startsWith(input.slice(start)) ? input.length - start : 0;
}

/** What a user sees as one character, such as an emoji of several. */
function withoutLastGrapheme(text: string): string {
  const end = text.slice(-MAX_GRAPHEME_LENGTH);
  const last = [...new Intl.Segmenter().segment(end)].at(-1)?.segment.length ?? 0;
  return text.slice(0, text.length - last);
}

/** As a terminal does it: the white space at the end, and what is before it up to white space. */
function withoutLastWord(text: string): string {
  let end = text.length;
  const isSpace = () => /\s/.test(text[end - 1] ?? '');
  while (end > 0 && isSpace()) end--;
  while (end > 0 && !isSpace()) end--;
  return text.slice(0, end);
}
