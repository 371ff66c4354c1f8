/** Asks on the terminal: for a value that is not shown, and for a yes. */
import { createInterface } from 'node:readline';
import { Interrupted } from '../exit.js';

/** The terminal marks a paste with these, so that its line breaks don't end the input. */
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

/** Keys of a hidden prompt: characters, and the escape sequences of other keys as one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const KEYS = /\x1b\[[\d;]*[ -/]*[@-~]|\x1bO.|\x1b|[^\x1b]/gu;

/** The input of a hidden prompt, key by key. */
export class HiddenInput {
  #characters: string[] = [];
  #isPaste = false;

  get text(): string {
    return this.#characters.join('');
  }

  /** Returns what ends the input: `done`, `interrupted`, or undefined if it goes on. Keys after the end are dropped. */
  type(chunk: string): 'done' | 'interrupted' | undefined {
    for (const [key] of chunk.matchAll(KEYS)) {
      if (key === PASTE_START || key === PASTE_END) this.#isPaste = key === PASTE_START;
      else if (this.#isPaste) this.#characters.push(key === '\r' ? '\n' : key);
      else if (key === '\x03') return 'interrupted';
      else if (key === '\r' || key === '\n') return 'done';
      else if (key === '\x04') {
        // Ctrl+D ends what was typed; with nothing typed it cancels.
        return this.#characters.length > 0 ? 'done' : 'interrupted';
      } else if (key === '\x7f' || key === '\b') this.#characters.pop();
      else if (key === '\x15') this.#characters = [];
      else if (key === '\t' || key >= ' ') this.#characters.push(key);
    }
    return undefined;
  }
}

/** Reads a value from the terminal without showing it. A paste may have several lines. */
export async function promptHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const input = new HiddenInput();
  stdin.setRawMode(true);
  stderr.write(`${question}${PASTE_ON}`);
  try {
    return await new Promise<string>((resolve, reject) => {
      stdin.setEncoding('utf8');
      stdin.on('data', (chunk: string) => {
        const end = input.type(chunk);
        if (end === 'done') resolve(input.text);
        else if (end === 'interrupted') reject(new Interrupted());
      });
      stdin.once('end', () => reject(new Interrupted()));
    });
  } finally {
    stdin.removeAllListeners('data').removeAllListeners('end').pause();
    stdin.setRawMode(false);
    stderr.write(`${PASTE_OFF}\n`);
  }
}

/** Asks a question that only `y` or `yes` agrees to. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const reply = await new Promise<string>((resolve, reject) => {
      terminal.once('SIGINT', () => reject(new Interrupted())).once('close', () => resolve(''));
      terminal.question(`${question} [y/N] `, resolve);
    });
    return /^y(es)?$/i.test(reply.trim());
  } finally {
    terminal.close();
  }
}
