// Adds Run to the TypeScript samples of the API reference, and Copy to the code in its text. Redoc draws them anew when the reader moves or chooses.
import { addBar, copyButton } from './blocks.js';

/**
 * @param {Element} panel the samples of a request
 * @param {string} up
 */
function update(panel, up) {
  const code = panel.querySelector('pre code[data-language="ts"]');
  const pre = code?.closest('pre');
  const place = pre?.parentElement;
  const present = /** @type {HTMLElement | null} */ (panel.querySelector('.sample-run'));
  const text = code?.textContent ?? '';
  if (present?.dataset.code === text && text !== '') return;
  present?.remove();
  if (!place || text === '') return;
  const block = document.createElement('div');
  block.className = 'code sample-run';
  block.dataset.run = '';
  block.dataset.code = text;
  addBar(block, up);
  panel.append(block);
}

/** Redoc's own button is only on samples. */
function addCopy(pre) {
  if (pre.previousElementSibling?.className === 'text-copy') return;
  const place = document.createElement('div');
  place.className = 'text-copy';
  place.append(copyButton(() => pre.textContent ?? ''));
  pre.before(place);
}

/** @param {string} up */
export function watchRedoc(up) {
  const updateAll = () => {
    for (const panel of document.querySelectorAll('.panel-request-samples')) update(panel, up);
    for (const pre of document.querySelectorAll('main [data-component-name="Markdown/Markdown"] > pre')) addCopy(pre);
  };
  let isPlanned = false;
  new MutationObserver(() => {
    if (isPlanned) return;
    isPlanned = true;
    setTimeout(() => {
      isPlanned = false;
      updateAll();
    }, 50);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
  updateAll();
}
