/** Asks on the terminal: for a value that is not shown, and for a yes. */
import { createInterface } from 'node:readline';
import { Interrupted, UsageError } from '../exit.js';
import { HiddenInput, type PromptEnd } from './hidden-input.js';

/** The terminal marks a paste, so that its line breaks don't end the input. */
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const BELL = '\x07';

/** As long as the rest of an escape sequence may take on a slow connection. */
const ESCAPE_WAIT_MS = 500;
/** A paste arrives in one go. */
const PASTE_WAIT_MS = 2000;
/** A process that can't be stopped, since no shell waits for it, goes on by itself. */
const STOP_WAIT_MS = 300;

/** Reads a value from the terminal without showing it. A paste may have several lines. */
export async function promptHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  const input = new HiddenInput(() => stderr.write(BELL));
  let timer: NodeJS.Timeout | undefined;
  let isPasteNoted = false;
  const show = () => {
    stdin.setRawMode(true);
    stderr.write(`${question}${PASTE_ON}`);
  };
  const hide = () => {
    stdin.setRawMode(false);
    stderr.write(`${PASTE_OFF}\n`);
  };
  stdin.setEncoding('utf8');
  show();
  try {
    return await new Promise<string>((resolve, reject) => {
      const onEnd = (end: PromptEnd) => {
        if (end === 'done') resolve(input.text);
        else if (end === 'interrupted') reject(new Interrupted());
        else if (end === 'several lines') reject(new UsageError(SEVERAL_LINES, ['Use --value-file, or stdin.']));
        else suspend(hide, show);
      };
      const onPause = () => {
        input.pause();
        if (!input.isPasting || isPasteNoted) return;
        isPasteNoted = true;
        stderr.write('\nThe end of the paste has not arrived; Ctrl+C cancels\n');
      };
      stdin.on('data', (chunk: string) => {
        clearTimeout(timer);
        const end = input.type(chunk);
        if (end !== undefined) onEnd(end);
        else if (input.isWaiting) timer = setTimeout(onPause, input.isPasting ? PASTE_WAIT_MS : ESCAPE_WAIT_MS);
      });
      stdin.once('end', () => reject(new Interrupted()));
    });
  } finally {
    clearTimeout(timer);
    stdin.removeAllListeners('data').removeAllListeners('end').pause();
    hide();
  }
}

const SEVERAL_LINES = 'the prompt: several lines came at once, and the terminal does not mark them as a paste';

/** Gives the terminal back and stops, as Ctrl+Z does it, until the shell continues the job. */
function suspend(hide: () => void, show: () => void): void {
  if (process.platform === 'win32') {
    process.stderr.write(BELL);
    return;
  }
  const { stdin } = process;
  let timer: NodeJS.Timeout | undefined;
  const resume = () => {
    clearTimeout(timer);
    process.off('SIGCONT', resume);
    stdin.resume();
    show();
  };
  stdin.pause();
  hide();
  process.once('SIGCONT', resume);
  timer = setTimeout(resume, STOP_WAIT_MS);
  // The whole job, since npx and its shell wait for this process.
  process.kill(0, 'SIGTSTP');
}

/** Asks a question that only `y` or `yes` agrees to. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const reply = await new Promise<string>((resolve, reject) => {
      const endLine = () => process.stderr.write('\n'); // the terminal has not echoed a line break
      terminal
        .once('SIGINT', () => {
          endLine();
          reject(new Interrupted());
        })
        .once('close', () => {
          endLine();
          resolve('');
        });
      terminal.question(`${question} [y/N] `, (text) => {
        terminal.removeAllListeners('close');
        resolve(text);
      });
    });
    return /^y(es)?$/i.test(reply.trim());
  } finally {
    terminal.removeAllListeners('close');
    terminal.close();
  }
}
