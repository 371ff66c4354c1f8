// The blocks of code in Markdown: which of them run in the page, and what they become in HTML.
import { transformSync } from 'esbuild';

const RUNNABLE = new Set(['ts', 'js', 'tsx', 'typescript', 'javascript']);

/**
 * The parts of an info string, such as "ts file.ts no-run: needs Redis".
 *
 * @param {string} info
 * @returns `isCode`: JavaScript or TypeScript; `noRun`: why it can't run in a page; `fault`: the one that is chosen first
 */
export function parseInfo(info) {
  const [language = ''] = info.trim().split(/\s+/);
  const field = (name) => new RegExp(` ${name}: (.+)$`).exec(info.trim())?.[1];
  return { language, isCode: RUNNABLE.has(language), noRun: field('no-run'), fault: field('fault') };
}

/** Every fenced block of a Markdown text, with its info string. */
export function blocksOf(markdown) {
  return [...markdown.matchAll(/^```([^\n`]+)\n([\s\S]*?)^```$/gm)].map(({ 1: info, 2: code }) => ({
    ...parseInfo(info),
    code,
  }));
}

const isJavaScript = (code) => {
  try {
    transformSync(code, { loader: 'js', format: 'esm', logLevel: 'silent' });
    return true;
  } catch {
    return false;
  }
};

/**
 * The JavaScript that a page runs: the code as it is, or without its types.
 *
 * @returns {string | undefined} undefined if the code is JavaScript already
 * @throws an error of esbuild if the code has a mistake
 */
export function compiled(code) {
  try {
    const { code: javascript } = transformSync(code, {
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
    });
    return isJavaScript(code) ? undefined : javascript;
  } catch (error) {
    throw new Error(`This code does not compile; "no-run: REASON" behind its language excludes it:\n${code}`, {
      cause: error,
    });
  }
}

export const escapeHtml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** TypeDoc's `<pre>` as a block that scrolls with the keyboard too; one that runs is marked for site.js. */
export function blockHtml(pre, info, code) {
  const { isCode, noRun, fault } = parseInfo(info);
  const runs = isCode && !noRun;
  const javascript = runs ? compiled(code) : undefined;
  const inner = pre
    .replace(/<button\b[^>]*>[^<]*<\/button>/, '')
    .replaceAll('<br/>', '\n')
    .replace('<pre>', '<pre tabindex="0">')
    .trim();
  const data = `${runs ? ' data-run' : ''}${fault ? ` data-fault="${fault}"` : ''}${javascript ? ` data-js="${escapeHtml(javascript)}"` : ''}`;
  return `<div class="code"${data}>${inner}</div>\n`;
}

/** TypeDoc makes anchors and entries of a heading's text; the code in it is text too. */
function codeInHeadings({ tokens, Token }) {
  const html = (content) => Object.assign(new Token('html_inline', '', 0), { content });
  for (const [i, { type, children }] of tokens.entries()) {
    if (type !== 'inline' || tokens[i - 1]?.type !== 'heading_open') continue;
    tokens[i].children = children.flatMap((child) => {
      if (child.type !== 'code_inline') return [child];
      return [html('<code>'), Object.assign(new Token('text', '', 0), { content: child.content }), html('</code>')];
    });
  }
}

/** Makes a parser of markdown-it wrap each block, and read the code in headings. */
export function setUpParser(parser) {
  parser.core.ruler.push('code_in_headings', codeInHeadings);
  const { fence } = parser.renderer.rules;
  const seen = new Set();
  parser.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index];
    const { language } = parseInfo(info);
    // The highlighter gives up a line after 500 ms. The first one of a language, which compiles its grammar, takes that long on
    // a busy machine: its result is dropped.
    if (!seen.has(language)) fence(tokens, index, ...rest);
    seen.add(language);
    return blockHtml(fence(tokens, index, ...rest), info, content);
  };
}
