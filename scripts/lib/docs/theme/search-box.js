// The search: a dialog on every page, over all parts of the site. Its index is loaded when it is opened first.
import { rank } from '../search/rank.js';

let loading;
function loadIndex(up) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${up}assets/search.js`;
    script.onload = () => resolve(/** @type {any} */ (window).siteSearch);
    script.onerror = () => reject(new Error('assets/search.js could not be loaded'));
    document.head.append(script);
  });
  return loading;
}

const DIALOG = `<form method="dialog"><input type="search" role="combobox" aria-label="Search the docs" aria-expanded="true"
aria-controls="search-results" aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Search the docs">
<button>Close</button></form><div id="search-results" role="listbox" aria-label="Results"></div>
<p role="status"></p>`;

/** The part of a text around the first of the words. */
function excerpt(text, words) {
  const lower = text.toLowerCase();
  const at = Math.max(0, Math.min(...words.map((word) => lower.indexOf(word)).filter((index) => index >= 0)) || 0);
  // A whole word first.
  const start = at > 40 ? text.indexOf(' ', at - 40) + 1 : 0;
  return `${start > 0 ? '... ' : ''}${text.slice(start, start + 130)}`;
}

/** @param {string} up */
export function startSearch(up) {
  const trigger = /** @type {HTMLElement | null} */ (document.querySelector('.site-search'));
  if (!trigger) return;
  const dialog = document.createElement('dialog');
  dialog.className = 'search-dialog';
  dialog.setAttribute('aria-label', 'Search');
  dialog.innerHTML = DIALOG;
  document.body.append(dialog);
  const input = /** @type {HTMLInputElement} */ (dialog.querySelector('input'));
  const list = /** @type {HTMLElement} */ (dialog.querySelector('#search-results'));
  const status = /** @type {HTMLElement} */ (dialog.querySelector('p'));
  let chosen = 0;

  const choose = (index) => {
    const options = [...list.children];
    chosen = options.length === 0 ? 0 : (index + options.length) % options.length;
    for (const [i, option] of options.entries()) option.setAttribute('aria-selected', String(i === chosen));
    const option = options[chosen];
    if (option) input.setAttribute('aria-activedescendant', option.id);
    else input.removeAttribute('aria-activedescendant');
    option?.scrollIntoView({ block: 'nearest' });
  };
  const show = async () => {
    const query = input.value.trim();
    const index = await loadIndex(up);
    if (query !== input.value.trim()) return;
    const results = query ? rank(index, query).slice(0, 20) : [];
    list.replaceChildren(
      ...results.map(({ entry, words }, i) => {
        const option = document.createElement('a');
        option.id = `search-result-${i}`;
        option.setAttribute('role', 'option');
        option.href = up + entry.url;
        option.tabIndex = -1;
        const title = document.createElement('b');
        title.textContent = entry.title;
        const part = document.createElement('small');
        part.textContent = entry.page === entry.title ? entry.part : `${entry.part}: ${entry.page}`;
        const text = document.createElement('span');
        text.textContent = excerpt(entry.text, words);
        option.append(title, ' ', part, text);
        option.addEventListener('click', () => dialog.close());
        return option;
      }),
    );
    status.textContent = query ? `${results.length === 20 ? 'The first 20' : results.length} results` : '';
    choose(0);
  };
  const open = () => {
    if (!dialog.open) dialog.showModal();
    input.select();
    show();
  };
  input.addEventListener('input', show);
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') choose(chosen + 1);
    else if (event.key === 'ArrowUp') choose(chosen - 1);
    // Otherwise the first Escape only empties the field.
    else if (event.key === 'Escape') dialog.close();
    else if (event.key === 'Enter' && event.target === input)
      /** @type {HTMLElement | undefined} */ (list.children[chosen])?.click();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  trigger.addEventListener('click', open);
  // In the capture phase: Redoc has a search of its own on the same keys.
  window.addEventListener(
    'keydown',
    (event) => {
      const isTyping = event.target instanceof Element && event.target.matches('input, textarea, select');
      const isShortcut = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
      if (!isShortcut && !(event.key === '/' && !isTyping)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      open();
    },
    true,
  );
}
