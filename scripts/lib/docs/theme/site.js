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

/** Only what scrolls is a stop of the Tab key, and a region for screen readers. */
function startTabStops() {
  const update = (entries) => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth;
      target.toggleAttribute('tabindex', scrolls);
      if (scrolls) target.tabIndex = 0;
      if (!target.hasAttribute('aria-label')) continue;
      if (scrolls) target.setAttribute('role', 'region');
      else target.removeAttribute('role');
    }
  };
  const observer = new ResizeObserver(update);
  for (const node of document.querySelectorAll('main :is(pre, .table, .tsd-signature)')) observer.observe(node);
}

startColours();
startSearch(up);
startMenu();
for (const block of document.querySelectorAll('.code')) addBar(block, up);
const copies = document.querySelector('.copy-page');
const source = document.getElementById('markdown');
copies?.addEventListener('click', () => copy(copies, JSON.parse(source?.textContent ?? '""')));
if (document.getElementById('redoc')) watchRedoc(up);
else startTabStops();
