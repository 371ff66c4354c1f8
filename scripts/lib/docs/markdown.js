// The guide for programs that read docs: each page as Markdown beside its HTML, and llms.txt that lists them.
import { basename } from 'node:path';

const LINK = /(\]\()([^)\s]+)(\))/g;
const isRelative = (target) => !/^([a-z]+:|#|\/)/i.test(target);

/** The addresses in a page that TypeDoc has made, in their order. */
const addressesIn = (content) =>
  [...content.matchAll(/<a [^>]*?href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

/**
 * The source of a page, with links that lead where those of its HTML lead: to Markdown, if there is some beside it.
 *
 * @param {string} text
 * @param {string} content the page's HTML
 */
export function markdownFor(text, content) {
  const addresses = addressesIn(content);
  return text.replaceAll(LINK, (whole, before, target, after) => {
    if (!isRelative(target)) return whole;
    const [file = '', anchor] = target.split('#');
    const hash = anchor ? `#${anchor}` : '';
    const name = basename(file).toLowerCase();
    const found = addresses.find((href) => basename(href.split('#')[0] ?? '').toLowerCase() === name);
    if (found) return `${before}${found.split('#')[0]}${hash}${after}`;
    const page = /\.md$/.test(file)
      ? name === 'readme.md'
        ? file.split('/').at(-2)
        : basename(name, '.md')
      : undefined;
    return page ? `${before}${page}.md${hash}${after}` : whole;
  });
}

/**
 * @param {{ url: string, title: string, description: string, markdown?: string }[]} pages
 * @param {[string, string[]][]} groups titles, and the URLs of their pages
 */
export function llmsText(pages, groups) {
  const line = (url) => {
    const page = pages.find((one) => one.url === url);
    if (!page) throw new Error(`llms.txt: there is no page ${url}`);
    return `- [${page.title}](${url.replace(/html$/, 'md')}): ${page.description.replaceAll('&quot;', '"')}`;
  };
  return `# cortex-secrets

> An unofficial TypeScript client, OpenAPI description, command line and in-memory fake for the Cortex secrets API. It
> retries what is safe to retry, and its errors and events never contain keys or values.

${groups.map(([title, urls]) => `## ${title}\n\n${urls.map(line).join('\n')}`).join('\n\n')}

## API

- [openapi.yaml](openapi.yaml): the contract, OpenAPI 3.1
- [openapi-3.0.json](openapi-3.0.json): the contract for tools that know OpenAPI 3.0 only
`;
}
