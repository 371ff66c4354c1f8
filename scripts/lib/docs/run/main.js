// Loaded by the first click on Run or Edit (see theme/blocks.js): runs the code of a block, or makes it editable.
import { element, showRun } from './output.js';
import { startRun } from './start-run.js';

/** The code as the block shows it. */
const shownCode = (block) => block.dataset.code ?? block.querySelector('pre')?.textContent ?? '';

/** The code to run: what the reader has typed, or the block's, without its types. */
function codeOf(block) {
  const editor = block.querySelector('textarea');
  return editor ? editor.value : (block.dataset.js ?? shownCode(block));
}

function outputOf(block) {
  const present = block.querySelector('.run-output');
  if (present) return present;
  const output = element('div', { class: 'run-output', role: 'region', 'aria-label': 'Result of the run' });
  output.setAttribute('aria-live', 'polite');
  block.append(output);
  return output;
}

/** What each block runs now. */
const running = new WeakMap();

/** Starts a run, in the place of the one that the block shows. */
function start(block) {
  running.get(block)?.end();
  const output = outputOf(block);
  const runs = block.querySelector('.run-button');
  const run = startRun(codeOf(block), block.querySelector('select')?.value ?? '', (state) => {
    showRun(output, state);
    if (!state.isDone) return;
    running.delete(block);
    runs.textContent = 'Run';
  });
  running.set(block, run);
  runs.textContent = 'Stop';
}

/** Run, or Stop while the code runs. */
function run(block) {
  const current = running.get(block);
  if (current) current.stop();
  else start(block);
}

function edit(block) {
  const present = block.querySelector('textarea');
  if (present) return present.focus();
  const pre = block.querySelector('pre');
  const code = (block.dataset.js ?? shownCode(block)).trimEnd();
  const editor = /** @type {HTMLTextAreaElement} */ (
    element('textarea', { spellcheck: 'false', autocapitalize: 'off', 'aria-label': 'Code to run' })
  );
  editor.value = code;
  editor.rows = code.split('\n').length + 1;
  editor.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) start(block);
  });
  if (pre) pre.hidden = true;
  block.querySelector('.bar').after(...(pre ? [pre] : []), editor);
  if (block.dataset.js) editor.before(element('p', { class: 'note' }, 'JavaScript: the page runs no types.'));
  editor.focus();
}

/** Back to the code as the page has it. */
function restore(block) {
  running.get(block)?.end();
  running.delete(block);
  block.querySelector('.run-button').textContent = 'Run';
  block.querySelector('textarea')?.remove();
  block.querySelector('.note')?.remove();
  const pre = block.querySelector('pre[hidden]');
  if (pre) pre.hidden = false;
  block.querySelector('.run-output')?.remove();
}

/** @type {any} */ (window).cortexRun = { run, edit, restore };
