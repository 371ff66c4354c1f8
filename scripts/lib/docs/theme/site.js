// The script of every page.
import { addBar, copy } from './blocks.js';
import { startColours } from './colours.js';
import { watchRedoc } from './redoc.js';
import { startSearch } from './search-box.js';

const up = document.documentElement.dataset.up ?? '';

/** On a narrow screen the navigation opens by a button. */
function startMenu() {
  const nav = document.getElementById('site-nav');
  if (!nav) return;
  const menu = document.createElement('button');
  menu.type = 'button';
  menu.className = 'site-menu';
  menu.textContent = 'Menu';
  menu.setAttribute('aria-controls', 'site-nav');
  const set = (isOpen) => {
    nav.classList.toggle('open', isOpen);
    menu.setAttribute('aria-expanded', String(isOpen));
  };
  set(false);
  menu.addEventListener('click', () => set(!nav.classList.contains('open')));
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !nav.classList.contains('open')) return;
    set(false);
    menu.focus();
  });
  document.querySelector('.site-header')?.prepend(menu);
  nav.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
}

/** Without the address of the page: Redoc has its places there. */
document.querySelector('.skip')?.addEventListener('click', (event) => {
  const main = document.querySelector('main');
  if (!main) return;
  event.preventDefault();
  main.tabIndex = -1;
  main.focus();
});

startColours();
startSearch(up);
startMenu();
for (const block of document.querySelectorAll('.code')) addBar(block, up);
const copies = document.querySelector('.copy-page');
const source = document.getElementById('markdown');
copies?.addEventListener('click', () => copy(copies, JSON.parse(source?.textContent ?? '""')));
if (document.getElementById('redoc')) watchRedoc(up);
