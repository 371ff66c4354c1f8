// Light, dark, or as the system: one choice for all parts of the site, kept in localStorage.

const system = matchMedia('(prefers-color-scheme: dark)');

function stored() {
  try {
    return ['light', 'dark'].includes(localStorage.theme) ? localStorage.theme : 'auto';
  } catch {
    return 'auto';
  }
}

function store(choice) {
  try {
    if (choice === 'auto') delete localStorage.theme;
    else localStorage.theme = choice;
  } catch {
    // From file:// some browsers have none: the choice holds for this page.
  }
}

/** `data-theme` is for the site's own style, the classes for Redoc's. */
function apply(choice) {
  const { classList, dataset } = document.documentElement;
  dataset.theme = choice === 'auto' ? 'os' : choice;
  if (!classList.contains('light') && !classList.contains('dark')) return;
  const isDark = choice === 'auto' ? system.matches : choice === 'dark';
  classList.toggle('dark', isDark);
  classList.toggle('light', !isDark);
}

export function startColours() {
  const select = /** @type {HTMLSelectElement | null} */ (document.querySelector('.site-theme select'));
  if (!select) return;
  select.value = stored();
  select.addEventListener('change', () => {
    store(select.value);
    apply(select.value);
  });
  system.addEventListener('change', () => apply(select.value));
}
