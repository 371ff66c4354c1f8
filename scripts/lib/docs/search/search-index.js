// The entries of the search, from the pages of guide and client, and from the contract.
import { placeOf } from '../api-page.js';
import { partOf } from '../layout.js';

const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", nbsp: ' ' };

/** @param {string} html */
export const textOf = (html) =>
  html
    .replaceAll(/<wbr\/?>|<code class="tsd-tag">[^<]*<\/code>/g, '')
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<a [^>]*class="tsd-anchor-icon"[^>]*>#<\/a>/g, '')
    .replaceAll(/<\/?(?:span|a|code|b|strong|em|small)\b[^>]*>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(lt|gt|amp|quot|#39|nbsp);/g, (_, name) => ENTITIES[name])
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Not the headings of TypeDoc's groups, such as Properties. */
const HEADING =
  /<h[23] (?!class="tsd-index-heading)(?![^>]*id="(?:properties|methods|constructors|accessors)(?:-1)?")[^>]*\bid="([^"]+)"[^>]*>([\s\S]*?)<\/h[23]>/g;

/** A parameter, or a field of one, in what TypeDoc writes. */
const NAME = /class="tsd-kind-(?:parameter|property)">([\w$]+)</g;

const TITLE = /<div class="tsd-page-title">[\s\S]*?<\/div>|<h1[\s\S]*?<\/h1>/;

/** A page as entries: its beginning, and each section. */
function entriesOf({ url, title, content }) {
  const part = partOf(url) ?? 'Guide';
  const headings = [...content.matchAll(HEADING)];
  const first = content.slice(0, headings[0]?.index);
  const entries = [{ url, title, page: title, part, text: textOf(first.replace(TITLE, '')) }];
  for (const [i, { index, 0: whole, 1: id, 2: name = '' }] of headings.entries()) {
    const html = content.slice(index + whole.length, headings[i + 1]?.index);
    if (html.includes('tsd-is-inherited') || />Inherited from </.test(html)) continue; // stands on another page
    const heading = textOf(name);
    const found = [...html.matchAll(NAME)].map(([, one]) => one).filter((one) => one !== heading);
    const names = [...new Set(found)];
    entries.push({
      url: `${url}#${id}`,
      title: heading,
      page: title,
      part,
      text: textOf(html),
      ...(names[0] && { names }),
    });
  }
  return entries;
}

const plain = (markdown) =>
  markdown
    .replaceAll(/[`*|#]|\]\([^)]*\)|\[/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The operations and sections of the API reference. */
function apiEntries({ paths, tags, info, components }) {
  const resolve = (one) => (one.$ref ? components.parameters[one.$ref.split('/').at(-1)] : one);
  const entry = (title, url, text) => ({ url, title, page: info.title, part: 'API', text: plain(text) });
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId, summary, description, parameters = [] }]) => {
      const all = parameters.map(resolve);
      const about = all.map((one) => `${one.name} ${one.description}`).join(' ');
      const text = `${operationId} ${method} ${path} ${description} ${about}`;
      return { ...entry(summary, `api.html${placeOf(operationId)}`, text), names: all.map(({ name }) => name) };
    }),
  );
  const [, ...sections] = tags[0].description.split(/^## /m);
  return [
    { ...entry(info.title, 'api.html', info.description) },
    ...operations,
    ...sections.map((section) => {
      const [name] = section.split('\n');
      return entry(name, `api.html${placeOf(name)}`, section.slice(name.length));
    }),
  ];
}

/**
 * @param {{ url: string, title: string, content: string }[]} pages
 * @param {any} contract
 * @returns {import('./rank.js').Entry[]}
 */
export function searchIndex(pages, contract) {
  const shown = pages.filter(({ url }) => !['index.html', 'modules.html'].includes(url));
  return [...shown.flatMap(entriesOf), ...apiEntries(contract)];
}
