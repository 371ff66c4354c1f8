// Renders the contract to one page that works offline and makes no network requests.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedDir } from './contract-dir.js';
import { redocly } from './redocly.js';

/** An inlined Redoc still loads its logo from a CDN; it is replaced by the word. */
const LOGO = /https:\/\/cdn\.redoc\.ly\/redoc\/[\w-]+\.svg/g;
const WORD = svg(40, 12, '<text y="10" font-family="sans-serif" font-size="11" fill="#3d86e0">Redoc</text>');
/** A keyhole. Without an icon every browser requests /favicon.ico. */
const ICON = svg(
  16,
  16,
  '<rect width="16" height="16" rx="4" fill="#1269c7"/><path d="M8 4a2 2 0 0 1 1 3.7V12H7V7.7A2 2 0 0 1 8 4" fill="#fff"/>',
);

/** Replaces colours of Redoc whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3). */
const STYLE = `
    html.light {
      --color-blue-5: #2459b8; --color-blue-6: #0b5fd3; --color-blue-7: #2459b8;
      --color-carrot-5: #9c5209; --color-carrot-7: #9c5209;
      --input-content-placeholder-color: #666875;
    }
    html.light .tag-get { --tag-color: #0f7a41; }
    html.light .tag-post { --tag-color: #1552d6; }
    html.light .tag-put { --tag-color: #985304; }
    html.dark {
      --input-content-placeholder-color: #a3a5b3;
      --code-block-tokens-keyword-color: #ff85bf;
    }
    html.dark [id*="[]"] .schema-name { color: #b3b0ff !important; }
`;

function svg(width, height, inner) {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${inner}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

/**
 * @param {string} page the path of the output file
 * @returns {Promise<number>} its size in bytes
 */
export async function buildDocs(page) {
  await mkdir(dirname(page), { recursive: true });
  const contract = join(generatedDir, 'openapi.yaml');
  const { code, stderr } = await redocly('build-docs', contract, '--output', page, '--inlineBundle');
  if (code !== 0) throw new Error(stderr);
  const html = await readFile(page, 'utf8');
  if (!LOGO.test(html)) throw new Error('Logo of Redoc not found; check which network requests the page makes.');
  const title = '<title>';
  if (!html.includes(title)) throw new Error('The page has no <title> to insert the icon before.');
  const offline = html
    .replaceAll(LOGO, WORD)
    .replace(title, `<link rel="icon" href="${ICON}">\n  ${title}`)
    // Last in the head, so that it overrides the style in Redoc's script.
    .replace('</head>', `  <style>${STYLE}</style>\n</head>`);
  await writeFile(page, offline);
  return Buffer.byteLength(offline);
}
