// The frame of every page: head, header, navigation, contents of the page, previous and next page.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { escapeHtml } from './code-blocks.js';

function svg(width, height, inner) {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${inner}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

export const ICON = {
  /** In the place of Redoc's logo. */
  word: svg(40, 12, '<text y="10" font-family="sans-serif" font-size="11" fill="#3d86e0">Redoc</text>'),
  /** A keyhole. Without an icon every browser requests /favicon.ico. */
  page: svg(
    16,
    16,
    '<rect width="16" height="16" rx="4" fill="#1269c7"/><path d="M8 4a2 2 0 0 1 1 3.7V12H7V7.7A2 2 0 0 1 8 4" fill="#fff"/>',
  ),
};

/** The parts of the site, in the order of the header. */
export const PARTS = {
  Guide: 'guide/getting-started.html',
  Client: 'modules/cortex-secrets.html',
  API: 'api.html',
  'Command line': 'guide/cli.html',
};

/** @param {string} url a page's path in the site */
export const upFrom = (url) => '../'.repeat(url.split('/').length - 1);

/** @param {string} url */
export function partOf(url) {
  if (url === PARTS['Command line']) return 'Command line';
  if (url.startsWith('guide/')) return 'Guide';
  if (url === 'api.html') return 'API';
  return url === 'index.html' ? undefined : 'Client';
}

/** Before the first paint: the reader's choice, or the system's, for all parts and for Redoc. */
export const THEME_SCRIPT = `try{var t=localStorage.theme;if(t!=="light"&&t!=="dark")t="";document.documentElement.dataset.theme=t||"os";if(t)localStorage["redoc.colorMode"]=t;else localStorage.removeItem("redoc.colorMode")}catch{document.documentElement.dataset.theme="os"}`;

/** The header, the same on every page. */
export function siteHeader(url) {
  const up = upFrom(url);
  const current = partOf(url);
  const links = Object.entries(PARTS).map(([name, target]) => {
    const mark = name === current ? ` aria-current="${url === target ? 'page' : 'true'}"` : '';
    return `<a href="${up}${target}"${mark}>${name}</a>`;
  });
  const modes = ['auto', 'light', 'dark'].map((mode) => `<option value="${mode}">${mode}</option>`).join('');
  return `<header class="site-header">
<a class="skip" href="#content">Skip to content</a>
<a class="site-name" href="${up}index.html">cortex-secrets</a>
<nav aria-label="Parts of the site">${links.join('')}</nav>
<button type="button" class="site-search" aria-keyshortcuts="Control+K">Search <kbd>Ctrl K</kbd></button>
<label class="site-theme"><span class="hidden">Colours</span><select>${modes}</select></label>
</header>`;
}

/** "Edit this page", if package.json names a repository. */
export function editLink(repository, path) {
  const address = typeof repository === 'string' ? repository : repository?.url;
  const [, place] = /github(?:\.com[/:]|:)([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(address ?? '') ?? [];
  return place ? `<a class="edit" href="https://github.com/${place}/edit/main/${path}">Edit this page</a>` : '';
}

const tocHtml = (headings) => {
  const items = headings.map(
    ({ level, id, text }) => `<li class="level-${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return items.length > 1
    ? `<aside class="toc"><nav aria-labelledby="toc-title"><h2 id="toc-title">On this page</h2><ul>${items.join('')}</ul></nav></aside>`
    : '';
};

/** The navigation of a part, with the current page marked. */
function navHtml(groups, url) {
  const up = upFrom(url);
  const item = ({ title, url: target }) =>
    `<li><a href="${up}${target}"${target === url ? ' aria-current="page"' : ''}>${escapeHtml(title)}</a></li>`;
  const lists = groups.map(
    ({ title, pages }) =>
      `<li><details open><summary>${escapeHtml(title)}</summary><ul>${pages.map(item).join('')}</ul></details></li>`,
  );
  return `<nav class="site-nav" id="site-nav" aria-label="Pages"><ul>${lists.join('')}</ul></nav>`;
}

function pagerHtml(pages, url) {
  const index = pages.findIndex((page) => page.url === url);
  const up = upFrom(url);
  const link = (page, rel, name) =>
    page
      ? `<a rel="${rel}" href="${up}${page.url}"><small>${name}</small>${escapeHtml(page.title)}</a>`
      : '<span></span>';
  if (index < 0) return '';
  return `<nav class="pager" aria-label="Previous and next page">${link(pages[index - 1], 'prev', 'Previous')}${link(pages[index + 1], 'next', 'Next')}</nav>`;
}

/**
 * A whole page.
 *
 * @param {object} page
 * @param {string} page.url its path in the site
 * @param {string} page.title
 * @param {string} page.description
 * @param {string} page.content
 * @param {{ level: number, id: string, text: string }[]} [page.headings]
 * @param {{ title: string, pages: { title: string, url: string }[] }[]} [page.groups]
 * @param {string | undefined} [page.markdown] its source, for the button that copies it
 * @param {string} [page.edit]
 */
export function pageHtml({ url, title, description, content, headings = [], groups = [], markdown, edit = '' }) {
  const up = upFrom(url);
  const name = title === 'cortex-secrets' ? title : `${title} | cortex-secrets`;
  const pages = groups.flatMap((group) => group.pages);
  const file = url.split('/').at(-1)?.replace(/html$/, 'md');
  const source = markdown
    ? `<div class="page-tools"><button type="button" class="copy-page">Copy page as Markdown</button><a href="${file}">Markdown</a></div><script type="text/markdown" id="markdown">${JSON.stringify(markdown).replaceAll('<', '\\u003c')}</script>`
    : '';
  const nav = groups.length > 0 ? navHtml(groups, url) : '';
  return `<!DOCTYPE html>
<html lang="en" data-up="${up}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)}</title><meta name="description" content="${description}">
<link rel="icon" href="${ICON.page}"><link rel="stylesheet" href="${up}assets/site.css">
<script>${THEME_SCRIPT}</script><script defer src="${up}assets/site.js"></script></head>
<body${url === 'index.html' ? ' class="front"' : ''}>
${siteHeader(url)}
<div class="columns">
${nav}
<main id="content" tabindex="-1">${source}${content}
<footer>${edit}${pagerHtml(pages, url)}</footer></main>
${tocHtml(headings)}
</div></body></html>
`;
}

/** The description of a page: the first paragraph of its text. */
export function descriptionOf(content) {
  const [, first = ''] = /<p>([\s\S]*?)<\/p>/.exec(content) ?? [];
  const text = first
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('"', '&quot;')
    .trim();
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

export const packageJson = () =>
  JSON.parse(readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8'));
