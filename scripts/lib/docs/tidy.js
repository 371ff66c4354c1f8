// Changes what TypeDoc writes of a page where its options can't.
import { upFrom } from './layout.js';

/**
 * @param {string} html the contents of a page
 * @param {string} url its path in the site
 */
export function tidy(html, url) {
  html = html
    .replace('<!DOCTYPE html>', '')
    // Its icons come from a script that a page would have to load.
    .replaceAll(/<svg\b[^>]*>\s*<use href="[^"]*"><\/use>\s*<\/svg>/g, '')
    .replaceAll(/(<a [^>]*class="tsd-anchor-icon"[^>]*>)<\/a>/g, '$1#</a>')
    // A link to the start page: a folder is no page at file://.
    .replaceAll(/href="((?:\.\.\/)+|\.\/)(?=[#"])/g, 'href="$1index.html')
    // Of the front page, to what TypeDoc does not know.
    .replaceAll('href="site:', `href="${upFrom(url)}`)
    // A link within a summary is not reachable for everybody (axe: nested-interactive).
    .replaceAll(/<summary\b.*?<\/summary>/gs, (summary) =>
      summary.replaceAll(/<a [^>]*class="tsd-anchor-icon".*?<\/a>/gs, ''),
    )
    // A name or an option stays on one line: browsers break after each hyphen.
    .replaceAll(/<code>(?=[^<\s]{1,32}<\/code>)/g, '<code class="one">')
    .replaceAll(/<code>[^<\n]*<\/code>/g, (code) =>
      code.replaceAll(/(?<=[>\s])-[^\s<]{1,31}/g, '<span class="one">$&</span>'),
    )
    // The same links stand in the signature above it, and beside it.
    .replace(/<section class="tsd-panel-group tsd-index-group">[\s\S]*?<\/details><\/section><\/section>/, '')
    .replaceAll('<table>', '<div class="table" tabindex="0" role="region" aria-label="Table"><table>')
    .replaceAll('</table>', '</table></div>')
    .replaceAll('<div class="tsd-signature', '<div tabindex="0" class="tsd-signature');
  // The text has its own heading, and a path of one part leads nowhere.
  const isText = url === 'index.html' || url.startsWith('guide/');
  return isText ? html.replace(/<div class="tsd-page-title">.*?<\/div>/s, '') : html;
}
